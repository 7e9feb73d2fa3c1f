"""A frame from an uploaded file, binarised at a threshold set by hand."""

import streamlit as st

from analysis.frame_query import FrameQuery, of_picture
from morphcore import frames
from wording.numbers import plain

FILE_TYPES = ["png", "jpg", "jpeg", "tif", "tiff", "bmp", "gif", "npy", "txt"]
ONE_SIDE = "All of it is on one side of this gray level; move it until both colours show."
_MEGABYTES = 64


def choose(key: str) -> FrameQuery | None:
    """Widgets for an upload -> its frame, or None as long as there is none.

    `key` distinguishes two on a page. The steps from the file to black and white are shown.
    """
    state = st.session_state
    st.file_uploader(
        "A picture of a film, an .npy array or a GraSPI text file",
        type=FILE_TYPES,
        key=f"{key}_file",
        max_upload_size=_MEGABYTES,
        on_change=_keep_upload,
        args=(key,),
        help="Of any size: it is cut to black and white.",
    )
    if f"{key}_upload" not in state:
        return None
    name, data = state[f"{key}_upload"]
    if state.get(f"{key}_file") is None:
        st.caption(f"Uploaded before: {plain(name)}")
    from morphcore.readers.results import UnreadableFrame
    from morphcore.readers.single_frame import frame_file

    try:
        gray = frame_file(data, name)
    except UnreadableFrame as err:
        st.error(f"{plain(name)} cannot be read. {err}", icon=":material/broken_image:")
        return None
    with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
        threshold = st.slider(
            "White from this gray level on",
            0.05,
            0.95,
            0.5,
            0.01,
            key=f"{key}_threshold",
            persist_state="session",
            width=360,
        )
        inverted = st.toggle(
            "The phases are swapped", key=f"{key}_inverted", persist_state="session"
        )
    bits = frames.binarise(gray, threshold)
    steps = [
        (gray, f"As uploaded, gray, {gray.shape[1]:,} × {gray.shape[0]:,} px"),
        (frames.to_gray(bits), f"White from {threshold:.2f} on"),
    ]
    if inverted:
        bits = ~bits
        steps.append((frames.to_gray(bits), "Black and white swapped"))
    for column, (step, words) in zip(st.columns(len(steps)), steps, strict=True):
        with column.container(border=True):
            st.image(step, caption=words, width="stretch", output_format="PNG", alt=words)
    if frames.is_unseparated(bits) and gray.min() < gray.max():
        st.info(ONE_SIDE, icon=":material/contrast:")
        return None
    return of_picture(255 - gray if inverted else gray, bits)


def _keep_upload(key: str) -> None:
    """Keep the file itself: the widget forgets it while another way of input is shown."""
    file = st.session_state[f"{key}_file"]
    if file is None:
        st.session_state.pop(f"{key}_upload", None)
    else:
        st.session_state[f"{key}_upload"] = (file.name, file.getvalue())
