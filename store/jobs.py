"""The queue: one row a job, the only channel between a page and the process that works.

A job is queued, then running, then done, failed, stopped, paused or interrupted (its process died).
One job runs at a time in a store. Claiming is one `BEGIN IMMEDIATE`, so two pages cannot start two.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlite_utils import Database

from morphcore.errors import MorphError
from store.db import writing

JobState = Literal["queued", "running", "done", "failed", "stopped", "paused", "interrupted"]
Request = Literal["stop", "pause"]
WAITING_OR_AT_WORK = ("queued", "running")
# A job that died without a word is noticed after this long; its process writes every 2 s.
STALE_SECONDS = 20.0


class UnknownJob(MorphError):
    """No job of that number."""


@dataclass(frozen=True)
class Job:
    """One piece of background work."""

    id: int
    kind: str
    args: Mapping[str, Any]
    state: JobState
    request: Request | None
    stage: str  # what it is doing now, in words
    progress: float  # 0 to 1
    seconds_left: float | None
    pid: int | None
    pid_started: float | None
    heartbeat: float | None
    created: float
    started: float | None
    finished: float | None
    result: Mapping[str, Any] | None
    error: str | None  # one sentence for the user


def enqueue(db: Database, kind: str, args: Mapping[str, Any]) -> Job:
    """Queue a job; where the very same one waits or works already, that one is returned."""
    text = json.dumps(args, sort_keys=True)
    with writing(db):
        same = db.conn.execute(
            "SELECT id FROM jobs WHERE kind = ? AND args = ? AND state IN ('queued', 'running')",
            [kind, text],
        ).fetchone()
        if same:
            return job(db, same[0])
        cursor = db.conn.execute(
            "INSERT INTO jobs (kind, args, state, created) VALUES (?, ?, 'queued', ?)",
            [kind, text, time.time()],
        )
        return job(db, int(cursor.lastrowid or 0))


def claim(db: Database, job_id: int | None = None) -> Job | None:
    """Mark a queued job (the oldest, or the one named) as running, unless one runs; None then."""
    with writing(db):
        if db.conn.execute("SELECT 1 FROM jobs WHERE state = 'running'").fetchone():
            return None
        row = db.conn.execute(
            "SELECT id FROM jobs WHERE state = 'queued' AND (? IS NULL OR id = ?) ORDER BY id",
            [job_id, job_id],
        ).fetchone()
        if row is None:
            return None
        now = time.time()
        db.conn.execute(
            "UPDATE jobs SET state = 'running', request = NULL, started = ?, heartbeat = ?,"
            " pid = NULL, pid_started = NULL, error = NULL WHERE id = ?",
            [now, now, row[0]],
        )
        return job(db, row[0])


def requeue(db: Database, job_id: int, args: Mapping[str, Any] | None = None) -> Job:
    """Put a job that ended early back into the queue, with changed arguments where given."""
    with writing(db):
        old = job(db, job_id)
        if old.state not in WAITING_OR_AT_WORK:
            db.conn.execute(
                "UPDATE jobs SET state = 'queued', request = NULL, finished = NULL, error = NULL,"
                " args = ? WHERE id = ?",
                [json.dumps(dict(args or old.args), sort_keys=True), job_id],
            )
        return job(db, job_id)


def set_process(db: Database, job_id: int, pid: int, pid_started: float) -> None:
    """Store the process that works on a job."""
    db.execute(
        "UPDATE jobs SET pid = ?, pid_started = ?, heartbeat = ? WHERE id = ?",
        [pid, pid_started, time.time(), job_id],
    )


def set_args(db: Database, job_id: int, args: Mapping[str, Any]) -> None:
    """Store changed arguments of a job, such as the run that it made, for a resume."""
    db.execute("UPDATE jobs SET args = ? WHERE id = ?", [json.dumps(args, sort_keys=True), job_id])


def beat(db: Database, job_id: int) -> None:
    """Store a heartbeat of the process."""
    db.execute("UPDATE jobs SET heartbeat = ? WHERE id = ?", [time.time(), job_id])


def set_progress(
    db: Database, job_id: int, *, stage: str, progress: float, seconds_left: float | None
) -> None:
    """Store the progress of a job, 0 to 1, with its stage."""
    db.execute(
        "UPDATE jobs SET stage = ?, progress = ?, seconds_left = ? WHERE id = ?",
        [stage, progress, seconds_left, job_id],
    )


def finish(
    db: Database,
    job_id: int,
    state: JobState,
    *,
    result: Mapping[str, Any] | None = None,
    error: str | None = None,
) -> None:
    """End a running job."""
    db.execute(
        "UPDATE jobs SET state = ?, result = ?, error = ?, finished = ?, seconds_left = NULL,"
        " request = NULL, progress = CASE WHEN ? = 'done' THEN 1 ELSE progress END"
        " WHERE id = ? AND state = 'running'",
        [state, json.dumps(result) if result else None, error, time.time(), state, job_id],
    )


def request(db: Database, job_id: int, what: Request) -> Job:
    """Ask a running job to stop or pause; a queued one is stopped at once."""
    with writing(db):
        state = job(db, job_id).state
        if state == "running":
            db.conn.execute("UPDATE jobs SET request = ? WHERE id = ?", [what, job_id])
        elif state == "queued":
            db.conn.execute(
                "UPDATE jobs SET state = 'stopped', finished = ? WHERE id = ?",
                [time.time(), job_id],
            )
        return job(db, job_id)


def dismiss(db: Database, job_id: int) -> None:
    """Mark the early end of a job as read by the user; resuming clears the mark."""
    db.execute(
        "UPDATE jobs SET result = ? WHERE id = ?"
        " AND state IN ('failed', 'stopped', 'paused', 'interrupted')",
        [json.dumps({"dismissed": True}), job_id],
    )


def job(db: Database, job_id: int) -> Job:
    """The job of that number.

    Raises:
        UnknownJob: if there is none.
    """
    for selected in _select(db, "WHERE id = ?", [job_id]):
        return selected
    raise UnknownJob(f"There is no job {job_id}.")


def all_jobs(db: Database) -> list[Job]:
    """All jobs, the newest first."""
    return _select(db, "ORDER BY id DESC", [])


def pending(db: Database) -> list[Job]:
    """The running job, then those that wait, in the order in which they will run."""
    return _select(db, "WHERE state IN ('queued', 'running') ORDER BY state DESC, id", [])


def _select(db: Database, clause: str, params: list[Any]) -> list[Job]:
    cursor = db.conn.execute(f"SELECT * FROM jobs {clause}", params)
    names = [column[0] for column in cursor.description]
    return [_job(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _job(row: dict[str, Any]) -> Job:
    result = json.loads(row["result"]) if row["result"] else None
    return Job(**{**row, "args": json.loads(row["args"]), "result": result})
