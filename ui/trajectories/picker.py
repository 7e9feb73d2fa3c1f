"""Picker of a trajectory by name, by parameters or by a link, with the frame to start at.

The link follows the choice: `?dataset=ID&traj=ID&frame=ID`, the frame being that at which the
player rests. `?frame=ID` or `?traj=ID` alone is enough to come here from elsewhere. Further ids,
`?traj=ID,ID`, are its companions, see `ui.trajectories.companions`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from store import trajectories
from store.datasets import Dataset
from store.db import open_store
from store.trajectories import FrameInfo, TrajectoryInfo, UnknownFrame
from ui import failures, links
from ui.cached import rows as cached_rows
from ui.player import component

_POSITION = "trajectory_position"  # the last one, kept while other pages are open


@dataclass(frozen=True)
class PlayerPosition:
    """A trajectory and the frame of it that is shown."""

    trajectory_id: int
    index: int
    visit: int  # rises whenever the player has to begin anew
    start: int  # the frame at which it then began


def follow_link(store: Path) -> bool:
    """Complete a link that names only a frame or a trajectory, before a data set is chosen.

    False where it names one that the store does not have; that is then taken out of the link.
    """
    trajectory_id = linked_trajectory()
    if links.has_param("frame"):
        info = _frame_info(store, links.int_param("frame"))
        if info is None:
            links.drop_params("frame")
            return False
        if trajectory_id is None:
            _name_trajectory(info)
    elif links.has_param("traj") and not links.has_param("dataset"):
        info = _first_frame(store, trajectory_id)
        if info is None:
            links.drop_params("traj")
            return False
        links.set_params({"dataset": info.trajectory.dataset_id})
    return True


def linked_trajectory() -> int | None:
    """The id of the trajectory in the link, the first where there are several."""
    return next(iter(links.ids_param("traj")), None)


def linked_companions() -> list[int]:
    """The ids of the trajectories in the link after the first."""
    return links.ids_param("traj")[1:]


def choose_trajectory(store: Path, dataset: Dataset) -> TrajectoryInfo | None:
    """Choose one of a data set's trajectories, narrowed by phi and chi where these differ.

    None, and a line on why, where no trajectory has both chosen values.
    """
    infos = cached_rows.trajectory_list(store, dataset.id, dataset.frames)
    by_id = {info.id: info for info in infos}
    linked = linked_trajectory()
    if linked in by_id and linked != st.session_state.get("traj_id"):
        st.session_state["traj_id"] = linked
        st.session_state["traj_phi"] = st.session_state["traj_chi"] = None
    phis, chis = _distinct([info.phi for info in infos]), _distinct([info.chi for info in infos])
    name_slot = st.container(
        width="content"
    )  # filled last: what it offers depends on the other two
    phi = _narrow("traj_phi", "Blend ratio phi", "phi", phis)
    chi = _narrow("traj_chi", "Interaction chi", "chi", chis)
    options = [
        info.id
        for info in infos
        if (phi is None or info.phi == phi) and (chi is None or info.chi == chi)
    ]
    if not options:
        st.info("No trajectory has this phi and this chi together. Set one of them to “any”.")
        return None
    if st.session_state.get("traj_id") not in options:
        st.session_state["traj_id"] = options[0]
    chosen = name_slot.selectbox(
        f"Trajectory ({len(options)} of {len(infos)})",
        options,
        format_func=lambda id_: by_id[id_].name,
        key="traj_id",
        on_change=_to_link,
        args=(store,),
        persist_state="session",
        label_visibility="collapsed",
        width=240,
    )
    return by_id[chosen]


def position_in(store: Path, info: TrajectoryInfo) -> PlayerPosition:
    """The player's position: that of the link, else the last one, else the first frame."""
    last = st.session_state.get(_POSITION)
    if not isinstance(last, PlayerPosition) or last.trajectory_id != info.id:
        last = PlayerPosition(
            info.id, 0, last.visit + 1 if isinstance(last, PlayerPosition) else 1, 0
        )
    linked = _frame_info(store, links.int_param("frame"))
    index = last.index
    if linked is not None and linked.trajectory.id == info.id:
        index = linked.index
    if index != last.index or not component.is_open(component.ONE):
        last = PlayerPosition(info.id, index, last.visit + 1, index)
    st.session_state[_POSITION] = last
    return last


def rest_at(position: PlayerPosition, index: int, frame_id: int) -> None:
    """Remember where the player rests, and have the link follow it."""
    st.session_state[_POSITION] = PlayerPosition(
        position.trajectory_id, index, position.visit, position.start
    )
    links.drop_params("sync", "at")
    links.set_params({"traj": position.trajectory_id, "frame": frame_id})


def _narrow(key: str, label: str, short: str, values: Sequence[float]) -> float | None:
    """Choose one value or any; nothing where there is no choice."""
    if len(values) < 2:
        return None
    if st.session_state.get(key) not in values:
        st.session_state[key] = None
    return st.selectbox(
        label,
        values,
        format_func=lambda value: f"{short} {value:g}",
        key=key,
        index=None,
        placeholder=f"any {short}",
        label_visibility="collapsed",
        width=110,
    )


@failures.said()
def _to_link(store: Path) -> None:
    """Change the link once, so that Back undoes one choice; the companions stay."""
    first = _first_frame(store, st.session_state["traj_id"])
    if first is None:
        return
    companions = [id_ for id_ in linked_companions() if id_ != first.trajectory.id]
    if companions:
        links.drop_params("at")
        links.set_params({"traj": (first.trajectory.id, *companions)})
    else:
        links.set_params({"traj": first.trajectory.id, "frame": first.frame_id})


def _name_trajectory(info: FrameInfo) -> None:
    links.set_params({"dataset": info.trajectory.dataset_id, "traj": info.trajectory.id})


def _distinct(values: Sequence[float | None]) -> list[float]:
    return sorted({value for value in values if value is not None})


def _frame_info(store: Path, frame_id: int | None) -> FrameInfo | None:
    if frame_id is None:
        return None
    with open_store(store) as db:
        try:
            return trajectories.frame_info(db, frame_id)
        except UnknownFrame:
            return None


def _first_frame(store: Path, trajectory_id: int | None) -> FrameInfo | None:
    if trajectory_id is None:
        return None
    with open_store(store) as db:
        frame_ids = trajectories.frame_ids_of(db, trajectory_id)
        return trajectories.frame_info(db, int(frame_ids[0])) if len(frame_ids) else None
