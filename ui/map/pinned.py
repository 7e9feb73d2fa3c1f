"""Frames that were put aside on the map: clicked with Shift, or by their button; two to compare."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from store import trajectories
from store.db import open_store
from ui.cached import rows as cached_rows
from ui.frame import card
from wording.numbers import amount, plain

_KEPT, _HEARD = "map_kept", "map_kept_heard"
MOST = 12
COLUMNS = 3


def frames() -> list[int]:
    """The kept frames, the first kept first."""
    found: list[int] = st.session_state.setdefault(_KEPT, [])
    return found


def on_selection(chart: str, selection: Mapping[str, Any]) -> None:
    """Keep or let go the frames that were clicked with Shift in a chart since it was last heard."""
    now = {int(each["id"]) for each in selection.get("keep") or ()}
    heard: dict[str, set[int]] = st.session_state.setdefault(_HEARD, {})
    for frame_id in now ^ heard.get(chart, set()):
        toggle(frame_id)
    heard[chart] = now


def toggle(frame_id: int) -> None:
    """Keep a frame, or let it go; of more than twelve the first kept goes."""
    now = frames()
    if frame_id in now:
        now.remove(frame_id)
    else:
        now.append(frame_id)
        del now[:-MOST]


def button(frame_id: int, *, key: str) -> None:
    """A button that keeps a frame or lets it go."""
    kept = frame_id in frames()
    st.button(
        "Kept" if kept else "Keep",
        icon=":material/keep:" if kept else ":material/keep_off:",
        type="tertiary",
        key=key,
        help="Put it aside, to compare it with another. A click on the map with Shift does it too.",
        on_click=toggle,
        args=(frame_id,),
    )


def show(store: Path) -> None:
    """The kept frames as small pictures, and the way on with two of them."""
    kept = frames()
    if not kept:
        return
    with st.container(border=True, key="map_kept"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{amount(len(kept), 'frame')} kept**", width="stretch")
            st.button("Let all go", type="tertiary", key="map_kept_clear", on_click=kept.clear)
        for first in range(0, len(kept), COLUMNS):
            columns = st.columns(COLUMNS, gap="small")
            for place, column in zip(range(first, len(kept)), columns, strict=False):
                with column:
                    _thumbnail(store, place + 1, kept[place])
        if len(kept) == 1:
            st.caption("Keep a second one to compare the two.")
        else:
            _compare(len(kept), kept)


def _thumbnail(store: Path, number: int, frame_id: int) -> None:
    with open_store(store) as db:
        info = trajectories.frame_info(db, frame_id)
    words = card.alt_text(info)
    st.image(cached_rows.png(store, frame_id), width="stretch", output_format="PNG", alt=words)
    st.button(
        f"{number}",
        icon=":material/close:",
        type="tertiary",
        key=f"map_kept_{frame_id}",
        help=f"{plain(words)}. Let it go.",
        on_click=toggle,
        args=(frame_id,),
    )


def _compare(count: int, kept: list[int]) -> None:
    """Two numbers and a link; they begin with the two kept last."""
    numbers = list(range(1, count + 1))
    key = f"map_kept_two_{'_'.join(map(str, kept))}"
    with st.container(horizontal=True, vertical_alignment="center"):
        two = numbers
        if count > 2:
            two = st.pills(
                "Two to compare",
                numbers,
                selection_mode="multi",
                default=numbers[-2:],
                key=key,
                label_visibility="collapsed",
            )
        if len(two) == 2:
            a, b = sorted(two)
            st.page_link(
                "pages/compare.py",
                label=f"Compare {a} and {b}",
                icon=":material/compare:",
                query_params={"frame": str(kept[a - 1]), "with": str(kept[b - 1])},
            )
        else:
            st.caption("Choose two of them to compare.")
