"""Tables of stored data: frames, latents, maps, neighbours."""

import numpy as np
from sqlite_utils import Database

from exports import frame_table, table_files
from exports.missing import NoMap
from exports.table_files import Columns
from morphcore.embedding import distances
from morphcore.types import FRAME_SHAPE
from store import latents, projections, trajectories
from store.runs import IndexedRun

TABLES = ("frames", "latents", "map", "neighbours")


NEIGHBOURS = 5


def table(db: Database, what: str, run: IndexedRun) -> Columns:
    """Tabulate the latents, the maps or the neighbours of an indexed run.

    Raises:
        NoMap: if its map is asked for and there is none.
    """
    if what == "latents":
        return _latents(db, run.index.checkpoint_id)
    if what == "map":
        return _map(db, run)
    return _neighbours(db, run.dataset_id, run.index.checkpoint_id)


def frame_rows(db: Database, dataset_id: int, *, pictures: bool) -> Columns:
    """Tabulate a data set's frames; with `pictures`, their gray frames uint8 [N 100 400] too."""
    facts = frame_table.facts(db, dataset_id)
    if not pictures:
        return facts
    ids = np.asarray(facts["frame_id"]).tolist()
    gray = np.empty((len(ids), *FRAME_SHAPE), dtype=np.uint8)
    for row, frame_id in enumerate(ids):
        gray[row] = trajectories.frame(db, frame_id)
    return {"frames": gray, **facts}


def _latents(db: Database, checkpoint_id: int) -> Columns:
    stored = latents.of_checkpoint(db, checkpoint_id)
    return {"frame_id": stored.frame_ids, "mean": stored.mean, "logvar": stored.logvar}


def _map(db: Database, run: IndexedRun) -> Columns:
    maps = projections.of_checkpoint(db, run.index.checkpoint_id)
    if not maps:
        raise NoMap("No map of this model is stored.", run.id)
    points = [projections.points(db, stored.id) for stored in maps]
    counts = [len(projection.frame_ids) for projection in points]
    coords = np.concatenate([projection.coords for projection in points])
    return {
        "map": np.repeat([stored.id for stored in maps], counts),
        "method": np.repeat([stored.config.method for stored in maps], counts),
        "every": np.repeat([stored.config.every for stored in maps], counts),
        "frame_id": np.concatenate([projection.frame_ids for projection in points]),
        "x": coords[:, 0],
        "y": coords[:, 1],
    }


def _neighbours(db: Database, dataset_id: int, checkpoint_id: int) -> Columns:
    """The nearest frames of other trajectories, for every indexed frame."""
    stored = latents.of_checkpoint(db, checkpoint_id)
    table = trajectories.frame_table(db, dataset_id)
    owner = dict(zip(table.frame_ids.tolist(), table.trajectory_ids.tolist(), strict=True))
    owners = np.array([owner[each] for each in stored.frame_ids.tolist()], dtype=np.int64)
    pairs = distances.random_pair_distances(stored.mean, seed=0)
    return table_files.columns(
        {
            "frame_id": int(frame_id),
            "rank": rank,
            "neighbour_frame_id": near.frame_id,
            "distance": near.distance,
            "percentile": near.percentile,
        }
        for frame_id, mean, own in zip(stored.frame_ids, stored.mean, owners, strict=True)
        for rank, near in enumerate(
            distances.nearest(
                mean,
                stored.mean,
                stored.frame_ids,
                NEIGHBOURS,
                allowed=owners != own,
                random_pair_distances=pairs,
            ),
            1,
        )
    )
