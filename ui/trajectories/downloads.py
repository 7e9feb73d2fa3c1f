"""Downloads of a trajectory: its movie and its filmstrip, made at the press of their buttons."""

from functools import partial
from pathlib import Path

import streamlit as st

from analysis.series import Series, when
from exports import movie, trajectory
from exports.movie import Kind
from morphcore.frames import evenly
from store.trajectories import TrajectoryInfo
from wording.escapes import file_name

_MIME = {"mp4": "video/mp4", "gif": "image/gif"}


def show(store: Path, info: TrajectoryInfo, series: Series) -> None:
    """Show both downloads behind one button, so that the page stays short."""
    with st.popover("Movie or filmstrip", icon=":material/movie:"):
        _movie(store, info)
        st.divider()
        _strip(store, info, series)


def _movie(store: Path, info: TrajectoryInfo) -> None:
    kind: Kind = st.segmented_control(
        "Movie",
        ("mp4", "gif"),
        default="mp4",
        format_func=str.upper,
        required=True,
        key="movie_kind",
        help=f"Its gray frames with their times, up to {movie.MOST_FRAMES}; of more, as many are "
        "taken, evenly spaced. MP4 is small and has twice the size on screen; GIF plays anywhere.",
    )
    rate = st.selectbox(
        "Frames per second", movie.RATES, index=movie.RATES.index(20), key="movie_rate"
    )
    st.download_button(
        "Make the movie",
        partial(trajectory.movie_of, store, info.id, kind=kind, rate=rate),
        file_name=f"{file_name(info.name)}.{kind}",
        mime=_MIME[kind],
        key="movie_download",
        icon=":material/movie:",
        on_click="ignore",
        width="stretch",
        help="Takes some seconds.",
    )


def _strip(store: Path, info: TrajectoryInfo, series: Series) -> None:
    count = len(series.time)
    indices = st.multiselect(
        "Frames of the filmstrip",
        range(count),
        default=evenly(count, trajectory.STRIP, ends=True).tolist(),
        format_func=lambda index: when(series, index),
        max_selections=movie.MOST_IN_STRIP,
        key=f"strip_frames_{info.id}",
    )
    st.download_button(
        "Make the filmstrip (PNG)",
        partial(trajectory.strip_of, store, info.id, indices),
        file_name=f"{file_name(info.name)}-filmstrip.png",
        mime="image/png",
        key="strip_download",
        icon=":material/view_comfy:",
        on_click="ignore",
        width="stretch",
        disabled=not indices,
    )
