"""The frames that a page asks for: how each is named in the address, and followed from there."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import streamlit as st

from ui import links
from ui.frame import drawing, upload
from ui.frame import picker as frame_picker

DRAW, UPLOAD, STORED = "Draw", "Upload", "Stored frame"
MODES = {DRAW: ":material/draw:", UPLOAD: ":material/upload:", STORED: ":material/image_search:"}


@dataclass(frozen=True)
class Slot:
    """One of the frames that a page asks for: its label, its link and the keys of its widgets."""

    label: str
    key: str
    picker: str  # key of the picker of stored frames
    link: str  # the query parameter that names a stored frame
    modes: tuple[str, ...]
    # The query parameters that name a drawing and an upload by their keys; None: they have none.
    drawing: str | None = None
    upload: str | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """The query parameters of which one names the frame."""
        return tuple(filter(None, (self.link, self.drawing, self.upload)))

    @property
    def params(self) -> tuple[str, ...]:
        """All that the address may say of the frame."""
        return (*self.named, f"{self.key}_threshold", f"{self.key}_inverted")


FIRST = Slot(
    "The frame to compare",
    "compare",
    "query",
    "frame",
    tuple(MODES),
    drawing="drawing",
    upload="upload",
)
# One canvas a page: the second frame is drawn as the first one.
SECOND = Slot(
    "The frame to compare it with",
    "with",
    "with",
    "with",
    (UPLOAD, STORED),
    upload="with_upload",
)


def follow_link(store: Path, slot: Slot) -> None:
    """Take what the link names as the query frame, once: a stored one, a drawing or an upload."""
    state = st.session_state
    mode_key = f"{slot.key}_mode"
    linked = links.text_param(slot.link)
    if linked is not None:
        if state.get(mode_key) == STORED and state.get(f"{slot.key}_linked") == linked:
            return
        if frame_picker.point_at_link(store, slot.picker, slot.link):
            state[mode_key] = STORED
        else:
            unlink(slot)
        return
    ways: tuple[tuple[str | None, str, Callable[[Path, str], bool]], ...] = (
        (slot.drawing, DRAW, drawing.follow),
        (slot.upload, UPLOAD, partial(upload.follow, slot.key)),
    )
    for param, mode, follow in ways:
        key = None if param is None else links.text_param(param)
        if key is None:
            continue
        if follow(store, key):
            state[mode_key] = mode
            continue
        st.warning(
            "The drawing or upload that the link names is no longer kept.",
            icon=":material/link_off:",
        )
        unlink(slot)


def unlink(slot: Slot) -> None:
    """Take the frame out of the address; what is shown then is written to it again."""
    links.drop_params(*slot.params)
