"""The queue: one row a job, the only channel between a page and the process that works.

A job is queued, then running, then done, failed, stopped, paused or interrupted (its process
died). One job runs at a time in each lane of a store. Claiming is one `BEGIN IMMEDIATE`, so two
pages cannot start two. Each claim gives the row a fresh token, `owner`: whoever has another one
writes nothing (`store.fencing`).
"""

import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlite_utils import Database

from morphcore.errors import MorphError
from store.db import writing

JobState = Literal["queued", "running", "done", "failed", "stopped", "paused", "interrupted"]
Request = Literal["stop", "pause"]
Lane = Literal["long", "quick"]
WAITING_OR_AT_WORK = ("queued", "running")


class UnknownJob(MorphError):
    """No job of that number."""


class NotResumable(MorphError):
    """A job that cannot go on; the message says why."""


StageState = Literal["done", "now", "to come"]


@dataclass(frozen=True)
class JobStage:
    """One stage of a job."""

    key: str
    state: StageState
    seconds: float | None = None  # that it took, or has taken so far
    usual: float | None = None  # seconds that were expected of what this process had to do
    left: float | None = None  # seconds that it will take, as far as is known


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
    owner: str | None  # the token of the process that works on it; None of one that does not run
    claims: int  # how often a process has begun to work on it
    lane: Lane
    stages: tuple[JobStage, ...] = ()  # those that it has said ahead, in their order


Apart = Callable[[Job, Job], bool]  # whether two jobs may run side by side, if of different lanes


def enqueue(db: Database, kind: str, args: Mapping[str, Any], lane: Lane = "long") -> Job:
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
            "INSERT INTO jobs (kind, args, state, created, lane) VALUES (?, ?, 'queued', ?, ?)",
            [kind, text, time.time(), lane],
        )
        return job(db, int(cursor.lastrowid or 0))


def claim(
    db: Database, job_id: int | None = None, *, apart: Apart = lambda _job, _other: True
) -> Job | None:
    """Mark the next job that may run (or the one named, if it may) as running, with a new owner.

    None where none may; see `next_to_run`.
    """
    if next_to_run(db, job_id, apart=apart) is None:
        return None  # without the write lock: pages ask every second
    with writing(db):
        job = next_to_run(db, job_id, apart=apart)
        return None if job is None else _claimed(db, job.id)


def next_to_run(
    db: Database, job_id: int | None = None, *, apart: Apart = lambda _job, _other: True
) -> Job | None:
    """The queued job that may run now: the oldest, or the one named; None where none may.

    It may run where its lane is free and it is `apart` from the jobs that run in others.
    """
    jobs = pending(db)
    running = [job for job in jobs if job.state == "running"]
    held_up = {job.lane for job in running}
    for job in jobs:
        if job.state != "queued" or job.lane in held_up:
            continue
        if all(apart(job, other) for other in running):
            if job_id in (None, job.id):
                return job
        elif job.lane == "long":  # it only waits for what is quick: none passes it
            held_up.add("long")
    return None


def _claimed(db: Database, job_id: int) -> Job:
    db.conn.execute(
        "UPDATE jobs SET state = 'running', request = NULL, started = ?, heartbeat = ?,"
        " pid = NULL, pid_started = NULL, error = NULL, owner = ?, claims = claims + 1"
        " WHERE id = ?",
        [time.time(), time.time(), secrets.token_hex(8), job_id],
    )
    return job(db, job_id)


def requeue(db: Database, job_id: int, args: Mapping[str, Any] | None = None) -> Job:
    """Put a job that ended early back into the queue, with changed arguments where given.

    Raises:
        NotResumable: if it is done.
    """
    with writing(db):
        old = job(db, job_id)
        if old.state == "done":
            raise NotResumable(f"Job {job_id} ({old.kind}) is done: there is nothing to resume.")
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
    db: Database,
    job_id: int,
    *,
    stage: str | None = None,
    progress: float,
    seconds_left: float | None,
    stages: Sequence[JobStage] = (),
) -> None:
    """Store the progress of a job, 0 to 1, with its stages; None leaves the words of its stage."""
    listed = _listed(stages)
    db.execute(
        "UPDATE jobs SET stage = COALESCE(?, stage), progress = ?, seconds_left = ?, stages = ?"
        " WHERE id = ?",
        [stage, progress, seconds_left, listed, job_id],
    )


def finish(
    db: Database,
    job_id: int,
    state: JobState,
    *,
    result: Mapping[str, Any] | None = None,
    error: str | None = None,
    owner: str | None = None,
    stages: Sequence[JobStage] = (),
) -> None:
    """End a running job; with an `owner`, only while the job is that owner's.

    `stages` are its own at the end; without them, they stay as they were last.
    """
    listed = _listed(stages)
    db.execute(
        "UPDATE jobs SET state = ?, result = ?, error = ?, finished = ?, seconds_left = NULL,"
        " stages = COALESCE(?, stages),"
        " request = NULL, owner = NULL, progress = CASE WHEN ? = 'done' THEN 1 ELSE progress END"
        " WHERE id = ? AND state = 'running' AND (? IS NULL OR owner = ?)",
        [
            state,
            json.dumps(result) if result else None,
            error,
            time.time(),
            listed,
            state,
            job_id,
            owner,
            owner,
        ],
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
    """The running jobs, then those that wait, in the order in which they will run."""
    return _select(db, "WHERE state IN ('queued', 'running') ORDER BY state DESC, id", [])


def _listed(stages: Sequence[JobStage]) -> str | None:
    return json.dumps([asdict(each) for each in stages]) if stages else None


def _select(db: Database, clause: str, params: list[Any]) -> list[Job]:
    cursor = db.conn.execute(f"SELECT * FROM jobs {clause}", params)
    names = [column[0] for column in cursor.description]
    return [_job(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _job(row: dict[str, Any]) -> Job:
    result = json.loads(row["result"]) if row["result"] else None
    stages = tuple(JobStage(**each) for each in json.loads(row["stages"] or "[]"))
    args = json.loads(row["args"])
    return Job(**{**row, "args": args, "result": result, "stages": stages})
