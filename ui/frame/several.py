"""Input of several pictures of one sample: uploaded, or picked from the store."""

from pathlib import Path
from typing import TypeVar

import streamlit as st

from analysis import attached
from analysis.frame_query import FrameQuery, of_picture, seen_frame
from morphcore import frames
from morphcore.embedding.rescaling import PixelScale
from morphcore.errors import MorphError
from store import datasets as dataset_table
from store import trajectories
from store.asked_frames import Upload
from store.db import open_store
from store.runs import IndexedRun
from ui import links
from ui.cached import rows as cached_rows
from ui.frame import sample_link, upload
from ui.frame.slot import MODES, STORED, UPLOAD
from wording.escapes import plain

MOST = 24  # pictures of a sample

_Chosen = TypeVar("_Chosen")  # a frame's id, or an uploaded file


def choose(
    store: Path, run: IndexedRun, *, label: str, key: str, first: int = 0
) -> list[FrameQuery]:
    """Widgets for pictures of a sample -> those that can be compared, as a run's model sees them.

    `key` distinguishes two on a page, and names the sample in the address, which is followed and
    written (`ui.frame.sample_link`); stored ones begin with trajectory number `first`.
    """
    _follow_link(store, key)
    st.session_state.setdefault(f"{key}_mode", STORED)
    mode = st.segmented_control(
        label,
        (UPLOAD, STORED),
        format_func=lambda option: f"{MODES[option]} {option}",
        required=True,
        key=f"{key}_mode",
        persist_state="session",
    )
    if mode == UPLOAD:
        return _uploaded(store, run, key)
    return _stored(store, run, key, first)


def _follow_link(store: Path, key: str) -> None:
    """Have the widgets show what the address names, once."""
    state = st.session_state
    if not sample_link.new_text(key):
        return
    if sample_link.has_files(key):
        found = sample_link.uploads(store, key)
        if found is None:
            st.warning(
                "Pictures that the link names are no longer kept.", icon=":material/link_off:"
            )
            return
        state[f"{key}_uploads"], state[f"{key}_mode"] = found, UPLOAD
        return
    trajectory_ids, indices = sample_link.stored(key)
    with open_store(store) as db:
        infos = trajectories.known(db, trajectory_ids)
    own = [info for info in infos if info.dataset_id == infos[0].dataset_id]
    if not own or len(own) < len(trajectory_ids):
        st.warning(
            "The store has not all trajectories that the link names.", icon=":material/link_off:"
        )
    if own:
        dataset_id, most = own[0].dataset_id, max(info.frame_count for info in own)
        state[f"{key}_mode"], state[f"{key}_dataset"] = STORED, dataset_id
        state[f"{key}_trajectories_{dataset_id}"] = [info.id for info in own]
        state[f"{key}_indices_{dataset_id}_{most}"] = [index for index in indices if index < most]


def _stored(store: Path, run: IndexedRun, key: str, first: int) -> list[FrameQuery]:
    """The same few frames of one trajectory or more."""
    with open_store(store) as db:
        filled = {each.id: each for each in dataset_table.all_datasets(db) if each.frames}
    if not filled:
        st.info("There are no frames to pick yet.", icon=":material/database:")
        return []
    state = st.session_state
    if state.get(f"{key}_dataset") not in filled:
        state[f"{key}_dataset"] = run.dataset_id if run.dataset_id in filled else next(iter(filled))
    dataset_id = st.selectbox(
        "Data set",
        list(filled),
        format_func=lambda row_id: filled[row_id].name,
        key=f"{key}_dataset",
        persist_state="session",
    )
    infos = {
        info.id: info
        for info in cached_rows.trajectory_list(store, dataset_id, filled[dataset_id].frames)
    }
    ids = list(infos)
    state.setdefault(f"{key}_trajectories_{dataset_id}", ids[min(first, len(ids) - 1) :][:1])
    chosen = st.multiselect(
        "Trajectories",
        ids,
        format_func=lambda row_id: infos[row_id].name,
        key=f"{key}_trajectories_{dataset_id}",
        persist_state="session",
        help="Films of the sample. Those of one process say more than many frames of one film.",
    )
    if not chosen:
        st.info("Choose a trajectory at least.", icon=":material/movie:")
        return []
    most = max(infos[row_id].frame_count for row_id in chosen)
    state.setdefault(f"{key}_indices_{dataset_id}_{most}", [most - 1])
    indices = st.multiselect(
        "Frames of each",
        range(most),
        key=f"{key}_indices_{dataset_id}_{most}",
        format_func=lambda index: f"{index + 1:,}",
        persist_state="session",
        help="By their number, from 1 on; a trajectory that is shorter lacks the later ones.",
    )
    sample_link.write_stored(key, chosen, indices)
    with open_store(store) as db:
        of_each = [trajectories.frame_ids_of(db, row_id) for row_id in chosen]
    frame_ids = [int(own[index]) for own in of_each for index in indices if index < len(own)]
    if not frame_ids:
        st.info("Choose a frame at least.", icon=":material/image:")
    try:
        return _usable([seen_frame(store, run, frame_id) for frame_id in _most(frame_ids)])
    except MorphError as err:
        st.error(plain(str(err)), icon=":material/straighten:")
        return []


def _uploaded(store: Path, run: IndexedRun, key: str) -> list[FrameQuery]:
    """Several files, cut at one threshold and scaled by one answer."""
    st.file_uploader(
        "Pictures of a film, .npy arrays or GraSPI text files",
        type=upload.FILE_TYPES,
        accept_multiple_files=True,
        key=f"{key}_files",
        max_upload_size=upload.MEGABYTES,
        on_change=_keep_uploads,
        args=(key,),
        help="Of any size, all at one scale: their shape is kept, and they are cut to black and"
        " white at one gray level.",
    )
    files: list[Upload] = st.session_state.get(f"{key}_uploads", [])
    if not files:
        return []
    sample_link.write_uploads(store, key, files[:MOST])
    if not st.session_state.get(f"{key}_files"):
        st.caption(f"Uploaded before: {plain(', '.join(each.name for each in files))}")
    from morphcore.readers.results import UnreadableFrame
    from morphcore.readers.single_frame import single_frame

    read = []
    for file in _most(files):
        try:
            read.append(single_frame(file.data, file.name))
        except UnreadableFrame as err:
            st.error(
                f"{plain(file.name)} cannot be read. {plain(str(err))}",
                icon=":material/broken_image:",
            )
            continue
        for doubt in (*(question.message for question in read[-1].questions), *read[-1].warnings):
            st.warning(plain(f"{file.name}: {doubt}"), icon=":material/help:")
    if not read:
        return []
    threshold = st.slider(
        "White from this gray level on",
        0.05,
        0.95,
        0.5,
        0.01,
        key=f"{key}_threshold",
        persist_state="session",
        bind="query-params",
    )
    inverted = st.toggle(
        "The phases are swapped",
        key=f"{key}_inverted",
        persist_state="session",
        bind="query-params",
    )
    with open_store(store) as db:
        model = attached.model_scale(db, run)
    queries = []
    # Asked once a size: pictures of one size and pixel size are scaled alike.
    scales = {PixelScale(len(each.gray), each.pixel_size, each.length_unit): each for each in read}
    decided = {
        scale: upload.rescaled(scale, model, f"{key}_{number}")
        for number, scale in enumerate(scales)
    }
    for each in read:
        scale = decided[PixelScale(len(each.gray), each.pixel_size, each.length_unit)]
        if scale is not None:
            queries.append(
                of_picture(
                    each.gray,
                    threshold,
                    scale,
                    inverted=inverted,
                    pixel_size=each.pixel_size,
                    length_unit=each.length_unit,
                )
            )
    return _usable(queries)


def _keep_uploads(key: str) -> None:
    """Keep the files themselves: the widget forgets them while another way of input is shown."""
    files = st.session_state[f"{key}_files"]
    st.session_state[f"{key}_uploads"] = [Upload(file.name, file.getvalue()) for file in files]
    if not files:
        links.drop_params(f"{key}_files")


def _most(chosen: list[_Chosen]) -> list[_Chosen]:
    """The first of what was chosen, said where that is not all."""
    if len(chosen) > MOST:
        st.warning(f"The first {MOST} of {len(chosen)} are compared.", icon=":material/filter_alt:")
    return chosen[:MOST]


def _usable(queries: list[FrameQuery]) -> list[FrameQuery]:
    """Those of two colours; others are said to be left out."""
    usable = [query for query in queries if not frames.is_unseparated(query.bits)]
    if len(usable) < len(queries):
        st.warning(
            f"{len(queries) - len(usable)} of {len(queries)} are one colour everywhere, so they"
            " are left out.",
            icon=":material/contrast:",
        )
    return usable
