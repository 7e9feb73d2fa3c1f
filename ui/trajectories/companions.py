"""Trajectories shown beside the chosen one, and by what they are synchronised.

The link is `?traj=ID,ID&sync=step|L|aligned|free&at=...`: `at` is the step, the L in px, the pair
of the alignment (from 1) or, for films that go freely, the index of each one's frame.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from analysis.playback_sync import SyncMode
from store.trajectories import TrajectoryInfo
from ui import links
from ui.player import component
from ui.player.component import Rest
from ui.trajectories.picker import asked_beside

MOST = 4  # trajectories at once
WORDS: Mapping[SyncMode, str] = {
    "step": "By time",
    "L": "By domain size L",
    "aligned": "Aligned by the model",
    "free": "Freely",
}
_PLACE = "together_place"  # what was shown together last, kept while other pages are open


@dataclass(frozen=True)
class TogetherPosition:
    """What is shown together, and where it rests."""

    shown: tuple[
        object, ...
    ]  # ids of the trajectories, how they go together, and the model that aligns them
    rest: Rest
    visit: int  # rises whenever the player has to begin anew
    start: Rest  # where it then began


def choose_beside(found: Sequence[TrajectoryInfo], main: TrajectoryInfo) -> list[TrajectoryInfo]:
    """A picker of up to three more trajectories with something to play."""
    others = {each.id: each for each in found if each.id != main.id and each.frame_count > 1}
    if not others:
        return []
    state = st.session_state
    if links.has_param("traj"):
        state["traj_beside"] = asked_beside()
    wanted = dict.fromkeys(each for each in state.get("traj_beside", []) if each in others)
    state["traj_beside"] = list(wanted)[: MOST - 1]

    def to_link() -> None:
        links.drop_params("at")
        links.set_params({"traj": (main.id, *state["traj_beside"])})

    chosen = st.multiselect(
        "Beside it",
        list(others),
        format_func=lambda each: others[each].name,
        key="traj_beside",
        max_selections=MOST - 1,
        placeholder="none; up to three more",
        on_change=to_link,
        persist_state="session",
        width=520,
        help="Play them together: by time, by domain size, aligned by a model, or freely.",
    )
    return [others[each] for each in chosen]


def choose_sync(films: int, *, aligned: bool) -> SyncMode:
    """By what so many films go together; nothing to choose for one, and two only can be aligned."""
    if films < 2:
        return "step"
    options = [each for each in WORDS if each != "aligned" or (aligned and films == 2)]
    state = st.session_state
    asked = links.text_param("sync")
    if asked in options:
        state["traj_sync"] = asked
    if state.get("traj_sync") not in options:
        state["traj_sync"] = "step"

    def to_link() -> None:
        links.drop_params("at")
        links.set_params({"sync": state["traj_sync"]})

    chosen = st.segmented_control(
        "Shown together",
        options,
        format_func=lambda each: WORDS[each],
        required=True,
        key="traj_sync",
        on_change=to_link,
        persist_state="session",
        help="By time: each film's frame nearest to one time. By domain size L: nearest to one L, "
        "along the frames at which L sets a record. Aligned by the model: of two films the frames "
        "that go together by dynamic time warping of their latents. Freely: each has a slider.",
    )
    return chosen or "step"


def place_of(shown: tuple[object, ...], start: Rest) -> TogetherPosition:
    """Where the player stands; it begins anew at `start` unless it rests there already."""
    last = st.session_state.get(_PLACE)
    if not isinstance(last, TogetherPosition):
        last = TogetherPosition((None,), start, 0, start)
    # By the frames: of several positions with the same ones the link may name another.
    moved = last.rest.places != start.places
    if last.shown != shown or moved or not component.is_open(component.SEVERAL):
        last = TogetherPosition(shown, start, last.visit + 1, start)
        st.session_state[_PLACE] = last
    return last


def last_places(ids: tuple[int, ...]) -> tuple[int, ...]:
    """Where these films rested last: the places of all, of the first alone, or of none."""
    last = st.session_state.get(_PLACE)
    if not isinstance(last, TogetherPosition) or last.shown[0] != ids[0]:
        return ()
    return last.rest.places if last.shown[: len(ids)] == ids else last.rest.places[:1]


def rest_at(
    place: TogetherPosition, rest: Rest, *, ids: Sequence[int], sync: SyncMode, at: str
) -> None:
    """Remember where the player rests, and keep the link true."""
    st.session_state[_PLACE] = TogetherPosition(place.shown, rest, place.visit, place.start)
    links.drop_params("frame")
    links.set_params({"traj": ids, "sync": sync, "at": at})
