"""Kinds of damage to the files of a store: its database, its log, its models, and leftovers."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from store import datasets, jobs
from store.db import checkpoints_folder, open_store

Harm = Callable[[Path], object]
_OLD = time.time() - 90_000


@dataclass(frozen=True)
class Damage:
    """One kind of damage."""

    name: str
    inflict: Harm  # on a store of its own
    for_good: bool = False  # the doctor can set its signs aside, but brings nothing back


def of_files() -> list[Damage]:
    """Every kind of damage to files."""
    return [*_database_file(), *_log(), *_checkpoints(), *_leftovers()]


def _bytes(name: str, change: Callable[[bytearray], bytearray | None]) -> Damage:
    def inflict(store: Path) -> None:
        content = bytearray(store.read_bytes())
        store.write_bytes(change(content) or content)

    return Damage(f"database file: {name}", inflict)


def _xor(at: float) -> Callable[[bytearray], None]:
    def change(content: bytearray) -> None:
        place = int(at * len(content))
        while not content[place]:  # what is not used harms nobody
            place += 1
        content[place] ^= 0xFF

    return change


def _zeros(at: float) -> Callable[[bytearray], None]:
    def change(content: bytearray) -> None:
        begin = int(at * len(content)) // 4096 * 4096
        content[begin : begin + 4096] = bytes(4096)

    return change


def _database_file() -> Iterator[Damage]:
    yield _bytes("its first byte", _xor(0.0))
    yield _bytes("a byte of its header", lambda content: content.__setitem__(16, 0x77))
    yield _bytes("cut to half", lambda content: content[: len(content) // 2])
    yield _bytes("cut by its last page", lambda content: content[:-4096])
    yield _bytes("empty", lambda _: bytearray(b"\n"))
    for at in (0.0, 0.3, 0.6, 0.9):
        yield _bytes(f"a page of zeros at {at:.0%}", _zeros(at))
    for number in range(1, 11):
        yield _bytes(f"a byte at {number / 11:.0%}", _xor(number / 11))
    yield Damage("database file: gone", lambda path: path.unlink())


_WRITE = """
import os, sys; from pathlib import Path; from store import jobs; from store.db import open_store
store = Path(sys.argv[1])
with open_store(store) as db:
    for _ in range(40):
        job = jobs.enqueue(db, "train", {"seed": _})
        db.execute("UPDATE jobs SET state = 'done' WHERE id = ?", [job.id])
    folder = store.with_name(store.stem + "-logs"); folder.mkdir(exist_ok=True)
    (folder / f"job-{job.id}.log").write_text("trained")
    os._exit(0)  # as when killed: nothing is written back
"""


def _log() -> Iterator[Damage]:
    def write(store: Path) -> Path:
        subprocess.run([sys.executable, "-c", _WRITE, str(store)], check=True)
        return store.with_name(store.name + "-wal")

    def truncate(store: Path) -> None:
        wal = write(store)
        os.truncate(wal, wal.stat().st_size // 2)

    for name, harm in (
        ("gone", lambda store: write(store).unlink()),
        ("cut to half", truncate),
        ("empty", lambda store: os.truncate(write(store), 0)),
    ):
        yield Damage(f"log: {name} after a kill", harm, for_good=True)


def _checkpoints() -> Iterator[Damage]:
    def files(store: Path) -> list[Path]:
        connection = sqlite3.connect(store)
        rows = connection.execute("SELECT file FROM checkpoints ORDER BY id DESC").fetchall()
        connection.close()
        return [checkpoints_folder(store) / name for (name,) in rows]

    def flip(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)

    def swap(store: Path) -> None:
        first, second, *_ = files(store)
        content = first.read_bytes()
        first.write_bytes(second.read_bytes())
        second.write_bytes(content)

    def cut(path: Path) -> None:
        os.truncate(path, path.stat().st_size // 2)

    def one(at: int, harm: Callable[[Path], object]) -> Harm:
        return lambda store: harm(files(store)[at])

    for which, at in (("the newest", 0), ("the first", -1)):
        yield Damage(f"checkpoint: a bit of {which}", one(at, flip))
        yield Damage(f"checkpoint: {which} cut", one(at, cut))
        yield Damage(f"checkpoint: {which} gone", one(at, Path.unlink))
    yield Damage("checkpoint: the newest empty", lambda store: files(store)[0].write_bytes(b""))
    yield Damage("checkpoint: two swapped", swap)
    yield Damage(
        "checkpoint: the folder gone",
        lambda store: checkpoints_folder(store).rename(store.with_name("elsewhere")),
    )


def _leftovers() -> Iterator[Damage]:
    def old(path: Path, *, folder: bool = False) -> None:
        path.parent.mkdir(exist_ok=True)
        if folder:
            path.mkdir()
        else:
            path.write_bytes(b"x" * 1000)
        os.utime(path, (_OLD, _OLD))

    def orphan(store: Path, name: str) -> None:
        old(checkpoints_folder(store) / name)
        connection = sqlite3.connect(store)  # made before
        connection.execute("UPDATE _sqlite_migrations SET applied_at = '2020-01-01'")
        connection.commit()
        connection.close()

    yield Damage(
        "leftover: a model that no run names", lambda store: orphan(store, "run-1-epoch-99.pt")
    )
    yield Damage("leftover: a .tmp", lambda store: orphan(store, "a.pt.tmp"))
    yield Damage(
        "leftover: a model of a later run", lambda store: orphan(store, "run-99-epoch-1.pt")
    )
    yield Damage(
        "leftover: a model older than the store",
        lambda store: old(checkpoints_folder(store) / "run-1-epoch-99.pt"),
    )
    yield Damage(
        "leftover: a temporary folder",
        lambda store: old(store.parent / ".morph-abcdefgh", folder=True),
    )
    yield Damage(
        "leftover: one beside the models",
        lambda store: old(checkpoints_folder(store) / ".morph-abcdefgh", folder=True),
    )

    def empty_dataset(store: Path) -> None:

        with open_store(store) as db:
            datasets.create(db, "empty", "imported", {})

    def unmeasured(store: Path) -> None:

        with open_store(store) as db:
            db.execute("DELETE FROM descriptors WHERE frame_id = (SELECT min(id) FROM frames)")

    def dead_job(store: Path) -> None:

        with open_store(store) as db:
            job = jobs.enqueue(db, "train", {"seed": 9})
            jobs.claim(db, job.id)
            db.execute("UPDATE jobs SET heartbeat = 1 WHERE id = ?", [job.id])

    yield Damage("leftover: an empty data set", empty_dataset)
    yield Damage("leftover: a frame without descriptors", unmeasured)
    yield Damage("leftover: a job whose process is gone", dead_job)
