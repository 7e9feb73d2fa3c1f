"""Background jobs in words, and which of them matters to what. Pure, no Streamlit."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from store import jobs as job_table
from store.jobs import Job
from wording.numbers import plain

STOPS = {
    "simulate": "Simulate",
    "train": "Train",
    "index": "Index",
    "map": "Map",
    "measure": "Measure",
}
STATE_WORDS: Mapping[str, str] = {
    "queued": "waiting",
    "running": "running",
    "done": "done",
    "failed": "failed",
    "stopped": "stopped",
    "paused": "paused",
    "interrupted": "interrupted",
}
_ENDINGS = {
    "failed": "failed.",
    "stopped": "was stopped; what it had done is kept.",
    "paused": "is paused.",
    "interrupted": "was interrupted.",
}


class Stop(NamedTuple):
    """One stop of the walk in a checklist."""

    name: str
    state: Literal["done", "now", "to come"]


def title(job: Job, run_names: Mapping[int, str] | None = None) -> str:
    """What a job does, in a few words; runs are called by their names where these are known."""
    args = job.args
    run = (run_names or {}).get(args.get("run", 0), "a model")
    match job.kind:
        case "demo":
            return "Building the demo"
        case "simulate" if args.get("twins"):
            return f"Simulating twins of {args['twins']}"
        case "simulate":
            return f"Simulating {args.get('name', 'trajectories')}"
        case "import":
            return f"Importing {args.get('name') or Path(str(args.get('path', 'files'))).name}"
        case "train":
            return f"Training {run}" + (f" on {args['dataset']}" if args.get("dataset") else "")
        case "index":
            return f"Indexing the frames with {run}"
        case "map":
            return f"Drawing a map with {run}"
        case "nats":
            return f"Measuring what each frame's reconstruction costs {run}"
        case "evaluate":
            return f"Judging {run} beside the baselines"
        case "graspi":
            return "Asking GraSPI about two frames"
        case _:
            return job.kind.capitalize()


def ending(job: Job, run_names: Mapping[int, str] | None = None) -> str:
    """One sentence or two on how a job ended."""
    words = f"**{plain(title(job, run_names))}** {_ENDINGS.get(job.state, 'is ' + job.state + '.')}"
    return f"{words} {plain(job.error)}" if job.error else words


def stops(stage: str) -> list[Stop]:
    """The walk as a checklist, told from a stage such as "train: epoch 3 of 200"."""
    order = list(STOPS)
    words = [part.split()[0].lower() for part in stage.split(":") if part.split()]
    now = max((order.index(word) for word in words if word in order), default=0)
    return [
        Stop(STOPS[name], "done" if place < now else "now" if place == now else "to come")
        for place, name in enumerate(order)
    ]


def same(jobs: Sequence[Job], kind: str, args: Mapping[str, Any]) -> Job | None:
    """The waiting or running job that these arguments started, though it may have learnt more.

    A job adds to its arguments what a resume will need, so equality would not find it again.
    """
    for job in jobs:
        known = all(name in job.args and job.args[name] == args[name] for name in args)
        if known and job.kind == kind and job.state in job_table.WAITING_OR_AT_WORK:
            return job
    return None


def of_run(jobs: Sequence[Job], run_id: int) -> Job | None:
    """The newest of these jobs that trained a run."""
    trained = (each for each in jobs if each.kind in ("train", "demo"))
    return max(
        (each for each in trained if each.args.get("run") == run_id),
        key=lambda each: each.id,
        default=None,
    )


def last_ended_early(jobs: Sequence[Job], kinds: Sequence[str] | None = None) -> Job | None:
    """The job that ended last, if it ended before it was done and nobody has dismissed it."""
    ended = [each for each in jobs if each.finished is not None]
    last = max(ended, key=lambda each: each.finished or 0.0, default=None)
    if last is None or last.state not in _ENDINGS or (kinds and last.kind not in kinds):
        return None
    return None if last.result and last.result.get("dismissed") else last


def busy_datasets(jobs: Sequence[Job], names_by_run: Mapping[int, str]) -> set[str]:
    """The names of the data sets that waiting or running jobs use; `names_by_run` maps runs."""
    used: set[str] = set()
    for job in jobs:
        if job.state in job_table.WAITING_OR_AT_WORK:
            used |= {job.args[key] for key in ("name", "dataset", "twins") if job.args.get(key)}
            if job.args.get("run") in names_by_run:
                used.add(names_by_run[job.args["run"]])
    return used
