"""The picker of trajectories: by name, by parameters or by a link, with the frame to start at.

The link is kept true: `?dataset=ID&traj=ID&frame=ID`, the last part being where the player rests.
`?frame=ID` or `?traj=ID` alone is enough to come here from elsewhere. With `?traj=ID,ID` others are
beside it, see `beside_choice`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from store import trajectories
from store.datasets import Dataset
from store.db import open_store
from store.trajectories import FrameInfo, TrajectoryInfo, UnknownFrame
from ui import links
from ui.cached import rows as cached_rows
from ui.player import component

_PLACE = "trajectory_place"  # what the page showed last, kept while other pages are open


@dataclass(frozen=True)
class PlayerPosition:
    """A trajectory and the frame of it that is shown."""

    trajectory_id: int
    index: int
    visit: int  # rises whenever the player has to begin anew
    start: int  # the frame at which it then began


def follow_link(store: Path) -> bool:
    """Before a data set is chosen: complete a link that names only a frame or a trajectory.

    False where it names one that the store does not have; that is then taken out of the link.
    """
    trajectory_id = asked_first()
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


def asked_first() -> int | None:
    """The trajectory that the link names, the first where it names several."""
    return next(iter(links.ids_param("traj")), None)


def asked_beside() -> list[int]:
    """The trajectories that the link names after the first."""
    return links.ids_param("traj")[1:]


def choose_trajectory(store: Path, dataset: Dataset) -> TrajectoryInfo | None:
    """Pickers for a data set's trajectories, narrowed by phi and chi where these differ.

    None, and a line that says so, where no trajectory has both values asked for.
    """
    found = cached_rows.trajectory_list(store, dataset.id, dataset.frames)
    by_id = {each.id: each for each in found}
    asked = asked_first()
    if asked in by_id and asked != st.session_state.get("traj_id"):
        st.session_state["traj_id"] = asked
        st.session_state["traj_phi"] = st.session_state["traj_chi"] = None
    phis, chis = _distinct([each.phi for each in found]), _distinct([each.chi for each in found])
    name_place = st.container()  # filled last: what it offers depends on the other two
    phi = _narrow("traj_phi", "Blend ratio phi", phis)
    chi = _narrow("traj_chi", "Interaction chi", chis)
    options = [
        each.id
        for each in found
        if (phi is None or each.phi == phi) and (chi is None or each.chi == chi)
    ]
    if not options:
        st.info("No trajectory has this phi and this chi together. Set one of them to “any”.")
        return None
    if st.session_state.get("traj_id") not in options:
        st.session_state["traj_id"] = options[0]
    chosen = name_place.selectbox(
        f"Trajectory ({len(options)} of {len(found)})",
        options,
        format_func=lambda each: by_id[each].name,
        key="traj_id",
        on_change=_to_link,
        args=(store,),
        persist_state="session",
        help="Type a part of the name to search.",
    )
    return by_id[chosen]


def place_in(store: Path, info: TrajectoryInfo) -> PlayerPosition:
    """Where the player stands: as the link says, else where it was, else at the first frame."""
    last = st.session_state.get(_PLACE)
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
    st.session_state[_PLACE] = last
    return last


def rest_at(place: PlayerPosition, index: int, frame_id: int) -> None:
    """Remember where the player rests, and keep the link true."""
    st.session_state[_PLACE] = PlayerPosition(place.trajectory_id, index, place.visit, place.start)
    links.drop_params("sync", "at")
    links.set_params({"traj": place.trajectory_id, "frame": frame_id})


def _narrow(key: str, label: str, values: Sequence[float]) -> float | None:
    """A picker of one value or any; nothing where there is no choice."""
    if len(values) < 2:
        return None
    if st.session_state.get(key) not in values:
        st.session_state[key] = None
    return st.selectbox(
        label, values, format_func=lambda each: f"{each:g}", key=key, index=None, placeholder="any"
    )


def _to_link(store: Path) -> None:
    """One change of the link, so that Back undoes one choice; who is beside it stays."""
    first = _first_frame(store, st.session_state["traj_id"])
    if first is None:
        return
    beside = [each for each in asked_beside() if each != first.trajectory.id]
    if beside:
        links.drop_params("at")
        links.set_params({"traj": (first.trajectory.id, *beside)})
    else:
        links.set_params({"traj": first.trajectory.id, "frame": first.frame_id})


def _name_trajectory(info: FrameInfo) -> None:
    links.set_params({"dataset": info.trajectory.dataset_id, "traj": info.trajectory.id})


def _distinct(values: Sequence[float | None]) -> list[float]:
    return sorted({each for each in values if each is not None})


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
