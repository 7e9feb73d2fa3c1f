"""An import as a job, and as the command that does the same."""

import shlex
from pathlib import Path
from typing import Any

from jobs.specs import ImportJob
from morphcore.readers.options import ImportOptions


def job(path: Path, name: str | None, options: ImportOptions, *, cleanup: bool) -> ImportJob:
    """The job that imports a path with these options; with `cleanup`, the file is deleted then."""
    arguments: dict[str, Any] = {"path": str(path), "name": name}
    if options.as_json():
        arguments["options"] = options.as_json()
    if cleanup:
        arguments["cleanup"] = True
    return ImportJob(**arguments)


def line(path: str, name: str | None, options: ImportOptions) -> str:
    """The command that imports a path with these options."""
    parts = ["python", "-m", "jobs", "import", path]
    if name:
        parts += ["--name", name]
    return shlex.join(parts)
