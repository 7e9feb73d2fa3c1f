"""What was measured of a checkpoint: figures by name, kept with the model that they are of."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from store.db import insert


@dataclass(frozen=True)
class Evaluation:
    """One measurement's figures."""

    id: int
    checkpoint_id: int
    metrics: Mapping[str, Any]
    created: float


def add(db: Database, checkpoint_id: int, metrics: Mapping[str, Any]) -> int:
    """Store the figures; returns their id."""
    row = {
        "checkpoint_id": checkpoint_id,
        "metrics": json.dumps(metrics),
        "created": time.time(),
    }
    return insert(db, "evaluations", row)


def newest(db: Database, checkpoint_id: int) -> Evaluation | None:
    """The last figures of a checkpoint; None where there are none."""
    return _last(db, checkpoint_id, "")


def newest_whole(db: Database, checkpoint_id: int) -> Evaluation | None:
    """The last evaluation of a checkpoint beside baselines; None where there is none.

    What the demo alone measures is passed over.
    """
    return _last(db, checkpoint_id, "AND json_extract(metrics, '$.baselines') IS NOT NULL")


def figures(db: Database, names: Sequence[str]) -> dict[int, dict[str, float | None]]:
    """Some figures of the newest whole evaluation of every checkpoint that has one."""
    columns = "".join(", json_extract(metrics, ?)" for _ in names)
    paths = [f'$.metrics."{name}"' for name in names]
    rows = db.conn.execute(
        f"""SELECT checkpoint_id{columns} FROM evaluations
            WHERE json_extract(metrics, '$.baselines') IS NOT NULL ORDER BY id""",
        paths,
    ).fetchall()
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}  # the last one stays


def _last(db: Database, checkpoint_id: int, which: str) -> Evaluation | None:
    sql = f"SELECT * FROM evaluations WHERE checkpoint_id = ? {which} ORDER BY id DESC LIMIT 1"
    for row in db.query(sql, [checkpoint_id]):
        return Evaluation(**{**row, "metrics": json.loads(row["metrics"])})
    return None
