"""What to import: a path on this machine, or an upload, of which a copy is kept for the look."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from jobs import specs
from jobs.history import dismissed
from jobs.specs import ImportJob
from morphcore.readers.limits import UPLOAD_BYTES, UPLOAD_LIMITS, ReadLimits
from store import jobs as job_table
from store.db import open_store
from ui.access import folders
from ui.datasets import uploads
from wording.escapes import plain

_FROM = {
    "path": "A path on this machine",
    "files": "Upload files",
    "folder": "Upload a folder",
}


@dataclass(frozen=True)
class Source:
    """What is to be imported."""

    path: Path
    shown: str  # as a command line would name it
    usual_name: str | None  # of its data set
    is_upload: bool = False  # a copy that is deleted after the import


def way() -> str:
    """The way in which files are given; a path only where some folder may be imported."""
    ways = [each for each in _FROM if each != "path" or folders.some()]
    return st.segmented_control(
        "From",
        ways,
        default=ways[0],
        required=True,
        format_func=_FROM.__getitem__,
        key="import_from",
        persist_state="session",
    )


def choose(store: Path, way: str) -> Source | None:
    """Widgets for a source; None as long as there is none."""
    return _on_this_machine() if way == "path" else _uploaded(store, way)


def started() -> None:
    """Empty the form at its next run: its import has begun, and an upload's copy is the job's."""
    st.session_state["import_started"] = True
    st.session_state.pop("import_upload", None)


def clear_after_start() -> None:
    """Empty the form, if its import has begun."""
    state = st.session_state
    if state.pop("import_started", False):
        state["import_path"] = state["import_name"] = ""
        state["import_count"] = state.get("import_count", 0) + 1
        state.pop("import_marked", None)


def _on_this_machine() -> Source | None:
    """A path that is typed in."""
    _forget_upload()
    typed = st.text_input(
        "Folder or file",
        key="import_path",
        placeholder="/home/me/frames",
        help="On the machine where Morph runs" + _within() + ".",
    ).strip()
    if not typed:
        return None
    try:
        path = Path(typed).expanduser().resolve()
        may = folders.may_be_imported(path)  # asked first: whether it exists is not told either
        there = may and path.exists()
    except (OSError, RuntimeError, ValueError):  # a name too long, of nobody's home, with a NUL
        may, there = not folders.named(), False
    if not may:
        st.warning("That path may not be imported here; accepted are paths" + _within() + ".")
        return None
    if not there:
        st.warning(f"There is no {plain(typed)} on this machine.")
        return None
    return Source(path, str(path), path.name if path.is_dir() else path.stem)


def _within() -> str:
    """The folders in which a path must lie, as the end of a sentence; empty where any will do."""
    named = folders.named()
    return f" in {' or '.join(plain(str(folder)) for folder in named)}" if named else ""


def _uploaded(store: Path, way: str) -> Source | None:
    """The copy of uploaded files, which is kept as long as they are chosen."""
    state = st.session_state
    files = st.file_uploader(
        "Files" if way == "files" else "Folder",
        accept_multiple_files=True if way == "files" else "directory",
        # Each way, and each import, has its own key: the uploader forgets its files with it.
        key=f"import_{way}_{state.get('import_count', 0)}",
        max_upload_size=UPLOAD_BYTES // 2**20,
    )
    st.caption(bounds(UPLOAD_LIMITS))
    chosen = tuple(file.file_id for file in files)
    before, copy = state.get("import_upload", ((), None))
    if copy is not None and (chosen != before or not copy.exists()):
        _forget_upload()
        copy = None
    if not chosen:
        return None
    if sum(file.size for file in files) > UPLOAD_BYTES:
        st.error(f"{bounds(UPLOAD_LIMITS)} These have more.", icon=":material/error:")
        return None
    if copy is None:
        uploads.sweep(store, _paths_to_come(store))
        try:
            copy = uploads.keep(store, files)
        except OSError as err:
            st.error(f"The upload could not be written beside the store: {err.strerror}.")
            return None
        state["import_upload"] = (chosen, copy)
    usual = uploads.usual_name(files)
    return Source(copy, files[0].name if len(files) == 1 else usual or "FOLDER", usual, True)


def bounds(limits: ReadLimits) -> str:
    """What is accepted of an upload, in a sentence."""
    return (
        f"Accepted are up to {UPLOAD_BYTES // 2**30} GB in all, {limits.pixels:,} pixels in a"
        f" picture ({limits.animated_pixels:,} in an animation), {limits.frames:,} frames in a"
        f" trajectory and {limits.seconds / 60:.0f} minutes of work; more comes in as a path on the"
        " machine where Morph runs."
    )


def _forget_upload() -> None:
    """Delete the copy of an upload that is no longer chosen."""
    _, copy = st.session_state.pop("import_upload", ((), None))
    if copy is not None:
        uploads.forget(copy)


def _paths_to_come(store: Path) -> set[str]:
    """The paths of imports that may still read them: now, or when they are resumed."""
    with open_store(store) as db:
        jobs = [job for job in job_table.all_jobs(db) if job.state != "done" and not dismissed(job)]
    return {spec.path for _, spec in specs.readable(jobs) if isinstance(spec, ImportJob)}
