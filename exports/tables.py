"""Tables of stored data: frames, latents, maps, neighbours."""

from collections.abc import Sequence

import numpy as np
from sqlite_utils import Database

from analysis import attached
from analysis.attached import AttachedFrames
from exports import frame_table, table_files
from exports.missing import NoMap
from exports.table_files import Columns
from morphcore.embedding import distances, out_of_sample
from morphcore.frames import rows_of
from morphcore.types import FRAME_SHAPE, Latents, Projection
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
        return _latents(db, run)
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


def _latents(db: Database, run: IndexedRun) -> Columns:
    """The latents of a run's frames, then those of other data sets that its model looks at."""
    stored = latents.of_checkpoint(db, run.index.checkpoint_id)
    others = attached.load(db, run.index.checkpoint_id)
    every = [stored, *(each.latents for each in others)]
    return {
        "frame_id": np.concatenate([each.frame_ids for each in every]),
        "mean": np.concatenate([each.mean for each in every]),
        "logvar": np.concatenate([each.logvar for each in every]),
        **_own_z(every),
        **_origin(run, len(stored.frame_ids), others),
    }


def _own_z(every: Sequence[Latents]) -> Columns:
    """z, where the embedding is another than that, and nothing where it is not."""
    own = [each.own_z for each in every if each.own_z is not None]
    if len(own) < len(every):
        return {}
    return {
        "z_mean": np.concatenate([each.mean for each in own]),
        "z_logvar": np.concatenate([each.logvar for each in own]),
    }


def _origin(run: IndexedRun, own: int, others: Sequence[AttachedFrames]) -> Columns:
    """The data set of each frame, and how it was scaled; the run's own frames come first."""
    names, scales = [run.dataset] * own, [""] * own
    for each in others:
        names += [each.attachment.dataset] * len(each.frames)
        owners = each.frames.trajectory_ids.tolist()
        scales += [each.rescalings[owner].words for owner in owners]
    return {"dataset": np.array(names), "scale": np.array(scales)}


def _map(db: Database, run: IndexedRun) -> Columns:
    """The points of a run's maps, and on each the places of other data sets' frames."""
    maps = projections.of_checkpoint(db, run.index.checkpoint_id)
    if not maps:
        raise NoMap("No map of this model is stored.", run.id)
    stored = latents.of_checkpoint(db, run.index.checkpoint_id)
    others = attached.load(db, run.index.checkpoint_id)
    parts: list[Columns] = []
    for drawn in maps:
        projection = projections.points(db, drawn.id)
        rows = rows_of(stored.frame_ids, projection.frame_ids)
        known = rows >= 0
        drawn_of = stored.subset(rows[known])
        shown = Projection(projection.frame_ids[known], projection.coords[known])
        placed = [out_of_sample.place_all(each.latents.mean, drawn_of, shown) for each in others]
        ids = [projection.frame_ids, *(each.frames.frame_ids for each in others)]
        coords = np.concatenate([projection.coords, *placed])
        count = len(coords)
        parts.append(
            {
                "map": np.full(count, drawn.id),
                "method": np.array([drawn.config.method] * count),
                "every": np.full(count, drawn.config.every),
                "frame_id": np.concatenate(ids),
                "x": coords[:, 0],
                "y": coords[:, 1],
                **_origin(run, len(projection.frame_ids), others),
            }
        )
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


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
