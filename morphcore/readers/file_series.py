"""Series of files of one frame each: checked file by file, then read as stacks by their sizes."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from morphcore.progress import Progress
from morphcore.readers.files.listing import File, content
from morphcore.readers.grouping import Unit
from morphcore.readers.limits import ReadLimits
from morphcore.readers.look import Question
from morphcore.readers.options import ImportOptions
from morphcore.readers.results import Stack, UnreadableFrame, Values3D
from morphcore.readers.stacks import picture
from morphcore.types import Rejection

_HELD_BYTES = 96 * 2**20  # of pictures of a series that are held between two passes


@dataclass(frozen=True)
class CheckedFile:
    """A file of a series that can be read: its hash, and what it says of its frame."""

    name: str
    sha256: str
    shape: tuple[int, ...]  # height, width (and 3 of colours)
    dtype: np.dtype
    facts: Stack | None  # without values that are held, see `Checked`


@dataclass(frozen=True)
class Checked:
    """The files of a series, good and bad; `pictures` are held where all of them are small."""

    files: tuple[CheckedFile, ...]
    rejections: tuple[Rejection, ...]
    pictures: tuple[np.ndarray, ...] = ()

    def without_pictures(self) -> "Checked":
        """The same, to be remembered."""
        return replace(self, pictures=())


def check(unit: Unit, limits: ReadLimits, options: ImportOptions, progress: Progress) -> Checked:
    """Decode each file of a series once."""
    good: list[CheckedFile] = []
    bad: list[Rejection] = []
    held: list[np.ndarray] = []
    room = _HELD_BYTES
    for number, file in enumerate(unit.files):
        progress(number / len(unit.files))
        try:
            data = content(file, limits)
            stack = picture(unit.kind, data, file.name, limits, options)
            frame = next(iter(stack.values.frames()))
        except UnreadableFrame as err:
            bad.append(Rejection(file.name, str(err)))
            continue
        digest = hashlib.sha256(data).hexdigest()
        facts = replace(stack, values=Values3D(stack.values.shape, frame.dtype, _nothing))
        good.append(CheckedFile(file.name, digest, frame.shape, frame.dtype, facts))
        room -= frame.nbytes
        if room >= 0:
            held.append(frame)
    return Checked(tuple(good), tuple(bad), tuple(held) if room >= 0 else ())


def _nothing() -> Iterator[np.ndarray]:
    return iter(())


def stacks_of_sizes(
    unit: Unit, checked: Checked, limits: ReadLimits, options: ImportOptions
) -> Iterator[tuple[Stack, tuple[File, ...], tuple[str, ...], str]]:
    """Make a stack of the good files of each size, with its files, their hashes and its size.

    The size is empty where all files have one.
    """
    rows_of_size: dict[tuple[int, int], list[int]] = {}
    for row, file in enumerate(checked.files):
        rows_of_size.setdefault((file.shape[0], file.shape[1]), []).append(row)
    by_name = {file.name: file for file in unit.files}
    for (height, width), rows in rows_of_size.items():
        members = [checked.files[row] for row in rows]
        files = tuple(by_name[member.name] for member in members)
        colours = any(len(member.shape) == 3 for member in members)
        shape = (len(rows), height, width, *((3,) if colours else ()))
        dtype = np.result_type(*{member.dtype for member in members})
        held = [checked.pictures[row] for row in rows] if checked.pictures else []
        source = _Source(unit, files, held, colours, limits, options)
        stack = replace(_facts(members), values=Values3D(shape, dtype, source.frames))
        if stack.times is None and unit.times is not None and unit.time_unit != "frame":
            place = {file.name: at for at, file in enumerate(unit.files)}
            own = unit.times[[place[file.name] for file in files]]
            stack = replace(stack, times=own, time_unit=unit.time_unit)
        size = f"{width} x {height}" if len(rows_of_size) > 1 else ""
        yield stack, files, tuple(member.sha256 for member in members), size


@dataclass(frozen=True)
class _Source:
    """Where the pictures of a stack come from: memory, or their files once more."""

    unit: Unit
    files: tuple[File, ...]
    held: list[np.ndarray]
    colours: bool
    limits: ReadLimits
    options: ImportOptions

    def frames(self) -> Iterator[np.ndarray]:
        for frame in self.held or self._read():
            gray_among_colours = self.colours and frame.ndim == 2
            yield np.repeat(frame[..., None], 3, axis=-1) if gray_among_colours else frame

    def _read(self) -> Iterator[np.ndarray]:
        for file in self.files:
            data = content(file, self.limits)
            stack = picture(self.unit.kind, data, file.name, self.limits, self.options)
            yield from stack.values.frames()


def _facts(members: list[CheckedFile]) -> Stack:
    """What the files of a series say of it together; where they contradict, nothing."""
    all_facts = [member.facts for member in members if member.facts is not None]
    first = all_facts[0]
    same = {
        name: getattr(first, name)
        for name in ("axes", "y_up", "periodic", "pixel_size", "length_unit", "time_unit")
        if all(getattr(facts, name) == getattr(first, name) for facts in all_facts)
    }
    params = {
        name: value
        for name, value in first.params.items()
        if all(facts.params.get(name) == value for facts in all_facts)
    }
    labels = {
        name: value
        for name, value in first.labels.items()
        if all(facts.labels.get(name) == value for facts in all_facts)
    }
    times = None
    if all(facts.times is not None and len(facts.times) == 1 for facts in all_facts):
        own = np.concatenate([facts.times for facts in all_facts if facts.times is not None])
        # Files that were cut out of one film may all say 0.
        times = own if len(np.unique(own)) == len(own) > 1 else None
    done = dict.fromkeys(sentence for facts in all_facts for sentence in facts.done)
    questions: dict[str, Question] = {}
    for facts in all_facts:
        for question in facts.questions:
            questions.setdefault(question.option, question)
    return Stack(
        first.values,
        times=times,
        params=params,
        labels=labels,
        done=tuple(done),
        questions=tuple(questions.values()),
        **same,
    )
