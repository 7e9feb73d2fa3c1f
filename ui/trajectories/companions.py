"""Companions: trajectories played beside the chosen one, and the mode of their synchronisation.

The link is `?traj=ID,ID&sync=step|L|aligned|free&at=...`: `at` is the step, the L in px, the pair
of the alignment (from 1) or, where each plays freely, the index of each trajectory's frame.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from analysis.playback_sync import SyncMode
from store.trajectories import TrajectoryInfo
from ui import links
from ui.player import component
from ui.player.component import Rest
from ui.trajectories.picker import linked_companions

MOST = 4  # trajectories at once
WORDS: Mapping[SyncMode, str] = {
    "step": "By time",
    "L": "By domain size L",
    "aligned": "Aligned by the model",
    "free": "Freely",
}
ABOUT = (
    "Several are played by time: each trajectory's frame nearest to one time. By domain size L:"
    " nearest to one L, along the frames at which L sets a record. Aligned by the model: of two"
    " trajectories the frames that go together by dynamic time warping of their latents. Freely:"
    " each has a slider."
)
_KEY = "traj_companions"
_POSITION = "together_position"  # the last one, kept while other pages are open


@dataclass(frozen=True)
class TogetherPosition:
    """The trajectories that are played together, and the player's position."""

    # Ids of the trajectories, the mode of synchronisation, and the checkpoint that aligns them.
    shown: tuple[object, ...]
    rest: Rest
    visit: int  # rises whenever the player has to begin anew
    start: Rest  # at which it then began


def choose_companions(
    infos: Sequence[TrajectoryInfo], main: TrajectoryInfo
) -> list[TrajectoryInfo]:
    """Choose up to three more trajectories of at least two frames."""
    others = {info.id: info for info in infos if info.id != main.id and info.frame_count > 1}
    if not others:
        return []
    state = st.session_state
    if links.has_param("traj"):
        state[_KEY] = linked_companions()
    wanted = dict.fromkeys(id_ for id_ in state.get(_KEY, []) if id_ in others)
    state[_KEY] = list(wanted)[: MOST - 1]

    def to_link() -> None:
        links.drop_params("at")
        links.set_params({"traj": (main.id, *state[_KEY])})

    chosen = st.multiselect(
        "Beside it",
        list(others),
        format_func=lambda id_: others[id_].name,
        key=_KEY,
        max_selections=MOST - 1,
        placeholder="beside it: none; up to three more",
        on_change=to_link,
        persist_state="session",
        label_visibility="collapsed",
    )
    return [others[id_] for id_ in chosen]


def choose_sync(count: int, *, aligned: bool) -> SyncMode:
    """Choose the mode of synchronisation of `count` trajectories; "step", unasked, for one.

    `aligned`: whether there is a model to align by; only two trajectories can be aligned.
    """
    if count < 2:
        return "step"
    options = [mode for mode in WORDS if mode != "aligned" or (aligned and count == 2)]
    state = st.session_state
    linked = links.text_param("sync")
    if linked in options:
        state["traj_sync"] = linked
    if state.get("traj_sync") not in options:
        state["traj_sync"] = "step"

    def to_link() -> None:
        links.drop_params("at")
        links.set_params({"sync": state["traj_sync"]})

    chosen = st.segmented_control(
        "Shown together",
        options,
        format_func=lambda mode: WORDS[mode],
        required=True,
        key="traj_sync",
        on_change=to_link,
        persist_state="session",
        label_visibility="collapsed",
    )
    return chosen or "step"


def position_of(shown: tuple[object, ...], start: Rest) -> TogetherPosition:
    """The player's position; it begins anew at `start` unless it rests there already."""
    last = st.session_state.get(_POSITION)
    if not isinstance(last, TogetherPosition):
        last = TogetherPosition((None,), start, 0, start)
    # By the frames: of several positions with the same ones the link may name another.
    moved = last.rest.indices != start.indices
    if last.shown != shown or moved or not component.is_open(component.SEVERAL):
        last = TogetherPosition(shown, start, last.visit + 1, start)
        st.session_state[_POSITION] = last
    return last


def last_indices(ids: tuple[int, ...]) -> tuple[int, ...]:
    """Frame indices at which these trajectories rested last: of all, of the first, or of none."""
    last = st.session_state.get(_POSITION)
    if not isinstance(last, TogetherPosition) or last.shown[0] != ids[0]:
        return ()
    return last.rest.indices if last.shown[: len(ids)] == ids else last.rest.indices[:1]


def rest_at(
    position: TogetherPosition, rest: Rest, *, ids: Sequence[int], sync: SyncMode, at: str
) -> None:
    """Remember where the player rests, and have the link follow it."""
    st.session_state[_POSITION] = TogetherPosition(
        position.shown, rest, position.visit, position.start
    )
    links.drop_params("frame")
    links.set_params({"traj": ids, "sync": sync, "at": at})
