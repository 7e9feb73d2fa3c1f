"""The fence: whoever is no longer the owner of a job writes nothing, whichever way it tries."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlite_utils import Database

from store import datasets, fencing, jobs
from store.db import StoreBusy, open_store, writing
from store.fencing import Claim, NotOwner

INSERT = "INSERT INTO datasets (name, kind, config, created) VALUES (?, 'imported', '{}', 0)"


@pytest.fixture(name="claim")
def _claim(store: Path) -> Claim:
    with open_store(store) as db:
        jobs.enqueue(db, "train", {})
        job = jobs.claim(db)
    assert job is not None
    assert job.owner is not None
    return Claim(store, job.id, job.owner)


def _names(store: Path) -> list[str]:
    with open_store(store) as db:
        return [each.name for each in datasets.all_datasets(db)]


def _in_a_transaction(db: Database) -> None:
    with writing(db):
        db.conn.execute(INSERT, ["film"])


def _in_a_plain_one(db: Database) -> None:
    with db.atomic():
        db.conn.execute(INSERT, ["film"])


def _after_a_read(db: Database) -> None:
    db.conn.execute("SAVEPOINT before")
    db.conn.execute("SELECT 1 FROM datasets").fetchall()
    db.conn.execute(INSERT, ["film"])
    db.conn.execute("RELEASE before")


WAYS: dict[str, Callable[[Database], object]] = {
    "a function of the store": lambda db: datasets.create(db, "film", "imported", {}),
    "a statement that commits itself": lambda db: db.execute(INSERT, ["film"]),
    "a transaction": _in_a_transaction,
    "a plain transaction": _in_a_plain_one,
    "a savepoint": _after_a_read,
    "many rows": lambda db: db.conn.executemany(INSERT, [["film"], ["other"]]),
    "a cursor": lambda db: db.conn.cursor().execute(INSERT, ["film"]),
    "a common table": lambda db: db.conn.execute(
        "WITH name AS (SELECT 'film') INSERT INTO datasets (name, kind, config, created)"
        " SELECT *, 'imported', '{}', 0 FROM name"
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_only_the_owner_writes(store: Path, claim: Claim, way: str) -> None:
    with open_store(store) as db:
        jobs.finish(db, claim.job_id, "interrupted", owner=claim.owner)
    with fencing.holding(claim), pytest.raises(NotOwner), open_store(store) as db:
        WAYS[way](db)
    assert _names(store) == []
    with open_store(store) as db:
        jobs.requeue(db, claim.job_id)
        renewed = jobs.claim(db)
    assert renewed is not None
    assert (renewed.claims, renewed.owner == claim.owner) == (2, False)
    with fencing.holding(claim), pytest.raises(NotOwner), open_store(store) as db:
        WAYS[way](db)
    owner = Claim(store, renewed.id, renewed.owner or "")
    with fencing.holding(owner), open_store(store) as db:
        WAYS[way](db)
        db.conn.commit()
    assert "film" in _names(store)


def test_a_script_is_refused_and_reading_needs_no_token(store: Path, claim: Claim) -> None:
    refused = pytest.raises(sqlite3.NotSupportedError)
    with fencing.holding(claim), open_store(store) as db, refused:
        db.conn.executescript("DELETE FROM jobs")
    with open_store(store) as db:
        jobs.finish(db, claim.job_id, "stopped")
    with fencing.holding(claim), open_store(store) as db:
        assert jobs.job(db, claim.job_id).owner is None
        assert datasets.all_datasets(db) == []


def test_a_transaction_that_the_owner_began_keeps_all_others_from_the_token(
    store: Path, claim: Claim
) -> None:
    with fencing.holding(claim), open_store(store) as db, writing(db):
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            sqlite3.connect(store, timeout=0).execute("UPDATE jobs SET owner = 'other'")
        datasets.create(db, "film", "imported", {})
    assert _names(store) == ["film"]


def test_a_job_whose_store_is_gone_makes_no_new_one(store: Path, claim: Claim) -> None:
    for file in store.parent.glob(f"{store.name}*"):
        file.unlink()
    with fencing.holding(claim), pytest.raises(NotOwner), open_store(store):
        pass
    assert not store.exists()


def test_a_job_waits_for_a_lock_and_others_are_told_that_the_store_is_busy(
    store: Path, claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fencing, "PATIENCE_SECONDS", 0.02)
    lock = sqlite3.connect(store, isolation_level=None, check_same_thread=False)
    lock.execute("BEGIN IMMEDIATE")
    busy = pytest.raises(StoreBusy, match="busy: another process is writing to it")
    with busy, open_store(store, busy_seconds=0.01) as db:
        datasets.create(db, "page", "imported", {})
    release = threading.Timer(0.3, lambda: lock.execute("ROLLBACK"))
    release.start()
    with fencing.holding(claim), open_store(store) as db:
        datasets.create(db, "job", "imported", {})  # after more than ten times its patience
    release.join()
    lock.close()
    assert _names(store) == ["job"]


def test_an_end_that_was_decided_of_an_earlier_owner_does_not_end_the_new_one(
    store: Path, claim: Claim
) -> None:
    with open_store(store) as db:
        jobs.finish(db, claim.job_id, "interrupted", owner=claim.owner)
        jobs.requeue(db, claim.job_id)
        jobs.claim(db)
        jobs.finish(db, claim.job_id, "interrupted", owner=claim.owner)  # another page, later
        assert jobs.job(db, claim.job_id).state == "running"
