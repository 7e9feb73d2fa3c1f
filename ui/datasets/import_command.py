"""An import as a job, and as the command that does the same."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jobs.specs import ImportJob
from morphcore.readers.options import DEFAULT_OPTIONS, ImportOptions

_NAMES = {"value_range": "--range"}  # the others are called as the option is
_APART = ("value_range",)  # written LOW HIGH
_JOINT = {"window": "x"}  # HEIGHTxWIDTH; others are joined by commas


def job(
    path: Path,
    name: str | None,
    options: ImportOptions,
    *,
    stored: Mapping[str, Any],
    cleanup: bool,
    frames: int,
) -> ImportJob:
    """The job that imports a path with these options.

    `stored` are the options of the data set that is added to, which the job would use otherwise.
    With `cleanup`, the file is deleted after it. `frames` is their number.
    """
    arguments: dict[str, Any] = {"path": str(path), "name": name, "frames": frames}
    given = options.as_json()
    taken_back = {option: getattr(DEFAULT_OPTIONS, option) for option in stored.keys() - given}
    if given or taken_back:
        arguments["options"] = {**given, **taken_back}
    if cleanup:
        arguments["cleanup"] = True
    return ImportJob(**arguments)


def line(path: str, name: str | None, options: ImportOptions) -> str:
    """The command that imports a path with these options.

    >>> line("films", None, ImportOptions(axes="txy", pixel_size=(2.5, 2.5), length_unit="nm"))
    'python -m jobs import films --axes txy --pixel-size 2.5,2.5 --length-unit nm'
    """
    parts = ["python", "-m", "jobs", "import", path]
    if name:
        parts += ["--name", name]
    for option, value in options.as_json().items():
        parts.append(_NAMES.get(option, f"--{option.replace('_', '-')}"))
        if isinstance(value, bool):
            continue
        if isinstance(value, list):
            numbers = [f"{each:.12g}" for each in value]
            parts += numbers if option in _APART else [_JOINT.get(option, ",").join(numbers)]
        else:
            parts.append(value if isinstance(value, str) else f"{value:.12g}")
    return shlex.join(parts)
