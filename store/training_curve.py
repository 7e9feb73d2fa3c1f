"""The training curve of a run: points of a few seconds each, between the figures of its epochs."""

from dataclasses import asdict

from sqlite_utils import Database

from morphcore.types import TrainingPoint


def add(db: Database, run_id: int, point: TrainingPoint) -> None:
    """Store a point; one of the same step is replaced."""
    row = {"run_id": run_id, **asdict(point)}
    placeholders = ", ".join("?" * len(row))
    db.execute(
        f"INSERT OR REPLACE INTO training_points ({', '.join(row)}) VALUES ({placeholders})",
        [*row.values()],
    )


def of_run(db: Database, run_id: int) -> list[TrainingPoint]:
    """The points of a run, in the order of their steps; none in runs of older versions."""
    sql = "SELECT * FROM training_points WHERE run_id = ? ORDER BY step"
    return [
        TrainingPoint(**{key: row[key] for key in row if key != "run_id"})
        for row in db.query(sql, [run_id])
    ]


def forget_after(db: Database, run_id: int, step: int) -> None:
    """Delete points of later steps: those that a checkpoint to go on from lacks."""
    db.execute("DELETE FROM training_points WHERE run_id = ? AND step > ?", [run_id, step])
