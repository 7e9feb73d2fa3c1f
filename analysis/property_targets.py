"""What a row of a table of properties is of: the frame or trajectory that its cells name."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from sqlite_utils import Database

from morphcore.readers.tables.property_table import PropertyTable
from store import trajectories

Target = tuple[int | None, int]  # frame, or None for the whole of it, and its trajectory


class Targets:
    """The frames and trajectories of a data set, by the names that rows may give them."""

    def __init__(self, db: Database, dataset_id: int) -> None:
        self.dataset_id = dataset_id
        self.infos = trajectories.trajectories(db, dataset_id)
        self.by_name = {info.name: info for info in self.infos}
        self.frames: dict[int, int] = {}  # trajectory, by frame id
        self.by_index: dict[tuple[int, int], int] = {}
        self.by_time: dict[tuple[int, float], int] = {}
        self.by_file: dict[str, set[int]] = {}
        table = trajectories.frame_table(db, dataset_id)
        for frame_id, owner, index, time in zip(
            table.frame_ids.tolist(),
            table.trajectory_ids.tolist(),
            table.index.tolist(),
            table.time.tolist(),
            strict=True,
        ):
            self.frames[frame_id] = owner
            self.by_index[owner, index] = frame_id
            self.by_time[owner, time] = frame_id
        for frame_id, file in trajectories.frame_files(db, dataset_id).items():
            for name in _names_of(file):
                self.by_file.setdefault(name, set()).add(frame_id)
        self.by_source: dict[str, set[int]] = {}
        for info in self.infos:
            for name in _names_of(info.source_file) if info.source_file else ():
                self.by_source.setdefault(name, set()).add(info.id)

    def of(self, table: PropertyTable, row: int) -> Target | str:
        """What a row is of; a reason where it is of nothing."""
        cells = {role: cells[row] for role, cells in table.keys.items()}
        if cells.get("frame_id"):
            number = cells["frame_id"]
            if number.isdecimal() and int(number) in self.frames:
                return int(number), self.frames[int(number)]
            return "the data set has no frame of that id"
        if cells.get("trajectory"):
            return self._of_trajectory(cells)
        if cells.get("file"):
            return self._of_file(cells["file"])
        return "it names nothing"

    def _of_trajectory(self, cells: Mapping[str, str]) -> Target | str:
        info = self.by_name.get(cells["trajectory"])
        if info is None:
            return self._of_file(cells.get("file") or cells["trajectory"])
        if cells.get("index"):
            frame = self.by_index.get((info.id, _whole(cells["index"])))
            return "its trajectory has no such index" if frame is None else (frame, info.id)
        if cells.get("time"):
            frame = self.by_time.get((info.id, _number(cells["time"])))
            return "its trajectory has no frame at that time" if frame is None else (frame, info.id)
        return self._of_file(cells["file"]) if cells.get("file") else (None, info.id)

    def _of_file(self, file: str) -> Target | str:
        for name in _names_of(file):
            frames = self.by_file.get(name, set())
            owners = {self.frames[frame] for frame in frames} or self.by_source.get(name, set())
            if len(frames) == 1:
                return next(iter(frames)), next(iter(owners))
            if len(owners) == 1:
                return None, next(iter(owners))  # a file of a whole trajectory
            if owners:
                return "several files have that name; give their folders, too"
        stem = PurePosixPath(file).stem
        for name in (file, stem):
            if name in self.by_name:
                return None, self.by_name[name].id
        for info in self.infos:  # stores of older versions do not know the files of frames
            if stem.startswith(info.name):
                time = _number(stem[len(info.name) :].lstrip("_- "))
                if (info.id, time) in self.by_time:
                    return self.by_time[info.id, time], info.id
        return "the data set has no file, frame or trajectory of that name"

    def label(self, target: Target) -> str:
        """A frame or trajectory in words."""
        frame, owner = target
        name = next(info.name for info in self.infos if info.id == owner)
        return name if frame is None else f"frame {frame} of {name}"


def _names_of(file: str) -> list[str]:
    """A file by its path, and by ever shorter ends of it, with its ending and then without."""
    parts = PurePosixPath(file.replace("\\", "/")).parts
    whole = ["/".join(parts[first:]) for first in range(len(parts))]
    # In data_0.514_2.4 the last dot begins no ending.
    stems = [
        name.removesuffix(PurePosixPath(name).suffix)
        for name in whole
        if not PurePosixPath(name).suffix[1:].isdecimal()
    ]
    return list(dict.fromkeys([*whole, *stems]))


def _whole(cell: str) -> int:
    return int(cell) if cell.isdecimal() else -1


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")
