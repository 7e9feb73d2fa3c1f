"""Titles and endings of background jobs in words. No Streamlit."""

from collections.abc import Mapping
from pathlib import Path

from jobs import specs
from jobs.specs import (
    DemoJob,
    EvaluateJob,
    GraspiJob,
    ImportJob,
    IndexJob,
    MapJob,
    ReconstructionErrorJob,
    SimulateJob,
    TrainJob,
    TuneJob,
    UnreadableJob,
)
from store.jobs import Job
from wording.escapes import plain

_ENDINGS = {
    "failed": "failed.",
    "stopped": "was stopped; what it had done is kept.",
    "paused": "is paused.",
    "interrupted": "was interrupted.",
}


def title(job: Job, run_names: Mapping[int, str] | None = None) -> str:
    """A job's title; runs are called by their names where these are known."""

    def name_of(run_id: int | None) -> str:
        return (run_names or {}).get(run_id or 0, "a model")

    try:
        spec = specs.of(job)
    except UnreadableJob:  # reported when the job runs
        return job.kind.capitalize()
    match spec:
        case DemoJob():
            return "Building the demo"
        case SimulateJob(twins=str(dataset)) if dataset:
            return f"Simulating twins of {dataset}"
        case SimulateJob(replicates=str(dataset)) if dataset:
            return f"Simulating replicates of {dataset}"
        case SimulateJob(name=name):
            return f"Simulating {name or 'trajectories'}"
        case ImportJob(path=path, name=name):
            return f"Importing {name or Path(path).name}"
        case TrainJob(run=run, dataset=dataset):
            return f"Training {name_of(run)}" + (f" on {dataset}" if dataset else "")
        case TuneJob(dataset=dataset, preset=preset):
            return f"Tuning {preset}" + (f" on {dataset}" if dataset else "")
        case IndexJob(run=run, dataset=str(dataset)):
            return f"Looking at {dataset} with {name_of(run)}"
        case IndexJob(run=run):
            return f"Indexing the frames with {name_of(run)}"
        case MapJob(run=run):
            return f"Drawing a map with {name_of(run)}"
        case ReconstructionErrorJob(run=run):
            return f"Measuring what each frame's reconstruction costs {name_of(run)}"
        case EvaluateJob(run=run):
            return f"Judging {name_of(run)} beside the baselines"
        case GraspiJob():
            return "Asking GraSPI about two frames"
        case _:
            return job.kind.capitalize()


def ending(job: Job, run_names: Mapping[int, str] | None = None) -> str:
    """The end of a job, in one sentence or two."""
    words = f"**{plain(title(job, run_names))}** {_ENDINGS.get(job.state, 'is ' + job.state + '.')}"
    return f"{words} {plain(job.error)}" if job.error else words
