"""The frames that models are evaluated on, from the store or from files, with their parameters."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float64, Int64
from sqlite_utils import Database

from morphcore import frames
from morphcore.descriptors import contrast, measure
from morphcore.embedding import rescaling
from morphcore.embedding.rescaling import PixelScale, ScaleChoice
from morphcore.errors import MorphError
from morphcore.evaluation.protocol import UNKNOWN, FrameSet
from morphcore.evaluation.result import SeparatedBy
from morphcore.frames import PackedFrames, SizedFrames, rows_of
from morphcore.progress import Progress, ignore, part
from morphcore.readers.options import ImportOptions
from morphcore.readers.read import read
from morphcore.readers.results import ReadTrajectory
from morphcore.statistics import split_half
from morphcore.types import Descriptors, Rejection, Trajectory
from store import descriptors, trajectories
from store.trajectories import FrameTable, TrajectoryInfo

CHUNK = 128  # frames measured at once
LEAST_ROLL = 0.1  # of the width


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
    db: Database, dataset_ids: Sequence[int], numbers: Numbers, separated: SeparatedBy
) -> tuple[FrameSet, Int64[np.ndarray, " frames"]]:
    """Read the separated frames of data sets, and the index of each within its trajectory."""
    parts, indices = [], []
    for dataset_id in dataset_ids:
        table = trajectories.frame_table(db, dataset_id)
        infos = {info.id: info for info in trajectories.trajectories(db, dataset_id)}
        measured = descriptors.of_dataset(db, dataset_id)
        kept = np.flatnonzero(_kept(table, measured, separated))
        owners = [infos[id] for id in table.trajectory_ids[kept].tolist()]
        quantities = _quantities(_rows_of(measured, table, kept))
        parts.append(
            FrameSet(
                packed=trajectories.packed(db, table.frame_ids[kept]),
                frame_ids=table.frame_ids[kept],
                trajectory_ids=table.trajectory_ids[kept],
                cells=np.array([numbers.of(owner.cell) for owner in owners], dtype=np.int64),
                families=np.array([numbers.of(owner.family) for owner in owners], dtype=np.int64),
                phi=np.array(
                    [np.nan if owner.phi is None else owner.phi for owner in owners],
                    dtype=np.float64,
                ),
                log_time=_log_times(table, kept, owners),
                fraction=quantities.fraction,
                log_length=quantities.log_length,
                descriptors=quantities.standard,
            )
        )
        indices.append(table.index[kept])
    return FrameSet.joined(parts), np.concatenate(indices)


def _kept(
    table: FrameTable, measured: Descriptors, separated: SeparatedBy
) -> Bool[np.ndarray, " frames"]:
    """Mask the frames that count as separated: by their contrast, or by two colours alone."""
    if separated == "contrast":
        return ~table.unseparated
    one_colour = measured.frame_ids[(measured.fraction <= 0) | (measured.fraction >= 1)]
    mask: np.ndarray = ~np.isin(table.frame_ids, one_colour)
    return mask


def _log_times(
    table: FrameTable, kept: Int64[np.ndarray, " n"], owners: Sequence[TrajectoryInfo]
) -> Float64[np.ndarray, " n"]:
    """The logarithm of times; those before the first step, or 1, count as that.

    Times in a unit such as seconds may all be below 1: their first one above 0 takes its place.
    """
    times = table.time[kept]
    real = np.array([owner.time_unit not in ("step", "frame") for owner in owners], dtype=np.bool_)
    positive = times[real & (times > 0)]
    least = np.where(real, positive.min() if len(positive) else 1.0, 1.0)
    logs: np.ndarray = np.log(np.maximum(times, least))
    return logs


def rolled(sample: FrameSet, seed: int) -> FrameSet:
    """Roll every frame, all of them periodic, by a tenth to nine tenths of its width."""
    rng = np.random.default_rng(seed)

    def moved(packed: PackedFrames) -> PackedFrames:
        least = round(LEAST_ROLL * packed.shape[1])
        shifts = rng.integers(least, packed.shape[1] - least + 1, len(packed))
        rolled_bits = np.stack(
            [
                np.roll(bits, shift, axis=1)
                for bits, shift in zip(packed.bits(), shifts, strict=True)
            ]
        )
        return replace(packed, packed=frames.pack(rolled_bits))

    return _remeasured(sample, _by_size(sample.packed, moved))


def mirrored(sample: FrameSet) -> FrameSet:
    """Mirror every frame in x."""

    def moved(packed: PackedFrames) -> PackedFrames:
        return replace(packed, packed=frames.pack(packed.bits()[:, :, ::-1]))

    return _remeasured(sample, _by_size(sample.packed, moved))


def halved(sample: FrameSet, progress: Progress) -> tuple[FrameSet, FrameSet]:
    """Cut every frame into its left and its right half, as `split_half.cuts` does."""
    cut_rows: list[Int64[np.ndarray, " cuts"]] = []
    lefts: list[SizedFrames] = []
    rights: list[SizedFrames] = []
    for whole_rows, packed in sample.packed.parts:
        rows, left, right = split_half.cuts(packed.bits(), packed.periodic)
        cut_rows.append(whole_rows[rows])
        for halves, bits in ((lefts, left), (rights, right)):
            joined = PackedFrames(
                frames.pack(bits),
                (bits.shape[1], bits.shape[2]),
                np.ones(len(rows), dtype=np.bool_),  # with its mirror image a half goes around
                packed.periodic_y[rows],
            )
            halves.append(SizedFrames.of(joined))
    cut = sample[np.concatenate(cut_rows)]
    first, second = part(progress, 0.0, 0.5), part(progress, 0.5, 1.0)
    return (
        _remeasured(cut, SizedFrames.joined(lefts), first),
        _remeasured(cut, SizedFrames.joined(rights), second),
    )


@dataclass(frozen=True, kw_only=True)
class RealFramesSource:
    """Users' files, and how their frames become as large as those of a model."""

    path: Path
    pixel_size: tuple[float, float] | None = None  # along x and y; unequal ones are made square
    scale: ScaleChoice = "one"


def from_files(
    source: RealFramesSource, model: PixelScale, progress: Progress, separated: SeparatedBy
) -> tuple[FrameSet, list[str]]:
    """Read the separated frames of users' files, and the names of files that cannot be read.

    Raises:
        ImportPathError: if there is no such folder or file.
        MorphError: if it holds no frame that has separated.
        ScaleError: if the factor is outside its range.
    """
    options = ImportOptions(pixel_size=source.pixel_size)
    packed: list[SizedFrames] = []
    unread: list[str] = []
    for item in read(source.path, options, progress=progress):
        if isinstance(item, ReadTrajectory):
            trajectory = item.trajectory
            factor = rescaling.decide(
                model, PixelScale(trajectory.frames.shape[1]), source.scale
            ).factor
            bits = np.stack(
                [
                    rescaling.binarised(
                        gray, factor, trajectory.threshold, periodic=trajectory.periodic
                    )
                    for gray in trajectory.array
                ]
            )
            bits = bits[~_unseparated(trajectory, bits, separated)]
            if len(bits):
                edges = {"periodic": trajectory.periodic, "periodic_y": trajectory.periodic_y}
                packed.append(SizedFrames.of(PackedFrames.of(bits, **edges)))
        elif isinstance(item, Rejection):
            unread.append(item.file)
    if not packed:
        raise MorphError(
            f"{source.path} holds no frame that has separated; so there is nothing to ask."
        )
    joined = SizedFrames.joined(packed)
    count = len(joined)
    unknown = np.full(count, UNKNOWN, dtype=np.int64)
    empty = FrameSet(
        packed=joined,
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
    return _remeasured(empty, joined), unread


def _unseparated(
    trajectory: Trajectory, bits: Bool[np.ndarray, "frames h w"], separated: SeparatedBy
) -> Bool[np.ndarray, " frames"]:
    one_colour = frames.is_unseparated(bits)
    if separated == "colour":
        return one_colour
    of_frames = contrast.measure(trajectory.array, trajectory.composition_chi)
    mask: np.ndarray = one_colour | ~contrast.is_separated(of_frames)
    return mask


def _by_size(packed: SizedFrames, change: Callable[[PackedFrames], PackedFrames]) -> SizedFrames:
    return SizedFrames(tuple((rows, change(own)) for rows, own in packed.parts))


def _remeasured(
    sample: FrameSet,
    packed: SizedFrames,
    progress: Progress = ignore,
) -> FrameSet:
    """Measure the frame set anew with other pixels."""
    count = len(packed)
    fraction, log_length = np.empty(count), np.empty(count)
    standard = np.empty((count, len(measure.DESCRIPTOR_NAMES)))
    done = 0
    for whole_rows, own in packed.parts:
        for rows, periodic, periodic_y in _chunks(own):
            progress(done / count)
            done += len(rows)
            measured = measure.measure(
                rows, own[rows].bits(), periodic=periodic, periodic_y=periodic_y
            )
            quantities, chunk = _quantities(measured), whole_rows[rows]
            fraction[chunk], log_length[chunk] = quantities.fraction, quantities.log_length
            standard[chunk] = quantities.standard
    return replace(
        sample,
        packed=packed,
        fraction=fraction,
        log_length=log_length,
        descriptors=standard,
    )


def _chunks(packed: PackedFrames) -> Iterator[tuple[Int64[np.ndarray, " chunk"], bool, bool]]:
    """Rows a chunk at a time, frames with and without walls in x and in y apart."""
    for x, y in product((True, False), repeat=2):
        rows = np.flatnonzero((packed.periodic == x) & (packed.periodic_y == y))
        for begin in range(0, len(rows), CHUNK):
            yield rows[begin : begin + CHUNK], x, y


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
