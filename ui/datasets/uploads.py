"""Uploaded files as one file beside the store: looked at, then read and deleted by an import.

A copy that no import was started on is deleted when another upload is chosen, or else, where the
tab was closed, a day later.
"""

import hashlib
import shutil
import time
import zipfile
from collections.abc import Collection, Sequence
from pathlib import Path, PurePosixPath
from typing import Protocol

_UNUSED_SECONDS = 24 * 3600


class Upload(Protocol):
    """An uploaded file: its name, with folders where a whole folder was uploaded, and its bytes."""

    name: str

    def getbuffer(self) -> memoryview: ...


def folder(store: Path) -> Path:
    """The folder in which uploads wait for their import."""
    return store.with_name(store.stem + "-uploads")


def keep(store: Path, files: Sequence[Upload]) -> Path:
    """Write the files where a job can read them: one as it is, several as a zip; returns the path.

    The path depends on names and contents alone, so that the same upload twice is the same job.
    """
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.getbuffer()).digest())
    directory = folder(store) / digest.hexdigest()[:16]
    directory.mkdir(parents=True, exist_ok=True)
    if len(files) == 1:
        target = directory / inside(files[0].name).name
        target.write_bytes(files[0].getbuffer())
        return target
    target = directory / "upload.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for file in files:
            archive.writestr(str(inside(file.name)), bytes(file.getbuffer()))
    return target


def forget(path: Path) -> None:
    """Delete a copy and its folder; one that is gone already is no error."""
    shutil.rmtree(path.parent, ignore_errors=True)


def sweep(store: Path, needed: Collection[str]) -> None:
    """Delete copies that nobody uses: a day old, and not among the paths of imports to come."""
    for directory in folder(store).glob("*/"):
        copies = list(directory.iterdir())
        if any(str(copy) in needed for copy in copies):
            continue
        # One without a file is over, or is just being written by another tab.
        unused = _UNUSED_SECONDS if copies else 60
        if time.time() - directory.stat().st_mtime > unused:
            shutil.rmtree(directory, ignore_errors=True)


def usual_name(files: Sequence[Upload]) -> str | None:
    """The data set's usual name: that of the one file, or of the folder of all; None if neither."""
    paths = [inside(file.name) for file in files]
    if len(paths) == 1 and len(paths[0].parts) == 1:
        return paths[0].stem
    tops = {path.parts[0] for path in paths if len(path.parts) > 1}
    return tops.pop() if len(tops) == 1 and all(len(path.parts) > 1 for path in paths) else None


def inside(name: str) -> PurePosixPath:
    """A browser's file name as a path that cannot lead out of where it is put."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return PurePosixPath(*parts) if parts else PurePosixPath("file")
