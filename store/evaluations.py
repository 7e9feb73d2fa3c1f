"""What was measured of a checkpoint: figures by name, kept with the model that they are of."""

import json
import time
from collections.abc import Mapping
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
    sql = "SELECT * FROM evaluations WHERE checkpoint_id = ? ORDER BY id DESC LIMIT 1"
    for row in db.query(sql, [checkpoint_id]):
        return Evaluation(**{**row, "metrics": json.loads(row["metrics"])})
    return None
