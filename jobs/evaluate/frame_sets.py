"""The frames that models are evaluated on, from the store or from files, with their parameters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float64, Int64, UInt8
from sqlite_utils import Database

from morphcore import frames
from morphcore.descriptors import measure
from morphcore.errors import MorphError
from morphcore.evaluation.protocol import UNKNOWN, FrameSet
from morphcore.frames import rows_of
from morphcore.progress import Progress, ignore, part
from morphcore.readers.read import read
from morphcore.readers.results import ReadTrajectory
from morphcore.statistics import split_half
from morphcore.types import Descriptors, Rejection
from store import descriptors, trajectories
from store.trajectories import FrameTable

CHUNK = 128  # frames measured at once
LEAST_ROLL, MOST_ROLL = 40, 360  # px


@dataclass
class Numbers:
    """Integer codes of texts: one a text, the same over all data sets that are read."""

    numbers: dict[str, int] = field(default_factory=dict)

    def of(self, text: str | None) -> int:
        return UNKNOWN if text is None else self.numbers.setdefault(text, len(self.numbers))


@dataclass(frozen=True)
class FrameQuantities:
    """The descriptors that the protocol needs, row by row."""

    fraction: Float64[np.ndarray, " frames"]
    log_length: Float64[np.ndarray, " frames"]
    standard: Float64[np.ndarray, "frames d"]


def of_datasets(
    db: Database, dataset_ids: Sequence[int], numbers: Numbers
) -> tuple[FrameSet, Int64[np.ndarray, " frames"]]:
    """Read the separated frames of data sets, and the index of each within its trajectory."""
    parts, indices = [], []
    for dataset_id in dataset_ids:
        table = trajectories.frame_table(db, dataset_id)
        infos = {info.id: info for info in trajectories.trajectories(db, dataset_id)}
        kept = np.flatnonzero(~table.unseparated)
        owners = [infos[id] for id in table.trajectory_ids[kept].tolist()]
        quantities = _quantities(_rows_of(descriptors.of_dataset(db, dataset_id), table, kept))
        parts.append(
            FrameSet(
                packed=trajectories.packed_bits(db, table.frame_ids[kept]),
                periodic=np.array([owner.periodic for owner in owners], dtype=np.bool_),
                frame_ids=table.frame_ids[kept],
                trajectory_ids=table.trajectory_ids[kept],
                cells=np.array([numbers.of(owner.cell) for owner in owners], dtype=np.int64),
                families=np.array([numbers.of(owner.family) for owner in owners], dtype=np.int64),
                phi=np.array(
                    [np.nan if owner.phi is None else owner.phi for owner in owners],
                    dtype=np.float64,
                ),
                log_time=np.log(np.maximum(table.time[kept], 1).astype(np.float64)),
                fraction=quantities.fraction,
                log_length=quantities.log_length,
                descriptors=quantities.standard,
            )
        )
        indices.append(table.index[kept])
    joined = {name: np.concatenate([vars(part)[name] for part in parts]) for name in vars(parts[0])}
    return FrameSet(**joined), np.concatenate(indices)


def chosen(sample: FrameSet, rows: Int64[np.ndarray, " n"] | Bool[np.ndarray, " n"]) -> FrameSet:
    """Select rows of a frame set."""
    return FrameSet(**{name: values[rows] for name, values in vars(sample).items()})


def rolled(sample: FrameSet, seed: int) -> FrameSet:
    """Roll every frame, all of them periodic, by 40 to 360 px."""
    shifts = np.random.default_rng(seed).integers(LEAST_ROLL, MOST_ROLL + 1, len(sample))
    bits = frames.unpack(sample.packed)
    moved = np.stack(
        [np.roll(frame, shift, axis=1) for frame, shift in zip(bits, shifts, strict=True)]
    )
    return _remeasured(sample, moved)


def mirrored(sample: FrameSet) -> FrameSet:
    """Mirror every frame in x."""
    return _remeasured(sample, frames.unpack(sample.packed)[:, :, ::-1])


def halved(sample: FrameSet, progress: Progress) -> tuple[FrameSet, FrameSet]:
    """Cut every frame into its left and its right half, as `split_half.cuts` does."""
    rows, left, right = split_half.cuts(frames.unpack(sample.packed), sample.periodic)
    cut = chosen(sample, rows)
    first, second = part(progress, 0.0, 0.5), part(progress, 0.5, 1.0)
    return _remeasured(cut, left, first), _remeasured(cut, right, second)


def from_files(folder: Path, progress: Progress) -> tuple[FrameSet, list[str]]:
    """Read the separated frames of users' files, and the names of files that cannot be read.

    Raises:
        ImportPathError: if there is no such folder or file.
        MorphError: if it holds no frame that has separated.
    """
    packed: list[UInt8[np.ndarray, "frames 5000"]] = []
    periodic: list[bool] = []
    unread: list[str] = []
    for item in read(folder, progress=progress):
        if isinstance(item, ReadTrajectory):
            bits = frames.binarise(item.trajectory.frames)
            bits = bits[~frames.is_unseparated(bits)]
            packed.append(frames.pack(bits))
            periodic += [item.trajectory.periodic] * len(bits)
        elif isinstance(item, Rejection):
            unread.append(item.file)
    if not periodic:
        raise MorphError(f"{folder} holds no frame that has separated; so there is nothing to ask.")
    bits_of_all = np.concatenate(packed)
    count = len(bits_of_all)
    unknown = np.full(count, UNKNOWN, dtype=np.int64)
    empty = FrameSet(
        packed=bits_of_all,
        periodic=np.array(periodic, dtype=np.bool_),
        frame_ids=np.zeros(count, dtype=np.int64),
        trajectory_ids=unknown,
        cells=unknown,
        families=unknown,
        phi=np.full(count, np.nan),
        log_time=np.full(count, np.nan),
        fraction=np.empty(count),
        log_length=np.empty(count),
        descriptors=np.empty((count, len(measure.DESCRIPTOR_NAMES))),
    )
    return _remeasured(empty, frames.unpack(bits_of_all)), unread


def _remeasured(
    sample: FrameSet,
    bits: Bool[np.ndarray, "frames 100 400"],
    progress: Progress = ignore,
) -> FrameSet:
    """Measure the frame set anew with other pixels."""
    fraction, log_length = np.empty(len(bits)), np.empty(len(bits))
    standard = np.empty((len(bits), len(measure.DESCRIPTOR_NAMES)))
    done = 0
    for rows, periodic in _chunks(sample.periodic):
        progress(done / len(bits))
        done += len(rows)
        quantities = _quantities(measure.measure(rows, bits[rows], periodic=periodic))
        fraction[rows], log_length[rows] = quantities.fraction, quantities.log_length
        standard[rows] = quantities.standard
    return replace(
        sample,
        packed=frames.pack(bits),
        fraction=fraction,
        log_length=log_length,
        descriptors=standard,
    )


def _chunks(
    periodic: Bool[np.ndarray, " frames"],
) -> Iterator[tuple[Int64[np.ndarray, " chunk"], bool]]:
    """Rows a chunk at a time, frames with and without walls apart."""
    for kind in (True, False):
        rows = np.flatnonzero(periodic == kind)
        for begin in range(0, len(rows), CHUNK):
            yield rows[begin : begin + CHUNK], kind


def _quantities(measured: Descriptors) -> FrameQuantities:
    return FrameQuantities(
        fraction=measured.fraction.astype(np.float64),
        log_length=np.log(measured.length.astype(np.float64)),
        standard=measure.standard_set(measured),
    )


def _rows_of(
    measured: Descriptors, table: FrameTable, kept: Int64[np.ndarray, " n"]
) -> Descriptors:
    """The descriptors of the kept frames of a table, in its order."""
    rows = rows_of(measured.frame_ids, table.frame_ids[kept])
    return Descriptors(**{name: values[rows] for name, values in vars(measured).items()})
