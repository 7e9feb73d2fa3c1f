"""What a path holds, trajectory by trajectory, before it is interpreted: stacks with their names.

A stack's values can be read until the next item is asked for: its file is open that long.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath

from morphcore.progress import Progress, part
from morphcore.readers.file_series import Checked, check, stacks_of_sizes
from morphcore.readers.files.archive import unpacked
from morphcore.readers.files.listing import (
    File,
    Listing,
    folder,
    on_this_disk,
    sha256,
    sha256_of_all,
    words,
)
from morphcore.readers.frame_times import FrameTimes
from morphcore.readers.grouping import Unit, plan, trajectory_name
from morphcore.readers.limits import ReadLimits
from morphcore.readers.names import filenames
from morphcore.readers.options import ImportOptions
from morphcore.readers.results import ImportPathError, Skipped, Stack, UnreadableFrame
from morphcore.readers.stacks import stacks
from morphcore.readers.table_rows import Tables, read_tables
from morphcore.readers.tables.parameters_csv import FrameRow
from morphcore.readers.times_file import others, times_files
from morphcore.types import Rejection, Source

OnFile = Callable[[str], None]


def nobody(_name: str) -> None:
    """Tell nobody which file is read."""


@dataclass(frozen=True)
class Found:
    """The frames of one trajectory, as their files hold them."""

    key: str  # the same at every reading of the same path
    unit: Unit
    stack: Stack
    name: str  # of the trajectory
    shown: str  # among the files: the file (and the part of it), or the folder of many
    files: tuple[File, ...]  # in time order; one for a file that holds it whole
    params: Mapping[str, float]
    labels: Mapping[str, str]
    periodic: tuple[bool, bool] | None  # what a table says
    source: Callable[[], Source]  # reads the whole file, where it has to be hashed
    sources: tuple[Source, ...]  # of each frame, where each has a file of its own
    tables: Tables
    progress: Progress  # of its pictures, as a part of the whole

    def frame_rows(self, times: FrameTimes) -> tuple[FrameRow | None, ...]:
        """What a table says of its frames, in time order; empty where none does."""
        files = [source.file for source in self.sources]
        if times.order is not None and files:
            files = [files[row] for row in times.order]
        return self.tables.frame_rows(self.unit, self.name, files, times.times.tolist())

    warnings: tuple[str, ...] = ()


Finding = Found | Rejection | Skipped


@dataclass
class Walk:
    """One way through the files of an import: its limits and options, and what it has seen.

    `checked` remembers which files of a series are good, so that a second walk need not look.
    """

    options: ImportOptions
    limits: ReadLimits
    progress: Progress
    on_file: OnFile = nobody
    checked: dict[str, Checked] = field(default_factory=dict)
    _most: float = 0.0
    _began: float = field(default_factory=lambda: time.monotonic())

    def _report(self, share: float) -> None:
        """Report progress that never goes back: a stack may be gone over several times."""
        self._most = max(self._most, share)
        self.limits.check_time(time.monotonic() - self._began, self._most)
        self.progress(self._most)

    def findings(self, path: Path) -> Iterator[Finding]:
        """Find the trajectories of a folder or file one by one.

        Raises:
            TooLong: while it is gone over, if that takes more time than is accepted.
            ImportPathError: at once, if the path does not exist or cannot be looked into.
        """
        try:
            root = path.resolve(strict=True)
            if root.is_dir():
                return self._tree(folder(root, self.limits, self._report), root.name, self._report)
            if not root.is_file():
                raise ImportPathError(f"{path} is neither a folder nor a file.")
            return self._single(on_this_disk(root, root.name))
        except FileNotFoundError as err:
            raise ImportPathError(f"{path} does not exist.") from err
        except (OSError, RuntimeError) as err:  # RuntimeError: links that lead in a circle
            reason = words(err) if isinstance(err, OSError) else "its links lead in a circle"
            raise ImportPathError(f"{path} cannot be opened: {reason}.") from err

    def _single(self, file: File) -> Iterator[Finding]:
        """Look into a file that was asked for by its name."""
        stem = trajectory_name(PurePosixPath(file.name).stem)
        planned = plan(
            [file], stem, nested=False, limits=self.limits, asked_for=True, options=self.options
        )
        yield from planned.rejections
        for unit in planned.units:
            self.on_file(file.name)
            yield from self._unit(unit, Tables(stem), self._report)

    def _tree(
        self, listing: Listing, root_name: str, progress: Progress, *, nested: bool = False
    ) -> Iterator[Finding]:
        """Look into all units of a folder or archive, in order."""
        times = times_files(listing.files)
        frames = others(listing.files, times)
        planned = plan(
            frames,
            root_name,
            nested=nested,
            limits=self.limits,
            options=self.options,
            progress=progress,
        )
        yield from listing.rejections
        yield from planned.rejections
        yield from listing.skipped
        yield from planned.skipped
        tables, faults = read_tables(planned, root_name, self.limits)
        yield from faults
        total = max(1, sum(unit.size for unit in planned.units))
        before = 0
        used: set[str] = set()
        for unit in planned.units:
            if not nested:
                self.on_file(unit.shown)
            after = before + unit.size
            for item in self._unit(unit, tables, part(progress, before / total, after / total)):
                beside = times.get(item.files[0].folder) if isinstance(item, Found) else None
                if beside is not None and isinstance(item, Found):
                    stack = beside.of(item.stack)
                    if stack is not item.stack:
                        used.add(beside.file.folder)
                    yield replace(item, stack=stack)
                else:
                    yield item
            before = after
        for folder_name, one in times.items():
            if folder_name not in used:
                reason = f"Its {len(one.times)} times fit no frames beside it without times."
                yield Rejection(one.file.name, reason)
        yield from tables.unused()

    def _unit(self, unit: Unit, tables: Tables, progress: Progress) -> Iterator[Finding]:
        """Look into one unit; an error in it stays within it."""
        try:
            if unit.kind == "archive":
                yield from self._archive(unit.files[0], tables.root_name, progress)
            elif unit.together:
                yield from self._together(unit, tables, progress)
            else:
                yield from self._alone(unit, tables, progress)
        except UnreadableFrame as err:
            yield Rejection(unit.shown, str(err))

    def _archive(self, file: File, root_name: str, progress: Progress) -> Iterator[Finding]:
        with unpacked(file, self.limits, progress) as listing:
            # Beside other files, the members' names begin with that of their archive.
            if trajectory_name(file.name) != root_name:
                root_name = trajectory_name(file.name)
                listing = _below(file.name, listing)
            yield from self._tree(listing, root_name, progress, nested=True)

    def _together(self, unit: Unit, tables: Tables, progress: Progress) -> Iterator[Finding]:
        """Find the trajectory of files of one frame each; a bad file is rejected, the rest is good.

        Files of several sizes are a trajectory for each size.
        """
        self.limits.check_count(len(unit.files))
        checked = self.checked.get(unit.shown)
        if checked is None:
            checked = check(unit, self.limits, self.options, part(progress, 0.0, 0.5))
            progress = part(progress, 0.5, 1.0)
            self.checked[unit.shown] = checked.without_pictures()
        yield from checked.rejections
        for stack, good, hashes, size in stacks_of_sizes(unit, checked, self.limits, self.options):
            sources = tuple(
                Source(file.name, file.size, digest)
                for file, digest in zip(good, hashes, strict=True)
            )
            whole = (
                sources[0]
                if len(good) == 1
                else Source(
                    f"{unit.shown} {size}".rstrip(),
                    sum(file.size for file in good),
                    sha256_of_all([file.base for file in good], list(hashes)),
                )
            )
            key = f"{unit.shown}|{size}"
            found = self._found(unit, stack, tables, key, good, partial(_same, whole), progress)
            name = f"{found.name} ({size})" if size else found.name
            several = "Its files have several sizes; each size is a trajectory of its own."
            yield replace(found, name=name, sources=sources, warnings=(several,) if size else ())

    def _alone(self, unit: Unit, tables: Tables, progress: Progress) -> Iterator[Finding]:
        """Find the trajectories of one file."""
        file = unit.files[0]
        whole: list[str] = []
        for stack in stacks(unit.kind, file, progress, self.limits, self.options):
            if isinstance(stack, Rejection):
                yield stack
                continue

            def source(member: str = stack.part) -> Source:
                if not whole:
                    whole.append(sha256(file, progress))
                hashed = hashlib.sha256(f"{whole[0]}\n{member}".encode()).hexdigest()
                return Source(file.name, file.size, hashed if member else whole[0])

            yield self._found(
                unit, stack, tables, f"{unit.shown}|{stack.part}", (file,), source, progress
            )

    def _found(
        self,
        unit: Unit,
        stack: Stack,
        tables: Tables,
        key: str,
        files: tuple[File, ...],
        source: Callable[[], Source],
        progress: Progress,
    ) -> Found:
        """Combine frames with the name and parameters that belong to them."""
        name = stack.name or (f"{unit.name}/{stack.part}" if stack.part else unit.name)
        params = {**filenames.parameters(f"{tables.root_name}/{name}"), **stack.params}
        labels = dict(stack.labels)
        periodic = None
        if row := tables.row(unit, name):
            params.update(row.params)
            labels.update(row.labels)
            periodic = None if row.periodic is None else (row.periodic, False)
        shown = f"{files[0].name}/{stack.part}" if stack.part else unit.shown
        return Found(
            key,
            unit,
            stack,
            name,
            shown,
            files,
            params,
            labels,
            periodic,
            source,
            (),
            tables,
            progress,
        )


def _same(source: Source) -> Source:
    return source


def _below(archive_name: str, listing: Listing) -> Listing:
    return Listing(
        tuple(replace(file, name=f"{archive_name}/{file.name}") for file in listing.files),
        tuple(
            rejection
            if rejection.file == archive_name
            else replace(rejection, file=f"{archive_name}/{rejection.file}")
            for rejection in listing.rejections
        ),
        tuple(replace(skip, file=f"{archive_name}/{skip.file}") for skip in listing.skipped),
    )
