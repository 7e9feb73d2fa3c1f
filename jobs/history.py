"""Look jobs up by run, by data set or by arguments."""

from collections.abc import Mapping, Sequence
from statistics import median

from jobs import specs
from jobs.specs import (
    DemoJob,
    EvaluateJob,
    ImportJob,
    IndexJob,
    JobSpec,
    MapJob,
    ReconstructionErrorJob,
    SimulateJob,
    TrainJob,
    TuneJob,
)
from store import jobs as job_table
from store.jobs import Job

TRAINING = ("train", "demo", "tune")  # kinds of jobs that train a run
LATEST = 5  # jobs whose stages tell a machine's pace
LEAST_TELLING = 1.0  # seconds that a stage was expected to take: a shorter one says nothing


def same(jobs: Sequence[Job], spec: JobSpec) -> Job | None:
    """The waiting or running job that was started with these arguments.

    A job adds to its arguments what a resume will need, so equality would not find it again.
    """
    for job, queued in specs.readable(jobs):
        alike = type(queued) is type(spec) and all(
            name in queued.given and getattr(queued, name) == getattr(spec, name)
            for name in spec.given
        )
        if alike and job.state in job_table.WAITING_OR_AT_WORK:
            return job
    return None


def run_of(job: Job) -> int | None:
    """The id of the run that a job works on; None where there is none, or not yet."""
    for _, spec in specs.readable([job]):
        return _run_id(spec)
    return None


def of_run(jobs: Sequence[Job], run_id: int) -> Job | None:
    """The newest of these jobs that trained a run."""
    trained = (job for job in jobs if job.kind in TRAINING)
    return max(
        (job for job in trained if run_of(job) == run_id), key=lambda job: job.id, default=None
    )


def last_ended_early(jobs: Sequence[Job], kinds: Sequence[str] | None = None) -> Job | None:
    """The job that ended last, if it ended before it was done and nobody has dismissed it."""
    ended = [job for job in jobs if job.finished is not None]
    last = max(ended, key=lambda job: job.finished or 0.0, default=None)
    if last is None or last.state == "done" or (kinds and last.kind not in kinds):
        return None
    return None if dismissed(last) else last


def dismissed(job: Job) -> bool:
    """Whether the early end of a job was marked as read by the user."""
    return bool(job.result and job.result.get("dismissed"))


def paces(jobs: Sequence[Job]) -> dict[str, float]:
    """What stages took in the latest of these jobs, in times of their usual seconds, by key.

    `jobs` are the newest first.
    """
    ratios: dict[str, list[float]] = {}
    for job in jobs:
        for stage in job.stages:
            if stage.state == "done" and stage.seconds and (stage.usual or 0.0) > LEAST_TELLING:
                ratios.setdefault(stage.key, []).append(stage.seconds / (stage.usual or 1.0))
    return {key: median(some[:LATEST]) for key, some in ratios.items()}


def busy_datasets(jobs: Sequence[Job], names_by_run: Mapping[int, str]) -> set[str]:
    """The names of the data sets that waiting or running jobs use; `names_by_run` maps runs."""
    used: set[str | None] = set()
    for job, spec in specs.readable(jobs):
        if job.state in job_table.WAITING_OR_AT_WORK:
            used.add(names_by_run.get(_run_id(spec) or 0))
            match spec:
                case SimulateJob(name=name, twins=twins, replicates=replicates):
                    used |= {name, twins, replicates}
                case (
                    DemoJob(name=name)
                    | ImportJob(name=name)
                    | TrainJob(dataset=name)
                    | TuneJob(dataset=name)
                    | IndexJob(dataset=name)
                ):
                    used.add(name)
    return {name for name in used if name}


def _run_id(spec: JobSpec) -> int | None:
    match spec:
        case (
            DemoJob(run=run)
            | TrainJob(run=run)
            | TuneJob(run=run)
            | IndexJob(run=run)
            | MapJob(run=run)
            | ReconstructionErrorJob(run=run)
            | EvaluateJob(run=run)
        ):
            return run
        case _:
            return None
