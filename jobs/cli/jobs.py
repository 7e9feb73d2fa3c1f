"""Commands on background jobs: the demo, list, stop, pause, resume."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from jobs import queue, worker
from jobs.cli.command import command, follow_job, given, run_job
from jobs.specs import DemoJob
from morphcore.config import PRESETS
from store import jobs
from store.db import open_store

_job = click.argument("job", type=int)


@command("demo", "the whole walk, small: simulate, train, index, map, measure")
@click.option("--preset", type=click.Choice(PRESETS))
@click.option("--steps", type=int, help="of training")
@click.option("--frames", type=int, help="a trajectory")
@click.option("--cells", type=int, help="pairs of phi and chi, 2 trajectories each")
@click.option("--seed", type=int)
def demo(store: Path, **options: Any) -> Mapping[str, Any]:
    return run_job(store, DemoJob(**given(options)))


@command("status", "list the jobs")
def status(store: Path) -> Mapping[str, Any]:
    queue.tend(store)
    with open_store(store) as db:
        rows = jobs.all_jobs(db)
    names = ("id", "kind", "state", "stage", "progress", "seconds_left", "error")
    return {"jobs": [{name: getattr(row, name) for name in names} for row in rows]}


@command("stop", "ask a job to stop; what it has is kept")
@_job
def stop(store: Path, job: int) -> Mapping[str, Any]:
    return _request(store, job, "stop")


@command("pause", "ask a training to save itself and end, to be resumed")
@_job
def pause(store: Path, job: int) -> Mapping[str, Any]:
    return _request(store, job, "pause")


@command("resume", "go on with a job that ended early")
@_job
def resume(store: Path, job: int) -> Mapping[str, Any]:
    queue.requeue(store, job)
    return follow_job(store, job)


@command("work", "do one claimed job (started by Morph itself)")
@_job
@click.option("--owner", required=True, help="the token of the claim")
def work(store: Path, job: int, owner: str) -> Mapping[str, Any]:
    """Do one claimed job, then set the next in the queue to work; `jobs.queue` spawns it."""
    worker.work(store, job, owner)
    queue.tend(store)
    with open_store(store) as db:
        return {"job": job, "state": jobs.job(db, job).state}


def _request(store: Path, job_id: int, what: jobs.Request) -> Mapping[str, Any]:
    with open_store(store) as db:
        job = jobs.request(db, job_id, what)
    return {"job": job.id, "state": job.state, "request": job.request}
