"""Evaluations of checkpoints: figures by name, kept with the model that they are of."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from morphcore.evaluation.result import Evaluation
from store.db import insert

# A whole evaluation has baselines; the demo's own figures have none and are passed over.
_WHOLE = "json_extract(metrics, '$.baselines') IS NOT NULL"


@dataclass(frozen=True)
class StoredEvaluation:
    """An evaluation of a checkpoint."""

    id: int
    checkpoint_id: int
    evaluation: Evaluation
    created: float


def add(db: Database, checkpoint_id: int, evaluation: Evaluation) -> int:
    """Store an evaluation; returns its id."""
    return _insert(db, checkpoint_id, evaluation.to_json())


def add_figures(db: Database, checkpoint_id: int, figures: Mapping[str, float]) -> int:
    """Store figures by metric id that were measured without an evaluation; returns their id."""
    return _insert(db, checkpoint_id, figures)


def newest_whole(db: Database, checkpoint_id: int) -> StoredEvaluation | None:
    """The last evaluation of a checkpoint; None where there is none.

    Figures that were stored without one are passed over.
    """
    rows = db.query(
        f"""SELECT * FROM evaluations WHERE checkpoint_id = ? AND {_WHOLE}
            ORDER BY id DESC LIMIT 1""",
        [checkpoint_id],
    )
    for row in rows:
        return StoredEvaluation(
            id=row["id"],
            checkpoint_id=row["checkpoint_id"],
            evaluation=Evaluation.from_json(json.loads(row["metrics"])),
            created=row["created"],
        )
    return None


def figures(db: Database, names: Sequence[str]) -> dict[int, dict[str, float | None]]:
    """Some figures of the newest evaluation of every checkpoint that has one."""
    columns = "".join(", json_extract(metrics, ?)" for _ in names)
    paths = [f'$.metrics."{name}"' for name in names]
    rows = db.conn.execute(
        f"SELECT checkpoint_id{columns} FROM evaluations WHERE {_WHOLE} ORDER BY id", paths
    ).fetchall()
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}  # the last one stays


def _insert(db: Database, checkpoint_id: int, metrics: Mapping[str, object]) -> int:
    row = {
        "checkpoint_id": checkpoint_id,
        "metrics": json.dumps(metrics),
        "created": time.time(),
    }
    return insert(db, "evaluations", row)
