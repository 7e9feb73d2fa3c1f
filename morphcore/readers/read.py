"""Read trajectories in any accepted format, for an import, after a look at what would be stored.

A look goes over all files once and decides how each stack becomes gray frames; a reading that has
been looked at before goes over them once more, and stores what was shown. One trajectory is
read at a time, and of a long one only a part is in memory.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from morphcore.frame_file import GrayFrames, chunks, of_rows
from morphcore.progress import Progress, ignore, part
from morphcore.readers.file_series import Checked
from morphcore.readers.found import Found, OnFile, Walk, nobody
from morphcore.readers.frame_times import FrameTimes, frame_times
from morphcore.readers.interpretation.interpret import Interpretation, interpret
from morphcore.readers.limits import DEFAULT_LIMITS, ReadLimits
from morphcore.readers.look import ImportLook, TrajectoryLook
from morphcore.readers.options import DEFAULT_OPTIONS, ImportOptions
from morphcore.readers.results import ReadTrajectory, Skipped, UnreadableFrame
from morphcore.readers.trajectory_looks import compared, looks_at, questions_of, window_name
from morphcore.types import Rejection, Source, Trajectory

_READ_SHARE = 0.3  # of a trajectory's progress; what is done with it then has the rest

Item = ReadTrajectory | Rejection | Skipped


@dataclass(frozen=True)
class Survey:
    """A look at an import, and all that was decided in it, for the reading that follows."""

    look: ImportLook
    interpretations: Mapping[str, Interpretation] = field(repr=False)
    refused: Mapping[str, Rejection] = field(repr=False)  # by the keys of what was found
    checked: Mapping[str, Checked] = field(repr=False)


def look(
    path: Path,
    options: ImportOptions = DEFAULT_OPTIONS,
    *,
    progress: Progress = ignore,
    limits: ReadLimits = DEFAULT_LIMITS,
) -> ImportLook:
    """Look at what an import would store, without storing anything.

    Raises:
        ImportPathError: if the path does not exist or cannot be looked into.
    """
    return survey(path, options, progress=progress, limits=limits).look


def survey(
    path: Path,
    options: ImportOptions = DEFAULT_OPTIONS,
    *,
    progress: Progress = ignore,
    on_file: OnFile = nobody,
    limits: ReadLimits = DEFAULT_LIMITS,
) -> Survey:
    """Look at an import, and keep what was decided for `read`.

    Raises:
        ImportPathError: if the path does not exist or cannot be looked into.
    """
    walk = Walk(options, limits, progress, on_file)
    looks: list[TrajectoryLook] = []
    rejections: list[Rejection] = []
    skipped: list[str] = []
    interpretations: dict[str, Interpretation] = {}
    refused: dict[str, Rejection] = {}
    seen: dict[tuple[str, ...], str] = {}
    for item in walk.findings(path):
        match item:
            case Skipped(file):
                skipped.append(file)
            case Rejection():
                rejections.append(item)
            case Found():
                item = _with_twin(item, seen)
                try:
                    decided, values = interpret(
                        item.stack, item.unit.kind, options, item.progress, periodic=item.periodic
                    )
                    times = _times(item, options)
                    item.frame_rows(times)  # so that rows that are not used can be named
                    interpretations[item.key] = decided
                    looks += looks_at(item, decided, values, times, len(looks))
                except UnreadableFrame as err:
                    refused[item.key] = Rejection(item.shown, str(err))
                    rejections.append(refused[item.key])
    looks = compared(looks)
    whole = ImportLook(
        options, tuple(looks), tuple(rejections), tuple(skipped), questions_of(looks)
    )
    return Survey(whole, interpretations, refused, walk.checked)


def read(
    path: Path,
    options: ImportOptions = DEFAULT_OPTIONS,
    *,
    surveyed: Survey | None = None,
    progress: Progress = ignore,
    on_file: OnFile = nobody,
    limits: ReadLimits = DEFAULT_LIMITS,
    scratch: Path | None = None,
) -> Iterator[Item]:
    """Read the trajectories of a folder or file one by one, with rejected and skipped files.

    The frames of a long one lie in a temporary file in the folder `scratch`
    (`frame_file.FrameFile`); by default, where the system has its temporary files.

    What a `survey` of the same path and options decided is not decided again. A trajectory with
    an open question is rejected. `on_file` gets the name of the file, or of the files that are one
    trajectory, that is read next.

    Raises:
        ImportPathError: at once, if the path does not exist or cannot be looked into.
        NoRoom: while it is read, if the disk has no room for that file.
    """
    walk = Walk(options, limits, progress, on_file)
    if surveyed is not None:
        walk.checked.update(surveyed.checked)
    return _read(walk, walk.findings(path), surveyed, scratch)


def _read(
    walk: Walk,
    findings: Iterator[Found | Rejection | Skipped],
    surveyed: Survey | None,
    scratch: Path | None,
) -> Iterator[Item]:
    for item in findings:
        if not isinstance(item, Found):
            yield item
            continue
        if surveyed is not None and item.key in surveyed.refused:
            yield surveyed.refused[item.key]
            continue
        decided = None if surveyed is None else surveyed.interpretations.get(item.key)
        progress = item.progress
        try:
            if decided is None:
                decided, _ = interpret(
                    item.stack,
                    item.unit.kind,
                    walk.options,
                    part(item.progress, 0.0, 0.5),
                    periodic=item.periodic,
                )
                progress = part(progress, 0.5, 1.0)
            yield from _trajectories(item, decided, walk, progress, scratch)
        except UnreadableFrame as err:
            yield Rejection(item.shown, str(err))


def _with_twin(item: Found, seen: dict[tuple[str, ...], str]) -> Found:
    """Warn of frames whose files are those of a trajectory before, byte for byte."""
    files = tuple(source.sha256 for source in item.sources)
    twin = seen.setdefault(files, item.name) if files else item.name
    if twin == item.name:
        return item
    return replace(item, warnings=(*item.warnings, f"Its files are the same as those of {twin}."))


def _times(found: Found, options: ImportOptions) -> FrameTimes:
    return frame_times(
        found.stack.values.shape[0], found.stack.times, found.stack.time_unit, options
    )


def _trajectories(
    found: Found, decided: Interpretation, walk: Walk, progress: Progress, scratch: Path | None
) -> Iterator[Item]:
    """Make the trajectories of a stack: one, or one of each window."""
    options = walk.options
    times = _times(found, options)
    open_questions = (*decided.questions, *times.questions)
    if open_questions:
        yield Rejection(found.shown, " ".join(question.message for question in open_questions))
        return
    source = found.source()
    sources = found.sources
    if times.order is not None and sources:
        sources = tuple(sources[row] for row in times.order)
    rows = found.frame_rows(times)
    edges = found.periodic if options.periodic is None else decided.periodic
    windows = decided.frames(
        found.stack.values,
        part(progress, 0.0, _READ_SHARE),
        held_bytes=walk.limits.held_bytes,
        scratch=scratch,
    )
    each = (1 - _READ_SHARE) / len(decided.windows)
    for number, (window, frames) in enumerate(windows):
        if times.order is not None:
            frames = of_rows(frames, times.order)
        if len(decided.windows) > 1 and _is_even(frames):
            yield Rejection(
                f"{found.shown}, {window.label}", "Every frame is one and the same even gray."
            )
            continue
        yield ReadTrajectory(
            Trajectory(
                name=window_name(found.name, window),
                frames=frames,
                times=np.asarray(times.times, dtype=np.float64),
                params=dict(found.params),
                labels=dict(found.labels),
                time_unit=times.unit,
                periodic=decided.periodic[0],
                periodic_y=decided.periodic[1],
                pixel_size=decided.pixel_size,
                length_unit=decided.length_unit,
                threshold=decided.scale.threshold,
                sources=tuple(_of_window(each, window.label) for each in sources),
            ),
            _of_window(source, window.label),
            edges,
            tuple(row.params if row else {} for row in rows),
            tuple(row.labels if row else {} for row in rows),
            part(progress, _READ_SHARE + number * each, _READ_SHARE + (number + 1) * each),
        )


def _is_even(frames: GrayFrames) -> bool:
    """Whether all pixels of all frames are of one gray level."""
    level = frames[0][0, 0]
    return all(bool((part == level).all()) for _, part in chunks(frames))


def _of_window(source: Source, label: str) -> Source:
    """The source of a window: its file, by a hash of its own."""
    if not label:
        return source
    digest = hashlib.sha256(f"{source.sha256}\n{label}".encode()).hexdigest()
    return Source(source.file, source.size, digest)
