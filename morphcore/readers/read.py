"""Read trajectories in any accepted format, for an import.

Every picture goes the same way: to gray in its own size by its reader, then to 400 x 100 by
`frames.resize`. One trajectory is in memory at a time.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import numpy as np

from morphcore import frames as framing
from morphcore.progress import Progress, ignore, part
from morphcore.readers import arrays, filenames, hdf5, images, parameters_csv, video
from morphcore.readers.archive import unpacked
from morphcore.readers.files import (
    File,
    Listing,
    content,
    folder,
    on_disk,
    on_this_disk,
    sha256,
    sha256_of_all,
    words,
)
from morphcore.readers.grouping import Unit, plan, trajectory_name
from morphcore.readers.limits import DEFAULT_LIMITS, ReadLimits
from morphcore.readers.results import (
    ImportPathError,
    ReadTrajectory,
    Skipped,
    Stack,
    UnreadableFrame,
)
from morphcore.readers.single_frame import decode
from morphcore.types import FRAME_SHAPE, Rejection, Source, Trajectory

Item = ReadTrajectory | Rejection | Skipped
_OnFile = Callable[[str], None]


def _nobody(_name: str) -> None:
    pass


def read(
    path: Path,
    *,
    progress: Progress = ignore,
    on_file: _OnFile = _nobody,
    limits: ReadLimits = DEFAULT_LIMITS,
) -> Iterator[Item]:
    """Read the trajectories of a folder or file one by one, with rejected and skipped files.

    Names and parameters come from the names of folders and files and from a `trajectories.csv`
    beside them; steps from the numbers in file names, else frames are counted. `on_file` gets
    the name of the file, or of the files that are one trajectory, that is read next.

    Raises:
        ImportPathError: at once, if the path does not exist or cannot be looked into.
    """
    try:
        root = path.resolve(strict=True)
        if root.is_dir():
            return _tree(folder(root, limits), root.name, progress, limits, on_file)
        if not root.is_file():
            raise ImportPathError(f"{path} is neither a folder nor a file.")
        return _single(on_this_disk(root, root.name), progress, limits, on_file)
    except FileNotFoundError as err:
        raise ImportPathError(f"{path} does not exist.") from err
    except (OSError, RuntimeError) as err:  # RuntimeError: links that lead in a circle
        reason = words(err) if isinstance(err, OSError) else "its links lead in a circle"
        raise ImportPathError(f"{path} cannot be opened: {reason}.") from err


def _single(file: File, progress: Progress, limits: ReadLimits, on_file: _OnFile) -> Iterator[Item]:
    """Read a file that was asked for by its name."""
    stem = PurePosixPath(file.name).stem
    planned = plan([file], stem, nested=False, limits=limits, asked_for=True)
    yield from planned.rejections
    for unit in planned.units:
        on_file(file.name)
        yield from _read(unit, _Around(stem, {}, limits), progress)


@dataclass(frozen=True)
class _Around:
    """Context of a unit: the tables around it, and the limits of reading."""

    root_name: str
    tables: Mapping[str, Mapping[str, parameters_csv.Row]]  # by folder, then by name
    limits: ReadLimits
    used: set[tuple[str, str]] = field(default_factory=set)  # rows that some trajectory took


def _tree(
    listing: Listing,
    root_name: str,
    progress: Progress,
    limits: ReadLimits,
    on_file: _OnFile = _nobody,
    *,
    nested: bool = False,
) -> Iterator[Item]:
    """Read all units of a folder or zip, in order."""
    planned = plan(listing.files, root_name, nested=nested, limits=limits)
    yield from listing.rejections
    yield from planned.rejections
    yield from listing.skipped
    yield from planned.skipped
    tables: dict[str, Mapping[str, parameters_csv.Row]] = {}
    for parent, file in planned.tables.items():
        try:
            tables[parent] = parameters_csv.parse(content(file, limits))
        except UnreadableFrame as err:
            yield Rejection(file.name, str(err))
    around = _Around(root_name, tables, limits)
    total = max(1, sum(unit.size for unit in planned.units))
    before = 0
    for unit in planned.units:
        on_file(unit.shown)
        after = before + unit.size
        yield from _read(unit, around, part(progress, before / total, after / total))
        before = after
    for parent, rows in tables.items():
        unused = {name: row.line for name, row in rows.items() if (parent, name) not in around.used}
        if unused:
            shown = ", ".join(f"{name!r} (line {line})" for name, line in list(unused.items())[:3])
            more = f" and {len(unused) - 3} more" if len(unused) > 3 else ""
            reason = f"It names {shown}{more}, but no trajectory beside it is called that."
            yield Rejection(planned.tables[parent].name, reason)


def _read(unit: Unit, around: _Around, progress: Progress) -> Iterator[Item]:
    """Read the trajectories of one unit; an error in it stays within it."""
    try:
        if unit.kind == "archive":
            yield from _zip(unit.files[0], around, progress)
        elif unit.together:
            yield from _together(unit, around, progress)
        else:
            yield from _alone(unit, around, progress)
    except UnreadableFrame as err:
        yield Rejection(unit.shown, str(err))


def _zip(file: File, around: _Around, progress: Progress) -> Iterator[Item]:
    root_name, limits = around.root_name, around.limits
    with unpacked(file, limits) as listing:
        # Beside other files, the members' names begin with that of their zip.
        if trajectory_name(file.name) != root_name:
            root_name = trajectory_name(file.name)
            listing = _below(file.name, listing)
        yield from _tree(listing, root_name, progress, limits, nested=True)


def _below(zip_name: str, listing: Listing) -> Listing:
    return Listing(
        tuple(replace(file, name=f"{zip_name}/{file.name}") for file in listing.files),
        tuple(
            rejection
            if rejection.file == zip_name
            else replace(rejection, file=f"{zip_name}/{rejection.file}")
            for rejection in listing.rejections
        ),
        tuple(replace(skip, file=f"{zip_name}/{skip.file}") for skip in listing.skipped),
    )


def _together(unit: Unit, around: _Around, progress: Progress) -> Iterator[Item]:
    """Read one trajectory of files of one frame each; a bad file is rejected, the rest comes in."""
    around.limits.check_count(len(unit.files))
    frames = np.empty((len(unit.files), *FRAME_SHAPE), dtype=np.uint8)
    good: list[File] = []
    hashes: list[str] = []
    for number, file in enumerate(unit.files):
        progress(number / len(unit.files))
        try:
            data = content(file, around.limits)
            frames[len(good)] = framing.resize(decode(unit.kind, data, file.name, around.limits))
        except UnreadableFrame as err:
            yield Rejection(file.name, str(err))
            continue
        good.append(file)
        hashes.append(hashlib.sha256(data).hexdigest())
    if not good:
        return
    times = filenames.times([PurePosixPath(file.name).stem for file in good])
    stack = Stack(frames[: len(good)], steps=times.steps, time_unit=times.unit)
    alone = len(good) == 1
    source = Source(
        file=good[0].name if alone else unit.shown,
        size=sum(file.size for file in good),
        sha256=hashes[0] if alone else sha256_of_all([file.base for file in good], hashes),
    )
    yield ReadTrajectory(_trajectory(unit, stack, around), source)


def _alone(unit: Unit, around: _Around, progress: Progress) -> Iterator[Item]:
    """Read the trajectories of one file, each with a hash of its own."""
    file = unit.files[0]
    whole = sha256(file)
    for stack in _stacks(unit.kind, file, progress, around.limits):
        if isinstance(stack, Rejection):
            yield stack
            continue
        member = stack.part
        try:
            trajectory = _trajectory(unit, stack, around)
        except UnreadableFrame as err:
            yield Rejection(f"{file.name}/{member}" if member else file.name, str(err))
            continue
        digest = hashlib.sha256(f"{whole}\n{member}".encode()).hexdigest() if member else whole
        yield ReadTrajectory(trajectory, Source(file.name, file.size, digest))


def _stacks(
    kind: filenames.Kind, file: File, progress: Progress, limits: ReadLimits
) -> Iterator[Stack | Rejection]:
    if kind == "npy":
        yield arrays.npy(file, progress, limits)
    elif kind == "npz":
        yield from arrays.npz(file, progress, limits)
    else:  # libraries that want a path
        with on_disk(file) as path:
            if kind == "hdf5":
                yield from hdf5.read(path, file.name, progress, limits)
            elif kind == "video":
                yield video.read(path, progress, limits)
            else:
                yield images.pages(path, progress, limits)


def _trajectory(unit: Unit, stack: Stack, around: _Around) -> Trajectory:
    """Combine frames with the name, steps and parameters that belong to them."""
    if stack.frames.min() == stack.frames.max():
        raise UnreadableFrame(
            "Every frame is one and the same even gray, so there is nothing to see; frames that"
            " are not yet separated are accepted if others of the trajectory are."
        )
    name = stack.name or (f"{unit.name}/{stack.part}" if stack.part else unit.name)
    params = {**filenames.parameters(f"{around.root_name}/{name}"), **stack.params}
    periodic = stack.periodic
    if row := _row(unit, name, around):
        params.update(row.params)
        periodic = periodic if row.periodic is None else row.periodic
    counted = stack.steps is None
    return Trajectory(
        name=name,
        frames=stack.frames,
        steps=np.arange(len(stack.frames), dtype=np.int64) if stack.steps is None else stack.steps,
        params=params,
        time_unit="frame" if counted else stack.time_unit,
        periodic=periodic,
    )


def _row(unit: Unit, name: str, around: _Around) -> parameters_csv.Row | None:
    """Find its row in a `trajectories.csv` in its folder or one around it; the nearest counts."""
    unit_folder = PurePosixPath(unit.folder)
    for ancestor in (unit_folder, *unit_folder.parents):
        parent = "" if str(ancestor) == "." else str(ancestor)
        relative = name.removeprefix(trajectory_name(parent) + "/")
        last = PurePosixPath(name).name
        keys = [relative, name, last]
        if len(unit.files) == 1:
            keys += [unit.files[0].base, PurePosixPath(unit.files[0].base).stem]
        for key in keys:
            if key in around.tables.get(parent, {}):
                around.used.add((parent, key))
                return around.tables[parent][key]
    return None
