"""A picker of a stored frame by data set, trajectory and number, from 1 on."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import streamlit as st

from store import datasets as dataset_table
from store import trajectories
from store.db import open_store
from store.trajectories import UnknownFrame
from ui import links
from ui.cached import rows as cached_rows
from wording.escapes import plain


def pick(
    store: Path,
    dataset_id: int,
    key: str,
    on_change: Callable[[], None] | None = None,
    *,
    first: int = 0,
) -> int | None:
    """Three widgets -> a frame id; None where the store has no frames.

    They begin with the last frame of trajectory number `first` of the data set `dataset_id`. `key`
    distinguishes two pickers; what was picked is kept over pages.
    """
    with open_store(store) as db:
        filled = [dataset for dataset in dataset_table.all_datasets(db) if dataset.frames]
    serving_last = sorted(filled, key=lambda dataset: dataset.serves is not None)
    datasets = {dataset.id: dataset for dataset in serving_last}
    if not datasets:
        st.info("There are no frames to pick yet.", icon=":material/database:")
        return None
    state = st.session_state
    if state.get(f"{key}_dataset") not in datasets:
        state[f"{key}_dataset"] = dataset_id if dataset_id in datasets else next(iter(datasets))
    chosen = st.selectbox(
        "Data set",
        list(datasets),
        format_func=lambda row_id: datasets[row_id].name,
        key=f"{key}_dataset",
        persist_state="session",
        on_change=on_change,
    )
    infos = {
        info.id: info
        for info in cached_rows.trajectory_list(store, chosen, datasets[chosen].frames)
    }
    if state.get(f"{key}_trajectory") not in infos:
        state[f"{key}_trajectory"] = list(infos)[first]
    trajectory_id = st.selectbox(
        "Trajectory",
        list(infos),
        format_func=lambda row_id: infos[row_id].name,
        key=f"{key}_trajectory",
        persist_state="session",
        on_change=on_change,
    )
    count = infos[trajectory_id].frame_count
    number = 1
    if count > 1:  # a slider needs two ends
        state[f"{key}_number"] = min(state.get(f"{key}_number", count), count)
        number = st.slider(
            f"Frame, of {count:,}",
            1,
            count,
            key=f"{key}_number",
            persist_state="session",
            on_change=on_change,
        )
    with open_store(store) as db:
        return int(trajectories.frame_ids_of(db, trajectory_id)[number - 1])


def point_at(store: Path, frame_id: int, key: str) -> None:
    """Have the picker of this key show a frame; to be called before its widgets are made.

    Raises:
        UnknownFrame: if the store has no such frame.
    """
    with open_store(store) as db:
        info = trajectories.frame_info(db, frame_id)
    st.session_state[f"{key}_dataset"] = info.trajectory.dataset_id
    st.session_state[f"{key}_trajectory"] = info.trajectory.id
    st.session_state[f"{key}_number"] = info.index + 1


def pick_linked(store: Path, dataset_id: int, key: str, link: str, *, first: int = 0) -> int | None:
    """Pick a frame as `pick` does, with the address: `?link=ID` is followed once, then written."""
    linked = links.text_param(link)
    if linked is not None and st.session_state.get(f"{key}_linked") != linked:
        point_at_link(store, key, link)
    frame_id = pick(store, dataset_id, key, first=first)
    if frame_id is not None:
        st.session_state[f"{key}_linked"] = str(frame_id)
        links.set_params({link: frame_id})
    return frame_id


def point_at_link(store: Path, key: str, link: str) -> bool:
    """Have a picker show the frame that the address names; False, and a warning, without one."""
    frame_id = links.int_param(link)
    if frame_id is not None:
        with suppress(UnknownFrame):
            point_at(store, frame_id, key)
            return True
    st.warning(
        f"The store has no frame {plain(links.text_param(link) or '')}; pick another one.",
        icon=":material/link_off:",
    )
    return False
