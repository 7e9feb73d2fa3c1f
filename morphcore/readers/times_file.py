"""Files of times beside frames: times.npy, t.txt, steps.csv, one number a frame; ParaView's pvd.

The times of a folder are those of every trajectory in it that has as many frames and no times of
its own.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.lib import format as npy_format

from morphcore.readers.arrays.fields import STEP_NAMES, TIME_NAMES
from morphcore.readers.files.listing import File, opened
from morphcore.readers.names.filenames import natural
from morphcore.readers.results import Stack, UnreadableFrame

_ENDINGS = frozenset(["npy", "txt", "csv", "dat"])
_MOST_BYTES = 1 << 24
_DATA_SET = re.compile(r"<DataSet\b[^>]*>")
_STEP, _FILE = re.compile(r'\btimestep="([^"]+)"'), re.compile(r'\bfile="([^"]+)"')


@dataclass(frozen=True)
class TimesFile:
    """Times that lie in a folder, ascending."""

    file: File
    times: np.ndarray

    def of(self, stack: Stack) -> Stack:
        """A stack with these times, where they are as many as its frames and it has none."""
        count = stack.values.shape[0]
        if stack.times is not None or count != len(self.times):
            return stack
        stepped = self.file.stem.lower() in STEP_NAMES
        said = f"Its times are those of {self.file.base}."
        unit = "step" if stepped else stack.time_unit
        return replace(stack, times=self.times, time_unit=unit, done=(*stack.done, said))


def times_files(files: Iterable[File]) -> dict[str, TimesFile]:
    """The files of times among others, by folder; the first of a folder counts."""
    found: dict[str, TimesFile] = {}
    for file in files:
        ending = file.base.rpartition(".")[2].lower()
        named = ending == "pvd" or (file.stem.lower() in TIME_NAMES and ending in _ENDINGS)
        if not named or file.folder in found or not 0 < file.size < _MOST_BYTES:
            continue
        try:
            times = _times(file, ending)
        except (UnreadableFrame, ValueError, OverflowError, EOFError, MemoryError):
            continue
        if len(times) > 1 and np.isfinite(times).all() and (np.diff(times) > 0).all():
            found[file.folder] = TimesFile(file, times)
    return found


def others(files: Sequence[File], times: dict[str, TimesFile]) -> tuple[File, ...]:
    """The files that are no files of times."""
    names = {one.file.name for one in times.values()}
    return tuple(file for file in files if file.name not in names)


def _times(file: File, ending: str) -> np.ndarray:
    with opened(file) as stream:
        if ending == "npy":
            values = npy_format.read_array(stream, allow_pickle=False)
            if values.dtype.kind not in "iuf":
                raise ValueError("no numbers")
            if sum(side > 1 for side in values.shape) > 1:
                raise ValueError("no column")
            return np.asarray(values.reshape(-1).astype(np.float64))
        text = stream.read().decode("utf-8", "replace").lstrip("\ufeff")
    if ending == "pvd":
        return _of_collection(text)
    lines = text.split("\n")
    plain = [line.strip().rstrip(",;") for line in lines]
    plain = [line for line in plain if line and line[0] not in "#%"]
    if plain and plain[0].lower().strip('"') in TIME_NAMES:
        plain = plain[1:]
    return np.array([float(line) for line in plain])


def _of_collection(text: str) -> np.ndarray:
    """The times of a pvd, where its files are in the order of their names."""
    entries = _DATA_SET.findall(text)
    steps = [_STEP.search(entry) for entry in entries]
    files = [_FILE.search(entry) for entry in entries]
    names = [found[1] for found in files if found is not None]
    if names != sorted(names, key=natural) or len(names) != len(entries):
        raise ValueError("not in the order of names")
    return np.array([float(step[1]) for step in steps if step is not None])
