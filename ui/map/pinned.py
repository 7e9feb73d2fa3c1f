"""Frames pinned on the map, by a click with Shift or by their button; two of them to compare."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from store import trajectories
from store.db import open_store
from ui.cached import rows as cached_rows
from ui.frame import card
from wording.escapes import plain
from wording.numbers import amount

_PINNED, _READ, _CLEARED = "map_pinned", "map_pinned_read", "map_pinned_cleared"
MOST = 12
COLUMNS = 2


def frames() -> list[int]:
    """The ids of the pinned frames, in the order in which they were pinned."""
    pinned: list[int] = st.session_state.setdefault(_PINNED, [])
    return pinned


def on_selection(chart: str, selection: Mapping[str, Any]) -> None:
    """Toggle the frames that were clicked with Shift in a chart since it was last read."""
    now = {int(point["id"]) for point in selection.get("pin") or ()}
    read: dict[str, set[int]] = st.session_state.setdefault(_READ, {})
    before = read.get(chart, set())
    cleared: set[str] = st.session_state.setdefault(_CLEARED, set())
    if chart in cleared and now != before:
        cleared.discard(chart)
        before = set()  # the chart has forgotten them by now, too
    for frame_id in now ^ before:
        toggle(frame_id)
    read[chart] = now


def clear() -> None:
    """Unpin all frames; a chart forgets its own at the same key, Escape, a little later."""
    frames().clear()
    read: dict[str, set[int]] = st.session_state.setdefault(_READ, {})
    st.session_state.setdefault(_CLEARED, set()).update(name for name, ids in read.items() if ids)


def toggle(frame_id: int) -> None:
    """Pin a frame, or unpin it; of more than twelve the first pinned is unpinned."""
    now = frames()
    if frame_id in now:
        now.remove(frame_id)
    else:
        now.append(frame_id)
        del now[:-MOST]


def button(frame_id: int, *, key: str, bare: bool = False) -> None:
    """Show a button that pins or unpins a frame; `bare`: as an icon alone."""
    pinned = frame_id in frames()
    st.button(
        "" if bare else "Unpin" if pinned else "Pin",
        icon=":material/keep:" if pinned else ":material/keep_off:",
        type="tertiary",
        key=key,
        help="Pin it beside others, to compare two. Shift-click on the map does it too.",
        on_click=toggle,
        args=(frame_id,),
    )


def show(store: Path) -> None:
    """Show the pinned frames as thumbnails, and a link that compares two of them."""
    pinned = frames()
    if not pinned:
        return
    with st.container(border=True, key="map_pinned"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{amount(len(pinned), 'frame')} pinned**", width="stretch")
            st.button("Unpin all", type="tertiary", key="map_pinned_clear", on_click=pinned.clear)
        for first in range(0, len(pinned), COLUMNS):
            columns = st.columns(COLUMNS, gap="small")
            for index, column in zip(range(first, len(pinned)), columns, strict=False):
                with column:
                    _thumbnail(store, index + 1, pinned[index])
        if len(pinned) == 1:
            st.caption("Pin a second one to compare the two.")
        else:
            _compare(pinned)


def _thumbnail(store: Path, number: int, frame_id: int) -> None:
    with open_store(store) as db:
        info = trajectories.frame_info(db, frame_id)
    words = card.alt_text(info)
    st.image(cached_rows.png(store, frame_id), width="stretch", output_format="PNG", alt=words)
    st.button(
        f"{number}",
        icon=":material/close:",
        type="tertiary",
        key=f"map_pinned_{frame_id}",
        help=f"{plain(words)}. Unpin.",
        on_click=toggle,
        args=(frame_id,),
    )


def _compare(pinned: list[int]) -> None:
    """Show two numbers and a link; they begin with the two pinned last."""
    numbers = list(range(1, len(pinned) + 1))
    key = f"map_pinned_two_{'_'.join(map(str, pinned))}"
    with st.container(horizontal=True, vertical_alignment="center"):
        two = numbers
        if len(pinned) > 2:
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
                query_params={"frame": str(pinned[a - 1]), "with": str(pinned[b - 1])},
            )
        else:
            st.caption("Choose two of them to compare.")
