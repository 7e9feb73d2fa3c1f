"""Which jobs that ended early can go on: what is offered works, or is not offered."""

from pathlib import Path

from sqlite_utils import Database

from jobs import history, specs
from jobs.specs import ImportJob, TuneJob, UnreadableJob
from store import runs, tunings
from store.jobs import Job


def obstacle(db: Database, job: Job) -> str | None:
    """Why a job cannot go on, in a sentence; None where it can."""
    if job.state == "done":
        return f"Job {job.id} ({job.kind}) is done: there is nothing to resume."
    try:
        spec = specs.of(job)
    except UnreadableJob as err:
        return str(err)
    if isinstance(spec, ImportJob) and spec.cleanup and not Path(spec.path).exists():
        return "Its upload is deleted; upload the files again."
    if isinstance(spec, TuneJob):  # it trains anew what of it is deleted, but for itself
        known = {tuning.id for tuning in tunings.all_tunings(db)}
        gone = spec.tuning is not None and spec.tuning not in known
        return f"Its tuning {spec.tuning} is deleted; start a new one." if gone else None
    run_id = history.run_of(job)
    if run_id is not None and run_id not in {run.id for run in runs.all_runs(db)}:
        return f"Its run {run_id} is deleted; start a new one."
    return None
