"""What a training needs before it begins: settings that fit its data set, and a split of frames."""

from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from sqlite_utils import Database

from morphcore import splits
from morphcore.config import ConfigError, TrainConfig, train_config
from morphcore.errors import MorphError
from morphcore.models.geometry import Geometry, batch_frames
from morphcore.simulation import held_out
from morphcore.types import Split
from store import datasets, trajectories
from store.trajectories import FrameTable, TrajectoryInfo

LEAST_FRAMES = 10
LEAST_BATCH = 4  # frames, of those larger than 100 x 400, unless chosen otherwise
MOST_NAMED = 5  # sizes that an error lists


@dataclass(frozen=True)
class Prepared:
    """A training that can begin: its data set, and the settings and the split that fit it."""

    dataset_id: int
    config: TrainConfig
    division: Split
    table: FrameTable


def prepare(db: Database, name: str | None, given: dict[str, Any]) -> Prepared:
    """Fit settings that are given to a data set, and split its frames; nothing is stored.

    Raises:
        ConfigError: if a setting is not accepted, or there is no name of a data set.
        MorphError: if the data set is too small, or serves another one.
    """
    if name is None:
        raise ConfigError("Say which data set to train on, or which run to resume.")
    config = train_config(**given)
    source = datasets.dataset(db, name)
    if source.serves is not None:
        held = (
            "replicates, made to learn from what chance is"
            if source.twin_of is None
            else "twins, made to judge models that have not seen them"
        )
        raise MorphError(
            f"The data set {name!r} holds {held}; train on the one that they belong to."
        )
    if source.frames < LEAST_FRAMES:
        raise MorphError(
            f"The data set {name!r} has {source.frames} frames; a training needs"
            f" {LEAST_FRAMES} or more."
        )
    table = trajectories.frame_table(db, source.id)
    infos = trajectories.trajectories(db, source.id)
    config = _fitted(config, given, infos, name)
    return Prepared(source.id, config, _split(config, table, infos), table)


def _fitted(
    config: TrainConfig, given: dict[str, Any], infos: list[TrajectoryInfo], name: str
) -> TrainConfig:
    """Fit settings to the frames: the geometry of most, and where it is large a smaller batch.

    Raises:
        ConfigError: if some are too small for the preset.
        MorphError: if they are of several sizes, and the preset takes one.
    """
    counts: Counter[Geometry] = Counter()
    for info in infos:
        geometry = Geometry(info.height, info.width, info.periodic, info.periodic_y)
        counts[geometry] += info.frame_count
    sizes = sorted({(geometry.height, geometry.width) for geometry in counts})
    if config.preset == "seed" and len(sizes) > 1:
        words = ", ".join(f"{width} x {height}" for height, width in sizes[:MOST_NAMED])
        more = f" and {len(sizes) - MOST_NAMED} more" if len(sizes) > MOST_NAMED else ""
        raise MorphError(
            f"The data set {name!r} has frames of several sizes ({words}{more} px), and the preset"
            " seed is built for one. Train two-level, or import the files again, cut into windows"
            " of one size."
        )
    for geometry in counts:
        replace(config, **asdict(geometry))  # raises where it is too small
    most, _ = counts.most_common(1)[0]
    config = replace(config, **asdict(most))
    if "batch" in given:
        return config
    return replace(
        config, batch=min(config.batch, max(LEAST_BATCH, batch_frames(config.batch, most)))
    )


def _split(config: TrainConfig, table: FrameTable, infos: list[TrajectoryInfo]) -> Split:
    """Split by frame or trajectory; the full set and the whole zoo have a fixed held-out set."""
    return splits.split(
        table.frame_ids,
        table.trajectory_ids,
        by=config.split,
        held_out_share=config.held_out_share,
        rng=np.random.default_rng(config.seed),
        held_out_trajectories=_fixed(infos),
    )


def _fixed(infos: list[TrajectoryInfo]) -> list[int] | None:
    """The trajectories to be held out by their cells; None where they are no whole world."""
    of_zoo = held_out.of_zoo({info.cell for info in infos if info.cell is not None})
    if of_zoo is not None:
        return [info.id for info in infos if info.cell in of_zoo]
    blends = {
        info.id: held_out.rounded(info.phi, info.chi)
        for info in infos
        if info.phi is not None and info.chi is not None
    }
    of_film = held_out.of_thin_film(set(blends.values()))
    return None if of_film is None else [id for id, blend in blends.items() if blend in of_film]
