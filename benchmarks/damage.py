"""100 and more kinds of damage to a small real store: which are seen, what is lost, what is mended.

    python -m benchmarks.damage [--only WORDS] [--json]

A data set is simulated, a model trained on it, indexed, and attached to another data set; then each
kind of damage is done to a fresh copy, and `doctor` looks at it, mends and looks again. At the end
a backup is taken while a training runs, restored elsewhere and compared row by row.
"""

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import damage_cases
from benchmarks.damage_files import Damage
from jobs import foreground
from jobs.doctor.examine import examine
from jobs.specs import IndexJob, JobSpec, ReconstructionErrorJob, SimulateJob, TrainJob
from morphcore.types import Rejection, Trajectory
from store import checkpoints, current_run, datasets, evaluations, properties, row_checksums
from store import trajectories as trajectory_table
from store.backup import backup, restore
from store.db import checkpoints_folder, open_store

Rows = dict[str, list[tuple[object, ...]]]


@dataclass(frozen=True)
class Outcome:
    """What came of one kind of damage."""

    damage: str
    seen: bool
    cost: str  # to the user, by the doctor's own words
    mended: str  # "as it was", "anew" (dropped, and made again by a job), "partly" or "no"


def make_store(folder: Path) -> Path:
    """A small store with a row in nearly every table, and two checkpoints of one run."""
    store = folder / "morph.sqlite"
    _do(store, SimulateJob(name="film", trajectories=4, frames=8, last_step=400, seed=1))
    _do(store, TrainJob(dataset="film", preset="seed", epochs=2, batch=8, index=False))
    _do(store, TrainJob(dataset="film", run=1, epochs=3, index=True))
    with open_store(store) as db:
        film = datasets.dataset(db, "film")
        (first, *_) = trajectory_table.trajectories(db, film.id)
        ids = trajectory_table.frame_ids_of(db, first.id)
        other = datasets.create(db, "other", "imported", {"source": "a folder"})
        datasets.add_rejections(db, other, [Rejection("a.png", "It is empty.")])
        trajectory_table.add(db, other, _copy_of(db, first))
        properties.put(db, film.id, "JSC", {int(ids[0]): 1.5, int(ids[1]): 2.5})
        current_run.choose(db, 1)
        newest = checkpoints.of_run(db, 1)[0]
        evaluations.add_figures(db, newest.id, {"same_params@1": 0.5})
    _do(store, IndexJob(run=1, dataset="other", scale="one"))
    _do(store, ReconstructionErrorJob(run=1))
    return store


def try_out(source: Path, damage: Damage, folder: Path) -> Outcome:
    """Inflict a damage on a copy of a store, have it examined and mended."""
    shutil.copytree(source.parent, folder)
    store = folder / source.name
    before = rows_of(source)
    damage.inflict(store)
    found = examine(store)
    cost = found.problems[0].cost if found.problems else "-"
    if not found.problems:
        return Outcome(damage.name, False, cost, "no")
    left = examine(store, mend=True).problems
    if damage.for_good:
        return Outcome(damage.name, True, cost, "no")
    if left:
        fewer = len(left) < len(found.problems)
        return Outcome(damage.name, True, cost, "partly" if fewer else "no")
    return Outcome(damage.name, True, cost, "as it was" if rows_of(store) == before else "anew")


def rows_of(store: Path) -> Rows:
    """All rows of all tables that hold something of worth."""
    with open_store(store) as db:
        return {
            name: db.conn.execute(f"SELECT * FROM {name}").fetchall()
            for name in row_checksums.tables(db)
            if name != "jobs"
        }


def back_up_while_training(source: Path, folder: Path) -> dict[str, object]:
    """Take backups while a training runs, and one after it; how they compare."""
    shutil.copytree(source.parent, folder)
    store = folder / source.name
    command = "train --dataset film --preset seed --steps 100000 --store"
    with subprocess.Popen(
        [sys.executable, "-m", "jobs", *command.split(), str(store)], stderr=subprocess.DEVNULL
    ) as training:
        _wait_for_epochs(store, 2)
        began = time.monotonic()
        during = backup(store, folder / "during.zip")
        seconds = time.monotonic() - began
        at_work = training.poll() is None
        _wait_for_epochs(store, 4)
        training.terminate()
    elsewhere = folder / "elsewhere" / "restored.sqlite"
    restore(during.file, elsewhere)
    then, now = rows_of(elsewhere), rows_of(store)
    after = restore(backup(store, folder / "after.zip").file, folder / "after" / "restored.sqlite")
    return {
        "training at work": at_work,
        "seconds": round(seconds, 2),
        "MB": round(during.size / 1e6, 1),
        "problems of the restored store": [
            each.what
            for each in examine(elsewhere).problems
            if "its process is gone" not in each.what
        ],
        "rows of it that the store had not": sum(
            row not in now[table]
            for table in then
            if table not in ("checkpoints", "runs")
            for row in then[table]
        ),
        "epochs in it, and in the store later": (len(then["epochs"]), len(now["epochs"])),
        "after the training: equal": rows_of(after.store) == now,
        "files equal": _files(after.store) == _files(store),
    }


def _do(store: Path, spec: JobSpec) -> None:
    job = foreground.run_here(store, spec)
    if job.state != "done":
        raise SystemExit(f"{job.kind}: {job.error}")


def _copy_of(db: object, info: trajectory_table.TrajectoryInfo) -> Trajectory:
    import numpy as np
    from sqlite_utils import Database

    assert isinstance(db, Database)
    ids = trajectory_table.frame_ids_of(db, info.id)[:3]
    frames = np.stack([trajectory_table.frame(db, frame_id) for frame_id in ids.tolist()])
    return Trajectory("copy", frames, np.arange(3.0), {})


def _files(store: Path) -> dict[str, bytes]:
    with open_store(store) as db:
        named = [row[0] for row in db.conn.execute("SELECT file FROM checkpoints").fetchall()]
    return {name: (checkpoints_folder(store) / name).read_bytes() for name in named}


def _wait_for_epochs(store: Path, count: int) -> None:
    while True:
        with open_store(store) as db:
            sql = "SELECT count(*) FROM epochs WHERE run_id = (SELECT max(id) FROM runs)"
            if db.conn.execute(sql).fetchone()[0] > count:
                return
        time.sleep(0.2)


def main() -> None:
    """Print the table, and how many kinds of damage were seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="kinds of damage whose names have this")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory(prefix="damage-") as folder_name:
        folder = Path(folder_name)
        tempfile.tempdir = folder_name  # the doctor looks for leftovers there
        source = make_store(folder / "source")
        connection = sqlite3.connect(source)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        outcomes: list[Outcome] = []
        for number, damage in enumerate(damage_cases.all_of(source)):
            if options.only not in damage.name:
                continue
            at = folder / f"case-{number}"
            each = try_out(source, damage, at)
            shutil.rmtree(at)
            outcomes.append(each)
            if not options.json:
                seen = "seen" if each.seen else "NOT SEEN"
                print(f"| {each.damage} | {seen} | {each.cost} | {each.mended} |", flush=True)
        saved = back_up_while_training(source, folder / "training")
    if options.json:
        print(json.dumps({"outcomes": [asdict(each) for each in outcomes], "backup": saved}))
        return
    counts = {kind: sum(each.mended == kind for each in outcomes) for kind in _KINDS}
    count = sum(each.seen for each in outcomes)
    print(f"\nseen: {count} of {len(outcomes)}; mended: {counts}\nbackup: {saved}")


_KINDS = ("as it was", "anew", "partly", "no")

if __name__ == "__main__":
    main()
