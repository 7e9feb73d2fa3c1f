"""Synchronised playback of several trajectories, and the alignment of two by a model."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from analysis import alignment as time_alignment
from analysis import playback_sync
from analysis.alignment import TimeAlignment
from analysis.latent_path import LatentPath
from analysis.latent_space import LatentSpace
from analysis.playback_sync import NotTogether, PlaybackSync, SyncMode
from analysis.series import Series
from charts.palette import CATEGORICAL
from charts.trajectory import Chart, alignment_charts, measured_pairs, over_time_charts
from morphcore import times as clock
from morphcore.frames import rows_of
from store.trajectories import TrajectoryInfo
from ui import failures, links
from ui.cached import analysis as cached_analysis
from ui.cached import rows as cached_rows
from ui.player import component
from ui.player.component import PlayerTrack, Rest
from ui.trajectories import companions
from wording import alignment as time_alignment_words
from wording.escapes import plain

LETTERS = "ABCD"


def show(
    store: Path,
    infos: Sequence[TrajectoryInfo],
    series: Sequence[Series],
    space: LatentSpace | None,
    paths: Sequence[LatentPath | None],
    sync: SyncMode,
) -> None:
    """Show the player and the frames at which it rests, or why they cannot be synchronised so."""
    names = [f"{letter} · {info.name}" for letter, info in zip(LETTERS, infos, strict=False)]
    charts = over_time_charts(series, paths, names)
    playback: PlaybackSync | None
    try:
        if sync == "aligned" and space is not None:
            playback, more = _aligned(store, space, infos, series)
            charts = more + charts
        else:
            playback = _synchronised(sync, series, [info.name for info in infos])
    except NotTogether as reason:
        st.info(plain(str(reason)), icon=":material/sync_problem:")
        return
    checkpoint = 0 if space is None else space.checkpoint.id
    ids = tuple(info.id for info in infos)
    start = _start(series, playback, companions.last_indices(ids))
    position = companions.position_of((*ids, sync, checkpoint if sync == "aligned" else 0), start)
    tracks = [
        PlayerTrack(
            name=name,
            colour=colour,
            series=values,
            film=cached_rows.trajectory_film(store, info.id),
        )
        for name, colour, values, info in zip(names, CATEGORICAL, series, infos, strict=False)
    ]
    _play(infos, tracks, playback, charts, position, sync, f"checkpoint {checkpoint}")


@failures.fragment
def _play(
    infos: Sequence[TrajectoryInfo],
    tracks: Sequence[PlayerTrack],
    playback: PlaybackSync | None,
    charts: Sequence[Chart],
    position: companions.TogetherPosition,
    sync: SyncMode,
    version: str,
) -> None:
    """Show the player, and ways on from its frames; only this part runs again when it moves."""
    rest = component.show_together(
        tracks, playback, charts, start=position.start, visit=position.visit, version=version
    )
    indices = ",".join(map(str, rest.indices))
    at = indices if playback is None else playback.values[rest.position]
    companions.rest_at(position, rest, ids=[info.id for info in infos], sync=sync, at=at)
    frame_ids = [
        track.series.frame_ids[index] for track, index in zip(tracks, rest.indices, strict=True)
    ]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.page_link(
            "pages/compare.py",
            label="Compare A and B as they stand",
            icon=":material/compare:",
            query_params={"frame": str(frame_ids[0]), "with": str(frame_ids[1])},
        )
        for letter, frame_id in zip(LETTERS, frame_ids, strict=False):
            st.page_link(
                "pages/compare.py",
                label=f"Find frames similar to {letter}",
                icon=":material/search:",
                query_params={"frame": str(frame_id)},
            )


def _synchronised(
    sync: SyncMode, series: Sequence[Series], names: Sequence[str]
) -> PlaybackSync | None:
    if sync == "step":
        return playback_sync.by_time(series)
    return playback_sync.by_length(series, names) if sync == "L" else None


def _aligned(
    store: Path, space: LatentSpace, infos: Sequence[TrajectoryInfo], series: Sequence[Series]
) -> tuple[PlaybackSync, list[Chart]]:
    """Show the alignment of two trajectories in a sentence; returns its pairs and its charts.

    Raises:
        NotTogether: if one of them has no frame that has separated.
    """
    alignment = cached_analysis.aligned(store, space, infos[0].id, infos[1].id)
    if alignment is None:
        raise NotTogether("One of them has no frame that has separated, so nothing can be aligned.")
    a, b = (
        rows_of(np.array(values.frame_ids, dtype=np.int64), frame_ids).tolist()
        for values, frame_ids in zip(series, (alignment.a, alignment.b), strict=True)
    )
    alignment = _with_stretches(alignment, series, (a, b))
    st.markdown(
        plain(time_alignment_words.sentence(alignment, series, (a, b))),
        help="Both trajectories are aligned by dynamic time warping of their latents (Sakoe and "
        "Chiba, 1978). 1 scatter unit is how far apart the model puts two realisations of one "
        "process; "
        + (
            ""
            if alignment.same_within is None
            else f"within {alignment.same_within:.1f} units counts as together; "
        )
        + "stretches shorter than a twentieth of the alignment are not distinguished.",
    )
    playback = playback_sync.along(series[0], series[1], (a, b))
    return playback, alignment_charts(alignment, series, (a, b))


def _with_stretches(
    alignment: TimeAlignment, series: Sequence[Series], indices: tuple[list[int], list[int]]
) -> TimeAlignment:
    """Add the stretches of an alignment, with the descriptors and the times of its pairs."""
    (a, b), (at_a, at_b) = series, indices
    both_in_steps = a.time_unit == b.time_unit and clock.known(a.time_unit)
    times = (measured_pairs(a.time, at_a), measured_pairs(b.time, at_b))
    return time_alignment.with_stretches(
        alignment,
        lengths=(measured_pairs(a.length, at_a), measured_pairs(b.length, at_b)),
        fractions=(measured_pairs(a.fraction, at_a), measured_pairs(b.fraction, at_b)),
        times=times if both_in_steps else None,
    )


def _start(series: Sequence[Series], playback: PlaybackSync | None, last: tuple[int, ...]) -> Rest:
    """The player's first position: that of the link, else the first trajectory's last frame.

    That was in the player of one, which left its frame in the link, or together with others.
    """
    linked, frame_id = links.has_param("at"), links.int_param("frame")
    if playback is None:
        rested = last if len(last) == len(series) else (0,) * len(series)
        indices = tuple(playback_sync.offsets(series, links.ids_param("at")) if linked else rested)
        return Rest(indices[0], indices)
    if linked:
        numbers = links.numbers_param("at")
        position = playback_sync.position(playback, numbers[0]) if len(numbers) == 1 else 0
    else:
        if frame_id in series[0].frame_ids:
            last = (series[0].frame_ids.index(frame_id),)
        position = playback_sync.position_of(playback, last[0]) if last else 0
    return Rest(position, tuple(indices[position] for indices in playback.indices))
