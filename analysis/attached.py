"""Other data sets that a model looks at: their scale beside the model's, frames and latents."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float64, Int64
from sqlite_utils import Database

from analysis.frame_embedding import FrameEmbedding
from morphcore.config import LEAST_SIDE
from morphcore.embedding import rescaling
from morphcore.embedding.rescaling import (
    PixelScale,
    Rescaling,
    ScaleChoice,
    ScaleError,
    ScaleUnknown,
)
from morphcore.errors import MorphError
from morphcore.frames import PackedFrames, SizedFrames, rows_of
from morphcore.types import Descriptors, Latents
from store import attached, datasets, trajectories
from store.attached import Attachment
from store.datasets import Dataset
from store.db import open_store
from store.runs import IndexedRun, Run
from store.trajectories import TrajectoryInfo

MOST_SCALED = 4096  # px a side, of a frame that a model is to see
LENGTHS = ("length", "chord_x", "chord_y", "first_zero")  # descriptors in px


class NotAttached(MorphError):
    """A data set that a run's model has not encoded."""

    def __init__(self, run: Run, dataset: str) -> None:
        super().__init__(f"{run.name} has not looked at {dataset} yet.")
        self.run_id, self.dataset = run.id, dataset


@dataclass(frozen=True, kw_only=True)
class AttachedFrames:
    """The frames of another data set, embedded by a run's model at its own pixel size."""

    attachment: Attachment
    frames: FrameEmbedding  # distances of random pairs are those of the run's own frames
    latents: Latents  # row by row
    rescalings: Mapping[int, Rescaling]  # by trajectory id


def scale_of(info: TrajectoryInfo) -> PixelScale:
    """The pixel scale of a trajectory's frames."""
    return PixelScale(info.height, info.pixel_size, info.length_unit)


def model_scale(db: Database, run: Run) -> PixelScale:
    """The pixel scale of the frames that a run's model knows: those of its own data set.

    Of several heights, that of most frames; without a pixel size where trajectories differ in it.
    """
    infos = [info for info in trajectories.trajectories(db, run.dataset_id) if info.frame_count]
    return joint_scale(infos)


def joint_scale(infos: Sequence[TrajectoryInfo]) -> PixelScale:
    """The pixel scale of several trajectories, as in `model_scale`."""
    heights: Counter[int] = Counter()
    for info in infos:
        heights[info.height] += info.frame_count
    scales = [scale_of(info) for info in infos]
    height = heights.most_common(1)[0][0] if heights else 0
    if not scales:
        return PixelScale(height)
    ratios = [scale.over(scales[0]) for scale in scales]
    if any(ratio is None or abs(ratio - 1) > 1e-3 for ratio in ratios):
        return PixelScale(height)
    return PixelScale(height, scales[0].pixel_size, scales[0].length_unit)


def choice_of(attachment: Attachment) -> ScaleChoice | None:
    """The choice by which a data set was attached; None where the pixel sizes decided."""
    match attachment.how:
        case "thickness":
            return "thickness"
        case "one":
            return "one"
        case "factor":
            return attachment.factor
        case "pixel size":
            return None


def decide(
    model: PixelScale, infos: Sequence[TrajectoryInfo], choice: ScaleChoice | None
) -> dict[int, Rescaling]:
    """How the frames of each trajectory are scaled for a model, by its id.

    Raises:
        ScaleUnknown: if there is no choice, and the pixel size of the model or of one of them is
            not known.
        ScaleError: if a factor is outside its range.
    """
    return {info.id: rescaling.decide(model, scale_of(info), choice) for info in infos}


def plan(
    db: Database, run: Run, other: Dataset, choice: ScaleChoice | None
) -> dict[int, Rescaling]:
    """How the frames of another data set are scaled for a run's model, by trajectory id.

    Raises:
        ScaleUnknown: if there is no choice, and a pixel size is not known.
        ScaleError: if a factor is outside its range, or the model does not take the size that
            frames would have.
        MorphError: if the data set has no frames.
    """
    infos = [info for info in trajectories.trajectories(db, other.id) if info.frame_count]
    if not infos:
        raise MorphError(f"{other.name} has no frames yet.")
    model = model_scale(db, run)
    try:
        rescalings = decide(model, infos, choice)
    except ScaleUnknown:
        own = joint_scale(infos)
        unknown = [
            name
            for name, scale in ((run.dataset, model), (other.name, own))
            if scale.pixel_size is None
        ]
        fact = (
            f"The pixel size of {' and of '.join(unknown)} is not known"
            if unknown
            else f"Pixels of {own.length_unit} and of {model.length_unit} cannot be compared"
        )
        raise ScaleUnknown(
            f"{fact}, so somebody has to say how frames of {other.name} compare with those that"
            f" {run.name} knows: thickness (their height is the film's thickness, as"
            f" {model.height:,} px of the model's), one (one pixel is one pixel), or a factor."
        ) from None
    check_sizes(run, other.name, infos, rescalings)
    return rescalings


def check_sizes(
    run: Run, dataset: str, infos: Sequence[TrajectoryInfo], rescalings: Mapping[int, Rescaling]
) -> None:
    """Make sure that a run's model takes the frames of a data set at the size they are scaled to.

    Raises:
        ScaleError: if some are too small or too large then.
    """
    for info in infos:
        height, width = rescalings[info.id].shape(info.shape)
        if taken := _not_taken(run, height, width):
            raise ScaleError(
                f"{dataset} has frames of {info.width:,} x {info.height:,} px"
                f" ({rescalings[info.id].words}), so {run.name} would see {width:,} x {height:,}"
                f" px; {taken}."
            )


def _not_taken(run: Run, height: int, width: int) -> str | None:
    """What a run's model takes, where it does not take frames of a size; else None."""
    if run.preset == "seed":
        own = run.config
        if (height, width) == (own.height, own.width):
            return None
        return (
            f"its preset, seed, takes {own.width:,} x {own.height:,} px alone, while two-level"
            f" takes any size from {LEAST_SIDE['two-level']} px a side on"
        )
    least = LEAST_SIDE[run.config.preset]
    if least <= min(height, width) and max(height, width) <= MOST_SCALED:
        return None
    return f"it takes frames from {least} to {MOST_SCALED:,} px a side"


def words(rescalings: Mapping[int, Rescaling]) -> str:
    """How the frames of a data set were scaled: as of one, or from the least to the largest."""
    distinct = {each.words: each for each in rescalings.values()}
    if not distinct:
        return ""
    if len(distinct) == 1:
        return next(iter(distinct))
    by_factor = sorted(distinct.values(), key=lambda each: each.factor)
    return f"{by_factor[0].words}; up to {by_factor[-1].words}"


def scaled_frames(
    db: Database,
    frame_ids: Int64[np.ndarray, " frames"],
    owners: Sequence[TrajectoryInfo],
    factors: Float64[np.ndarray, " frames"],
) -> SizedFrames:
    """Stored frames as a model sees them: scaled in gray, then cut at their own threshold.

    Raises:
        UnknownFrame: if one of them is not in the store.
    """
    if (factors == 1.0).all():
        return trajectories.packed(db, frame_ids)
    scaled = []
    for frame_id, info, factor in zip(frame_ids.tolist(), owners, factors.tolist(), strict=True):
        gray = trajectories.frame(db, frame_id)
        bits = rescaling.binarised(gray, factor, info.threshold, periodic=info.periodic)
        edges = {"periodic": info.periodic, "periodic_y": info.periodic_y}
        scaled.append(SizedFrames.of(PackedFrames.of(bits[None], **edges)))
    return SizedFrames.joined(scaled)


def load(db: Database, checkpoint_id: int) -> list[AttachedFrames]:
    """Read the frames of all data sets that are attached to a checkpoint and have latents."""
    return [
        _load(db, attachment)
        for attachment in attached.of_checkpoint(db, checkpoint_id)
        if attachment.frames
    ]


def attachment_named(db: Database, run: IndexedRun, dataset: str) -> Attachment:
    """The attachment of a data set, by its name.

    Raises:
        UnknownDataset: if there is no such data set.
        NotAttached: if the run's model has not looked at it.
    """
    dataset_id = datasets.dataset(db, dataset).id
    for attachment in attached.of_checkpoint(db, run.index.checkpoint_id):
        if attachment.dataset_id == dataset_id and attachment.frames:
            return attachment
    raise NotAttached(run, dataset)


def in_model_pixels(measured: Descriptors, frames: AttachedFrames) -> Descriptors:
    """The descriptors of a data set's frames, with lengths in pixels of the model's frames."""
    ids, owners = frames.frames.frame_ids, frames.frames.trajectory_ids.tolist()
    rows = rows_of(ids, measured.frame_ids)
    known = np.flatnonzero(rows >= 0)
    factors = np.array([frames.rescalings[owners[row]].factor for row in rows[known].tolist()])
    columns = {name: values[known] for name, values in vars(measured).items()}
    for name in LENGTHS:
        columns[name] = (columns[name] * factors).astype(np.float32)
    return Descriptors(**columns)


def load_scaled(store: Path, frames: AttachedFrames, rows: Int64[np.ndarray, " n"]) -> SizedFrames:
    """The pictures of some attached frames, by their rows, as the model sees them."""
    ids, owner_ids = frames.frames.frame_ids[rows], frames.frames.trajectory_ids[rows].tolist()
    with open_store(store) as db:
        infos = trajectories.trajectories(db, frames.attachment.dataset_id)
        by_id = {info.id: info for info in infos}
        factors = np.array([frames.rescalings[owner].factor for owner in owner_ids])
        return scaled_frames(db, ids, [by_id[owner] for owner in owner_ids], factors)


def _load(db: Database, attachment: Attachment) -> AttachedFrames:
    stored = attached.latents_of(db, attachment.checkpoint_id, attachment.dataset_id)
    table = trajectories.frame_table(db, attachment.dataset_id)
    infos = trajectories.trajectories(db, attachment.dataset_id)
    found = rows_of(stored.latents.frame_ids, table.frame_ids)  # in the data set's order
    kept = np.flatnonzero(found >= 0)
    latents = stored.latents.subset(found[kept])
    owners, factors = table.trajectory_ids[kept], stored.factors[found[kept]]
    factor_of = dict(zip(owners.tolist(), factors.tolist(), strict=True))
    rescalings = {
        info.id: Rescaling(factor_of[info.id], attachment.how, scale_of(info))
        for info in infos
        if info.id in factor_of
    }
    embedding = FrameEmbedding(
        frame_ids=table.frame_ids[kept],
        coords=latents.mean,
        trajectory_ids=owners,
        index=table.index[kept],
        time=table.time[kept],
        unseparated=table.unseparated[kept],
        trajectory_names={info.id: info.name for info in infos},
        random_pair_distances=np.empty(0, dtype=np.float32),
        dataset_ids=np.full(len(kept), attachment.dataset_id, dtype=np.int64),
        dataset_names={attachment.dataset_id: attachment.dataset},
        scales={owner: each.words for owner, each in rescalings.items()},
    )
    return AttachedFrames(
        attachment=attachment, frames=embedding, latents=latents, rescalings=rescalings
    )
