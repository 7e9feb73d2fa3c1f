"""Play trajectories, one or several together, see their numbers over time, and go on from there."""

from pathlib import Path

import streamlit as st

from analysis import series as trajectory_series
from analysis.latent_path import LatentPath
from analysis.latent_space import LatentSpace
from analysis.series import Series
from charts.trajectory import fastest, over_time_charts
from morphcore import times
from store.datasets import Dataset
from store.trajectories import TrajectoryInfo
from ui import failures, schemes, shell
from ui import header as header_line
from ui.cached import analysis as cached_analysis
from ui.cached import rows as cached_rows
from ui.frame import card
from ui.player import component
from ui.player.component import PlayerTrack
from ui.selection import choose_dataset, choose_run_on
from ui.trajectories import companions, downloads, picker, together
from ui.trajectories.picker import PlayerPosition
from wording import geometry
from wording.escapes import file_name, plain


def _facts(info: TrajectoryInfo, series: Series) -> str:
    """The facts of a trajectory, in a line: family, properties, frames, times, edges, source."""
    parts = [info.family] if info.family not in (None, "neutral") else []
    parts += [f"{name} {value:g}" for name, value in sorted(info.params.items(), key=_phi_first)]
    parts += [f"{name} {word}" for name, word in sorted(info.labels.items())]
    parts.append("1 frame" if info.frame_count == 1 else f"{info.frame_count:,} frames")
    first, last = times.number(series.time[0]), times.number(series.time[-1])
    if info.time_unit == times.STEPS:
        parts.append(f"simulation steps {first} to {last}")
    elif times.known(info.time_unit):
        parts.append(f"{first} to {last} {info.time_unit}")
    else:
        parts.append("no times known: a frame's number stands for its time")
    if info.pixel_size is not None:
        parts.append(geometry.pixel_size(info.pixel_size, info.length_unit))
    parts.append(geometry.edges((info.periodic, info.periodic_y)))
    if info.source_file:
        parts.append(f"read from {info.source_file}")
    return " · ".join(map(plain, parts))


def _file_time(time: float) -> str:
    """A time in a file's name: whole ones with leading zeros, so that names sort by time."""
    return f"{int(time):06d}" if time.is_integer() else f"{time:.10g}"


def _phi_first(param: tuple[str, float]) -> tuple[bool, bool, str]:
    return param[0] != "phi", param[0] != "chi", param[0]


@failures.fragment
def _play(
    store: Path,
    info: TrajectoryInfo,
    series: Series,
    path: LatentPath | None,
    position: PlayerPosition,
    version: str,
) -> None:
    """The player, and ways on from its frame; only this part runs again when it moves."""
    index = component.show_one(
        PlayerTrack(
            name=info.name,
            colour=None,
            series=series,
            film=cached_rows.trajectory_film(store, info.id),
        ),
        over_time_charts([series], [path], [info.name]),
        fastest(series, path),
        start=position.start,
        visit=position.visit,
        version=version,
    )
    picker.rest_at(position, index, series.frame_ids[index])
    _onward(store, info, series, index)


def _onward(store: Path, info: TrajectoryInfo, series: Series, index: int) -> None:
    """What one can do with the frame that is shown, and with the whole trajectory."""
    frame_id = series.frame_ids[index]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.page_link(
            "pages/compare.py",
            label="Find similar frames",
            icon=":material/search:",
            query_params={"frame": str(frame_id)},
        )
        st.page_link(
            "pages/map.py",
            label="Show on the map",
            icon=":material/scatter_plot:",
            query_params={"frame": str(frame_id)},
        )
        st.download_button(
            "This frame (PNG)",
            cached_rows.png(store, frame_id),
            file_name=f"{file_name(info.name)}_{_file_time(series.time[index])}.png",
            mime="image/png",
            icon=":material/image:",
            on_click="ignore",
            help="As it is stored, in all its gray levels.",
        )
        st.download_button(
            "All numbers (CSV)",
            trajectory_series.as_csv(series),
            file_name=f"{file_name(info.name)}.csv",
            mime="text/csv",
            icon=":material/table:",
            on_click="ignore",
            help="For every frame: its id, index, time, area fraction, L and contrast.",
        )
        downloads.show(store, info, series)


def _series(store: Path, dataset: Dataset, info: TrajectoryInfo) -> Series:
    return trajectory_series.of_trajectory(
        cached_rows.frame_table(store, dataset.id, dataset.frames),
        cached_rows.descriptors_of(store, dataset.id, dataset.frames),
        info.id,
        info.time_unit,
        pixel_size=info.pixel_size,
        length_unit=info.length_unit,
    )


def _page(store: Path) -> None:
    header = header_line.show(
        "Trajectories", "A trajectory played, with its numbers over time; up to four side by side."
    )
    if not picker.follow_link(store):
        st.warning(
            "The link asks for a frame or trajectory that is not in this store (any more).",
            icon=":material/link_off:",
        )
    dataset = choose_dataset(store, header)
    if dataset is None:
        return
    run = choose_run_on(store, dataset.id, header)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        info = picker.choose_trajectory(store, dataset)
        if info is None:
            return
        infos = [info]
        if info.frame_count > 1:
            all_infos = cached_rows.trajectory_list(store, dataset.id, dataset.frames)
            infos += companions.choose_companions(all_infos, info)
        sync = companions.choose_sync(len(infos), aligned=run is not None)
    space: LatentSpace | None = None
    if run is not None:
        space = cached_analysis.latent_space_of(store, run)
    trajectories = [_series(store, dataset, own) for own in infos]
    paths = [
        None if space is None else cached_analysis.latent_path(store, space, own.id, own.time_unit)
        for own in infos
    ]
    facts = [_facts(own, series) for own, series in zip(infos, trajectories, strict=True)]
    if len(infos) > 1:
        facts = [f"{a}: {b}" for a, b in zip(together.LETTERS, facts, strict=False)]
        header.about.markdown(companions.ABOUT)
    header.about.caption("  \n".join(facts))
    schemes.clock(store, [(own.dataset_id, own.chi) for own in infos])
    if space is None:
        header.about.caption(
            "No model is trained on this data set and has indexed it, so latents are not shown."
        )
    if len(infos) > 1:
        together.show(store, infos, trajectories, space, paths, sync)
    elif info.frame_count == 1:
        st.info(
            "This trajectory has one frame, so there is nothing to play and no curve over time.",
            icon=":material/image:",
        )
        position = picker.position_in(store, info)
        picker.rest_at(position, 0, trajectories[0].frame_ids[0])
        with st.columns([2, 1])[0]:
            card.show(store, trajectories[0].frame_ids[0], links=False)
        _onward(store, info, trajectories[0], 0)
    else:
        position = picker.position_in(store, info)
        version = f"checkpoint {0 if space is None else space.checkpoint.id}"
        _play(store, info, trajectories[0], paths[0], position, version)


shell.enter()
_page(cached_rows.store_path())
