"""What runs beside what: a lane for work of hours, and one for what takes seconds.

One job runs at a time in each lane. Two of different lanes run side by side, unless they use the
same data set: an import would change it under a training's hands. Exports only read, so they need
no queue.
"""

from collections.abc import Callable, Sequence

from sqlite_utils import Database

from jobs import history
from jobs.specs import ImportJob, JobSpec
from store import runs
from store.jobs import Job, Lane

QUICK_FRAMES = 200  # an import of fewer takes seconds
BESIDE = (
    f"One after the other, but imports of under {QUICK_FRAMES} frames run beside other work, unless"
    " that uses the same data set."
)


def lane_of(spec: JobSpec) -> Lane:
    """The lane of a job: an import that was counted and is small is quick.

    >>> lane_of(ImportJob(path="films", name="films", frames=20))
    'quick'
    """
    if isinstance(spec, ImportJob) and spec.name is not None and spec.frames is not None:
        return "quick" if spec.frames < QUICK_FRAMES else "long"
    return "long"


def apart(db: Database) -> Callable[[Job, Job], bool]:
    """A function that says whether two jobs use no data set in common."""

    def are(job: Job, other: Job) -> bool:
        names = {run.id: run.dataset for run in runs.all_runs(db)}
        return not history.busy_datasets([job], names) & history.busy_datasets([other], names)

    return are


def waits_for(db: Database, job: Job, pending: Sequence[Job]) -> Job | None:
    """The running job that a queued one waits for; None where it may run now."""
    running = [other for other in pending if other.state == "running"]
    for other in running:
        if other.lane == job.lane:
            return other
    are_apart = apart(db)
    return next((other for other in running if not are_apart(job, other)), None)
