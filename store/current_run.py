"""The current run: the model that pages and commands take where none is named."""

from sqlite_utils import Database


def of(db: Database) -> int | None:
    """The run that was made current; the newest indexed one where none was, or it is gone.

    A run that lies in the bin is passed over, and is current again when it comes back.
    """
    row = db.conn.execute(
        """SELECT r.id FROM runs r
           WHERE r.deleted IS NULL AND EXISTS (
             SELECT 1 FROM checkpoints c JOIN latents l ON l.checkpoint_id = c.id
             WHERE c.run_id = r.id)
           ORDER BY r.id = (SELECT run_id FROM current_run) DESC, r.id DESC LIMIT 1"""
    ).fetchone()
    return None if row is None else int(row[0])


def choose(db: Database, run_id: int) -> None:
    """Make a run current."""
    db.execute("INSERT OR REPLACE INTO current_run (id, run_id) VALUES (1, ?)", [run_id])
