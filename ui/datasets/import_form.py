"""Import of trajectories: the form, and the result by file."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from jobs import queue, specs
from jobs.specs import ImportJob
from morphcore.readers.results import ACCEPTED
from store import jobs as job_table
from store.db import StoreError, open_store
from store.jobs import Job
from ui.datasets import uploads
from ui.jobs import panel
from wording.numbers import amount, plain

RULE = (
    "Any size is brought to 400 × 100 by area averaging; colours become gray, and a frame is white "
    "where the gray is at least half. Rows that are electrodes in GraSPI texts are cropped first. "
    "phi, chi and the step are read from names such as `data_0.514_2.4_000220` and from a "
    "`trajectories.csv` beside the pictures (columns: name, phi, chi)."
)


def show(store: Path, datasets: Collection[str]) -> None:
    """The form; `datasets` are the names in use, to which more can be added."""
    st.markdown(f"Accepted: {ACCEPTED}.")
    st.caption(RULE)
    source = st.segmented_control(
        "From",
        ["path", "files", "folder"],
        default="path",
        required=True,
        format_func={
            "path": "A path on this machine",
            "files": "Upload files",
            "folder": "Upload a folder",
        }.__getitem__,
        key="import_from",
        persist_state="session",
    )
    if source == "path":
        path = st.text_input(
            "Folder or file",
            key="import_path",
            placeholder="/home/me/frames",
            help="On the machine where Morph runs.",
        ).strip()
        name = _name(datasets, "as the folder or file")
        _from_path(store, path, name)
    else:
        # Each source has its own key: the uploader forgets its files when its source changes.
        files = st.file_uploader(
            "Files" if source == "files" else "Folder",
            accept_multiple_files=True if source == "files" else "directory",
            key=f"import_{source}",
        )
        files = list(files or [])
        usual = uploads.usual_name(files)
        name = _name(datasets, "needed for several files" if files and not usual else usual or "")
        _from_upload(store, files, name or usual)


def summary(result: Mapping[str, Any]) -> str:
    """The result of an import, in a sentence."""
    frames, rejected = int(result["frames"]), len(result["rejected"])
    parts = [
        f"{amount(frames, 'frame')} in "
        f"{amount(int(result['trajectories']), 'trajectory', 'trajectories')} came in"
        if frames
        else "Nothing new came in"
    ]
    if result["already"]:
        parts.append(
            f"{amount(int(result['already']), 'trajectory', 'trajectories')} had been there already"
        )
    parts.append(f"{amount(rejected, 'file')} could not be read" if rejected else "none rejected")
    if result["skipped"]:
        parts.append(f"{amount(len(result['skipped']), 'file')} skipped as no frames")
    return "; ".join(parts) + "."


def last_result(jobs: Sequence[Job]) -> Job | None:
    """The newest import that came to its end."""
    return next((job for job in jobs if job.kind == "import" and job.state == "done"), None)


def show_result(job: Job) -> None:
    """Show the result of the newest import, with every file that it left out."""
    result = job.result or {}
    st.markdown(f"**Last import, into {plain(str(result['dataset']))}:** {summary(result)}")
    if result["rejected"]:
        st.dataframe(
            [{"File": row["file"], "Why": row["reason"]} for row in result["rejected"]],
            hide_index=True,
            alt="Files that could not be read, with the reason",
        )
    if result["skipped"]:
        with st.expander(f"Skipped, because they are no frames: {len(result['skipped'])}"):
            st.text("\n".join(result["skipped"]))


def _name(datasets: Collection[str], placeholder: str) -> str | None:
    name = st.text_input(
        "Name of the data set", key="import_name", placeholder=placeholder, max_chars=100
    ).strip()
    if name in datasets:
        st.caption(f"Adds to {plain(name)} what it does not have yet.")
    return name or None


def _from_path(store: Path, path: str, name: str | None) -> None:
    missing = bool(path) and not Path(path).expanduser().exists()
    if missing:
        st.warning(f"There is no {plain(path)} on this machine.")
    absolute = str(Path(path).expanduser().resolve()) if path else ""
    if panel.start_button(
        store,
        "Import",
        ImportJob(path=absolute, name=name),
        key="start_import",
        disabled=not path or missing,
        icon=":material/download:",
    ):
        st.rerun()


def _from_upload(store: Path, files: list[Any], name: str | None) -> None:
    """An upload is written to the disk only when it is wanted."""
    with open_store(store) as db:
        pending = job_table.pending(db)
    under_way = any(
        isinstance(spec, ImportJob) and spec.cleanup for _, spec in specs.readable(pending)
    )
    if not st.button(
        "Under way" if under_way else "Import",
        key="start_upload",
        type="primary",
        icon=":material/hourglass_top:" if under_way else ":material/upload:",
        disabled=not files or name is None or under_way,
    ):
        return
    try:
        path = uploads.keep(store, files)
        queue.start(store, ImportJob(path=str(path), name=name, cleanup=True))
    except StoreError as err:
        st.error(str(err))
    except OSError as err:
        st.error(f"The upload could not be written beside the store: {err.strerror}.")
    else:
        st.rerun()
