"""Commands on background jobs: the demo, list, stop, pause, resume."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from jobs import queue, worker
from jobs.cli.command import command, follow_job, given, run_job
from jobs.cli.output import Answer, keep_note
from jobs.specs import DemoJob
from morphcore.config import PRESETS
from store import jobs
from store.db import open_store
from wording.jobs import STATE_WORDS, stage_name, stage_time
from wording.numbers import left

_TICKS = {"done": "✓", "now": "▸", "to come": "·"}
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
    listed = [
        {
            **{name: getattr(row, name) for name in names},
            "stages": [
                {"stage": stage_name(each.key), "state": each.state, "time": stage_time(each)}
                for each in row.stages
            ],
        }
        for row in rows
    ]
    lines = [line for row in rows for line in _lines(row)]
    return Answer({"jobs": listed}, "\n".join([f"jobs: {len(rows)}", *lines]))


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
    worker.work(store, job, owner, keep_note)
    queue.tend(store)
    with open_store(store) as db:
        return {"job": job, "state": jobs.job(db, job).state}


def _lines(job: jobs.Job) -> list[str]:
    """A job in the list, and under it, while it is at work, its stages with ticks."""
    facts = [f"  id {job.id}  {job.kind}  {STATE_WORDS[job.state]}"]
    if job.state == "running":
        facts += [f"{job.progress:.0%}", *filter(None, [left(job.seconds_left)])]
    if job.state != "done":
        facts += filter(None, [job.stage, job.error])
    lines = ["  ".join(facts)]
    if job.state == "running":
        lines += [
            f"      {_TICKS[stage.state]} {stage_name(stage.key):16} {stage_time(stage)}".rstrip()
            for stage in job.stages
        ]
    return lines


def _request(store: Path, job_id: int, what: jobs.Request) -> Mapping[str, Any]:
    with open_store(store) as db:
        job = jobs.request(db, job_id, what)
    return {"job": job.id, "state": job.state, "request": job.request}
