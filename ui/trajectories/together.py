"""Several trajectories of a data set, played together, and two of them aligned by a model."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from analysis import alignment, playback_sync
from analysis.alignment import TimeAlignment
from analysis.latent_path import LatentPath
from analysis.latent_space import LatentSpace
from analysis.playback_sync import NotTogether, PlaybackSync, SyncMode
from analysis.series import Series
from charts.palette import CATEGORICAL
from charts.trajectory import Chart, alignment_charts, measured_pairs, over_time_charts
from morphcore.frames import rows_of
from store.trajectories import TrajectoryInfo
from ui import links
from ui.cached import analysis as cached_analysis
from ui.cached import rows as cached_rows
from ui.frame import card
from ui.player import component
from ui.player.component import PlayerTrack, Rest
from ui.trajectories import companions
from wording import alignment as time_alignment_words

LETTERS = "ABCD"


def show(
    store: Path,
    infos: Sequence[TrajectoryInfo],
    films: Sequence[Series],
    space: LatentSpace | None,
    paths: Sequence[LatentPath | None],
    sync: SyncMode,
) -> None:
    """The player, and the frames at which it rests; or why they cannot go together so."""
    names = [f"{letter} · {each.name}" for letter, each in zip(LETTERS, infos, strict=False)]
    charts = over_time_charts(films, paths, names)
    joined: PlaybackSync | None
    try:
        if sync == "aligned" and space is not None:
            joined, more = _aligned(store, space, infos, films)
            charts = more + charts
        else:
            joined = _joined(sync, films, [each.name for each in infos])
    except NotTogether as reason:
        st.info(str(reason), icon=":material/sync_problem:")
        return
    checkpoint = 0 if space is None else space.checkpoint.id
    ids = tuple(each.id for each in infos)
    start = _start(films, joined, companions.last_places(ids))
    place = companions.place_of((*ids, sync, checkpoint if sync == "aligned" else 0), start)
    shown = [
        PlayerTrack(
            name=name,
            colour=colour,
            series=film,
            packed=cached_rows.trajectory_bits(store, info.id),
        )
        for name, colour, film, info in zip(names, CATEGORICAL, films, infos, strict=False)
    ]
    _play(store, infos, shown, joined, charts, place, sync, f"checkpoint {checkpoint}")


@st.fragment
def _play(
    store: Path,
    infos: Sequence[TrajectoryInfo],
    films: Sequence[PlayerTrack],
    joined: PlaybackSync | None,
    charts: Sequence[Chart],
    place: companions.TogetherPosition,
    sync: SyncMode,
    version: str,
) -> None:
    """Only this part runs again when the player moves."""
    rest = component.show_together(
        films, joined, charts, start=place.start, visit=place.visit, version=version
    )
    at = ",".join(map(str, rest.places)) if joined is None else joined.values[rest.position]
    companions.rest_at(place, rest, ids=[each.id for each in infos], sync=sync, at=at)
    frame_ids = [film.series.frame_ids[at] for film, at in zip(films, rest.places, strict=True)]
    for column, letter, frame_id in zip(
        st.columns(len(films), gap="medium"), LETTERS, frame_ids, strict=False
    ):
        with column:
            st.markdown(f"**{letter} in gray levels, as stored**")
            card.show(store, frame_id)
    st.page_link(
        "pages/compare.py",
        label="Compare A and B as they stand",
        icon=":material/compare:",
        query_params={"frame": str(frame_ids[0]), "with": str(frame_ids[1])},
    )


def _joined(sync: SyncMode, films: Sequence[Series], names: Sequence[str]) -> PlaybackSync | None:
    if sync == "step":
        return playback_sync.by_time(films)
    return playback_sync.by_length(films, names) if sync == "L" else None


def _aligned(
    store: Path, space: LatentSpace, infos: Sequence[TrajectoryInfo], films: Sequence[Series]
) -> tuple[PlaybackSync, list[Chart]]:
    """The alignment of two films: said in a sentence, its pairs, and its charts.

    Raises:
        NotTogether: if one of them has no frame that has separated.
    """
    found = cached_analysis.aligned(store, space, infos[0].id, infos[1].id)
    if found is None:
        raise NotTogether("One of them has no frame that has separated, so nothing can be aligned.")
    a, b = (
        rows_of(np.array(film.frame_ids, dtype=np.int64), frame_ids).tolist()
        for film, frame_ids in zip(films, (found.a, found.b), strict=True)
    )
    found = _told(found, films, (a, b))
    st.markdown(
        time_alignment_words.sentence(found, films, (a, b)),
        help="Both films are aligned by dynamic time warping of their latents (Sakoe and Chiba, "
        "1978). 1 scatter unit is how far apart the model puts two realisations of one process; "
        + (
            ""
            if found.same_within is None
            else f"within {found.same_within:.1f} units counts as together; "
        )
        + "stretches shorter than a twentieth of the alignment are not told apart.",
    )
    return playback_sync.along(films[0], films[1], (a, b)), alignment_charts(found, films, (a, b))


def _told(
    found: TimeAlignment, films: Sequence[Series], places: tuple[list[int], list[int]]
) -> TimeAlignment:
    """What sets the films apart, from what is measured on their frames."""
    (a, b), (at_a, at_b) = films, places
    known = a.time_unit == b.time_unit == "step"
    return alignment.with_stretches(
        found,
        lengths=(measured_pairs(a.length, at_a), measured_pairs(b.length, at_b)),
        fractions=(measured_pairs(a.fraction, at_a), measured_pairs(b.fraction, at_b)),
        times=(measured_pairs(a.time, at_a), measured_pairs(b.time, at_b)) if known else None,
    )


def _start(films: Sequence[Series], joined: PlaybackSync | None, last: tuple[int, ...]) -> Rest:
    """Where the player begins: as the link says, else where the first film was seen last.

    That was in the player of one, which left its frame in the link, or together with others.
    """
    asked, frame_id = links.text_param("at"), links.int_param("frame")
    if joined is None:
        seen = last if len(last) == len(films) else (0,) * len(films)
        places = tuple(seen if asked is None else playback_sync.offsets(films, asked))
        return Rest(places[0], places)
    if asked is not None:
        position = playback_sync.position(joined, asked)
    else:
        if frame_id in films[0].frame_ids:
            last = (films[0].frame_ids.index(frame_id),)
        position = playback_sync.position_of(joined, last[0]) if last else 0
    return Rest(position, tuple(own[position] for own in joined.places))
