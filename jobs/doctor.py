"""Check the store, its checkpoints, its jobs and the device, with a remedy for each problem."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

from jobs.liveness import alive
from store import checkpoints, jobs, runs
from store.db import checkpoints_folder, open_store, size_bytes

LITTLE_SPACE = 2 * 1024**3  # bytes


def examine(store: Path) -> dict[str, Any]:
    """Examine everything; `problems` is empty where all is well.

    Raises:
        StoreError: if the store cannot be opened at all.
    """
    problems: list[dict[str, str]] = []

    def problem(what: str, to_do: str) -> None:
        problems.append({"problem": what, "what to do": to_do})

    with open_store(store) as db:
        check = db.conn.execute("PRAGMA quick_check").fetchone()[0]
        if check != "ok":
            problem(f"The store is damaged: {check}.", "Restore it from a backup.")
        for run in runs.all_runs(db):
            if run.checkpoint_id is not None:
                saved = checkpoints.by_id(db, run.checkpoint_id)
                file = checkpoints_folder(store) / saved.file
                if not file.exists():
                    problem(f"{run.name}: its checkpoint {saved.file} is missing.", "Train again.")
                elif hashlib.sha256(file.read_bytes()).hexdigest() != saved.sha256:
                    problem(f"{run.name}: its checkpoint {saved.file} was changed.", "Train again.")
                elif run.index is None:
                    problem(f"{run.name} is not indexed.", f"python -m jobs index --run {run.id}")
        for job in jobs.all_jobs(db):
            if job.state == "running" and not alive(job):
                problem(
                    f"Job {job.id} ({job.kind}) says it runs, but its process is gone.",
                    f"python -m jobs status, then python -m jobs resume {job.id}",
                )
    free = shutil.disk_usage(store.resolve().parent).free
    if free < LITTLE_SPACE:
        problem(f"The disk has {free / 1024**3:.1f} GiB left.", "Free some space.")
    return {
        "store": str(store),
        "store_mb": round(size_bytes(store) / 1e6, 1),
        "device": _device(),
        "problems": problems,
    }


def _device() -> str:
    from morphcore.training import devices  # torch takes seconds to import

    return devices.describe(devices.best_device())
