"""Maps by (checkpoint, settings): drawn once, stored, never redrawn."""

import json
import time
from dataclasses import asdict, dataclass

import numpy as np
from sqlite_utils import Database

from morphcore.config import ProjectionConfig
from morphcore.types import Projection
from store.db import insert, writing


@dataclass(frozen=True)
class Map:
    """A stored map's row, without its points."""

    id: int
    checkpoint_id: int
    config: ProjectionConfig
    created: float
    points: int


def add(db: Database, checkpoint_id: int, config: ProjectionConfig, projection: Projection) -> int:
    """Store a map; returns its id, that of the stored one if it was there already."""
    settings = json.dumps(asdict(config), sort_keys=True)
    with writing(db):
        old = db.conn.execute(
            "SELECT id FROM projections WHERE checkpoint_id = ? AND config = ?",
            [checkpoint_id, settings],
        ).fetchone()
        if old:
            return int(old[0])
        row = {"checkpoint_id": checkpoint_id, "config": settings, "created": time.time()}
        projection_id = insert(db, "projections", row)
        points = zip(projection.frame_ids.tolist(), projection.coords.tolist(), strict=True)
        db.conn.executemany(
            "INSERT INTO projection_points VALUES (?, ?, ?, ?)",
            [(projection_id, frame_id, x, y) for frame_id, (x, y) in points],
        )
    return projection_id


def of_checkpoint(db: Database, checkpoint_id: int) -> list[Map]:
    """The maps drawn of a checkpoint's latents, the oldest first."""
    sql = """SELECT p.id, p.checkpoint_id, p.config, p.created,
               (SELECT count(*) FROM projection_points q WHERE q.projection_id = p.id) AS points
             FROM projections p WHERE p.checkpoint_id = ? ORDER BY p.id"""
    return [
        Map(**{**row, "config": ProjectionConfig(**json.loads(row["config"]))})
        for row in db.query(sql, [checkpoint_id])
    ]


def points(db: Database, projection_id: int) -> Projection:
    """The coordinates of a map's frames, by frame id."""
    rows = db.conn.execute(
        "SELECT frame_id, x, y FROM projection_points WHERE projection_id = ? ORDER BY frame_id",
        [projection_id],
    ).fetchall()
    return Projection(
        frame_ids=np.array([row[0] for row in rows], dtype=np.int64),
        coords=np.array([row[1:] for row in rows], dtype=np.float32).reshape(-1, 2),
    )
