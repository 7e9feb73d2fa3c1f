"""A frame from an uploaded file: scaled, and binarised at a threshold set by hand."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from analysis.frame_query import FrameQuery, decide_or_one, of_picture
from morphcore import frames
from morphcore.embedding.rescaling import PixelScale, Rescaling, ScaleError
from morphcore.types import GrayFrame
from store import asked_frames
from store.asked_frames import Upload
from store.db import open_store
from ui import links
from ui.frame import keeping, scale
from wording import geometry
from wording.escapes import plain

if TYPE_CHECKING:  # it loads the readers
    from morphcore.readers.single_frame import SingleFrame

FILE_TYPES = ["png", "jpg", "jpeg", "tif", "tiff", "bmp", "gif", "npy", "txt"]
ONE_SIDE = "All of it is on one side of this gray level; move it until both colours show."
MEGABYTES = 64
_SHOWN_PX = 800  # a picture is shown at most this wide


def choose(
    key: str, model: PixelScale | None = None, *, store: Path, link: str | None = None
) -> FrameQuery | None:
    """Widgets for an upload -> its frame, or None as long as there is none.

    The file is kept in the store, and `?link=KEY` in the address names it.

    With the pixel scale of a model's frames, it is asked how the upload's pixels compare, and the
    upload is scaled; without an answer a pixel is a pixel.

    `key` distinguishes two on a page. The steps from the file to black and white are shown.
    """
    state = st.session_state
    st.file_uploader(
        "A picture of a film, an .npy array or a GraSPI text file",
        type=FILE_TYPES,
        key=f"{key}_file",
        max_upload_size=MEGABYTES,
        on_change=_keep_upload,
        args=(key, link),
        help="Of any size: its shape is kept, and it is cut to black and white.",
    )
    if f"{key}_upload" not in state:
        return None
    name, data = state[f"{key}_upload"]
    if link is not None:
        _link(store, Upload(name, data), key, link)
    if state.get(f"{key}_file") is None:
        st.caption(f"Uploaded before: {plain(name)}")
    from morphcore.readers.results import UnreadableFrame
    from morphcore.readers.single_frame import single_frame

    try:
        read = single_frame(data, name)
    except UnreadableFrame as err:
        st.error(f"{plain(name)} cannot be read. {plain(str(err))}", icon=":material/broken_image:")
        return None
    for doubt in (*(question.message for question in read.questions), *read.warnings):
        st.warning(plain(doubt), icon=":material/help:")
    with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
        threshold = st.slider(
            "White from this gray level on",
            0.05,
            0.95,
            0.5,
            0.01,
            key=f"{key}_threshold",
            persist_state="session",
            bind="query-params",
            width=360,
        )
        inverted = st.toggle(
            "The phases are swapped",
            key=f"{key}_inverted",
            persist_state="session",
            bind="query-params",
        )
    rescaling = None
    if model is not None:
        frame = PixelScale(len(read.gray), read.pixel_size, read.length_unit)
        rescaling = rescaled(frame, model, key)
        if rescaling is None:
            return None
    picture = partial(
        of_picture,
        read.gray,
        threshold,
        rescaling,
        pixel_size=read.pixel_size,
        length_unit=read.length_unit,
    )
    upright = picture()
    query = picture(inverted=True) if inverted else upright
    gray = read.gray if upright.gray is None else upright.gray
    steps = [(small(read.gray), _uploaded(read))]
    if rescaling is not None and rescaling.factor != 1.0:
        steps.append((small(gray), f"Scaled by {rescaling.factor:.3g}, {_size(gray)}"))
    steps.append((frames.to_gray(upright.bits), f"White from {threshold:.2f} on"))
    if inverted:
        steps.append((frames.to_gray(query.bits), "Black and white swapped"))
    for column, (step, words) in zip(st.columns(len(steps)), steps, strict=True):
        with column.container(border=True):
            st.image(step, caption=plain(words), width="stretch", output_format="PNG", alt=words)
    if frames.is_unseparated(query.bits) and gray.min() < gray.max():
        st.info(ONE_SIDE, icon=":material/contrast:")
        return None
    return query


def rescaled(frame: PixelScale, model: PixelScale, key: str) -> Rescaling | None:
    """How the upload is brought to the model's pixels: asked where a pixel size is not known.

    None, and a sentence on why, where it cannot be.
    """
    choice = None
    if frame.over(model) is None:
        choice = scale.ask(model, frame, key=f"{key}_upload", default="one")
    try:
        decided = decide_or_one(model, frame, choice)
    except ScaleError as err:
        st.error(plain(str(err)), icon=":material/straighten:")
        return None
    scale.caption(decided)
    return decided


def _uploaded(read: "SingleFrame") -> str:
    words = f"As uploaded, {_size(read.gray)}"
    if read.pixel_size is None:
        return words
    return f"{words}, {geometry.pixel_size(read.pixel_size, read.length_unit)}"


def _size(gray: GrayFrame) -> str:
    height, width = gray.shape
    return f"{width:,} × {height:,} px"


def small(gray: GrayFrame) -> GrayFrame:
    """A picture, made smaller to be shown where it is large."""
    every = -(-gray.shape[1] // _SHOWN_PX)
    reduced: GrayFrame = gray[::every, ::every]
    return reduced


def follow(key: str, store: Path, linked: str) -> bool:
    """Have the next upload be one that is kept, unless it is; False where it is no more."""
    state = st.session_state
    if f"{key}_upload" in state and state.get(f"{key}_upload_linked") == linked:
        return True
    with open_store(store) as db:
        found = asked_frames.upload(db, linked)
    if found is None:
        return False
    state[f"{key}_upload"] = (found.name, found.data)
    return True


def _link(store: Path, upload: Upload, key: str, link: str) -> None:
    """Keep a file, once, and have the address name it, where it is not too large to be kept."""
    state, wanted = st.session_state, asked_frames.upload_key(upload)
    if state.get(f"{key}_upload_linked") != wanted:
        kept = keeping.keep(store, lambda db: asked_frames.add_upload(db, upload))
        state[f"{key}_upload_linked"] = kept
    if state[f"{key}_upload_linked"] is None:
        links.drop_params(link)
    else:
        links.set_params({link: wanted})


def _keep_upload(key: str, link: str | None) -> None:
    """Keep the file itself: the widget forgets it while another way of input is shown."""
    file = st.session_state[f"{key}_file"]
    if file is None:
        st.session_state.pop(f"{key}_upload", None)
        if link is not None:
            links.drop_params(link)
    else:
        st.session_state[f"{key}_upload"] = (file.name, file.getvalue())
