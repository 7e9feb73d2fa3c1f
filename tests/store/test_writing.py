"""Two processes write at once: a job its frames, its heartbeat thread or a page its rows."""

import sqlite3
import threading
from pathlib import Path

import pytest

from store import datasets, jobs, projections, trajectories
from store.db import NameTaken, open_store, writing
from tests.factory import Made, trajectory


def beat(store: Path, job_id: int) -> None:
    with open_store(store) as db:
        jobs.beat(db, job_id)


def test_a_heartbeat_between_looking_and_storing_does_no_harm(
    store: Path, monkeypatch: pytest.MonkeyPatch
):
    with open_store(store) as db:
        dataset_id = datasets.create(db, "film", "simulated", {})
        job_id = jobs.enqueue(db, "simulate", {}).id
    look = trajectories.has_trajectory
    beats: list[threading.Thread] = []

    def look_then_beat(*args):
        value = look(*args)
        beats.append(threading.Thread(target=beat, args=(store, job_id)))
        beats[0].start()
        beats[0].join(1.0)  # it writes now, or waits for the lock
        return value

    monkeypatch.setattr(trajectories, "has_trajectory", look_then_beat)
    with open_store(store) as db:
        trajectories.add(db, dataset_id, trajectory("one", frames=2))
    beats[0].join()
    with open_store(store) as db:
        assert datasets.all_datasets(db)[0].frames == 2
        assert jobs.job(db, job_id).heartbeat is not None


def test_nobody_else_writes_within_it_and_a_failure_undoes_it(store: Path):
    def fail_halfway(db) -> None:
        with writing(db):
            datasets.create(db, "film", "simulated", {})
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                connection.execute("DELETE FROM jobs")
            raise LookupError

    with open_store(store) as db:
        connection = sqlite3.connect(store, timeout=0)
        with pytest.raises(LookupError):
            fail_halfway(db)
        connection.execute("DELETE FROM jobs")  # the lock is given back
        connection.close()
        assert datasets.all_datasets(db) == []


def test_within_a_transaction_only_the_inner_part_is_undone(made: Made):
    with open_store(made.path) as db:
        maps = projections.of_checkpoint(db, made.checkpoint_id)
        with writing(db):
            datasets.create(db, "kept", "simulated", {})
            with pytest.raises(NameTaken):
                datasets.create(db, "kept", "simulated", {})
        assert [each.name for each in datasets.all_datasets(db)] == ["blobs", "kept"]
        assert projections.of_checkpoint(db, made.checkpoint_id) == maps
