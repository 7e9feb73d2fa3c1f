"""What `benchmarks.kills` looks at: rows that are lost, checkpoints, and the store as a whole."""

import hashlib
from pathlib import Path

from sqlite_utils import Database

from store import migrations
from store.db import checkpoints_folder, open_store
from tests import factory

__all__ = ["FAULTS", "checkpoints_folder", "damage", "lost", "make_store", "rows"]

FAULTS = (
    "states wrong",
    "rows lost",
    "unreadable checkpoints",
    "two owners",
    "trainings that differ",
    "processes left",
)
# What a resumed training writes anew, from its last checkpoint on; and no rows of the user's.
ANEW = {"checkpoints", "epochs", "training_points", "strips", "forming_maps", "recon_nats"}

_ID_OF = {"datasets": "dataset_id", "trajectories": "trajectory_id", "frames": "frame_id"}

Rows = dict[str, set[tuple[object, ...]]]


def make_store(path: Path) -> None:
    """A store with a data set and an indexed run, whose model is a real one."""
    if not path.exists():
        factory.build_store(path, trajectories_count=4, frames=16, model=True)


def rows(store: Path) -> Rows:
    """The primary keys of all rows that must stay, by table.

    What an import has not yet published is no row of the user's: a resumed one begins anew.
    """
    found: Rows = {}
    with open_store(store) as db:
        hidden = _unpublished(db)
        for table in db.table_names():
            if table in ANEW or table.startswith(
                ("sqlite_", migrations.MIGRATIONS.migrations_table)
            ):
                continue
            names = db.table(table).pks
            keys = ", ".join(f'"{key}"' for key in names)
            column = _ID_OF.get(table, names[0])
            found[table] = {
                key
                for key in db.execute(f'SELECT {keys} FROM "{table}"').fetchall()
                if key[0] not in hidden.get(column, ())
            }
    found["row_checksums"] = {
        key
        for key in found["row_checksums"]
        if key[0] not in ANEW and key[1] not in hidden.get(_ID_OF.get(str(key[0]), ""), ())
    }
    return found


def _unpublished(db: Database) -> dict[str, set[int]]:
    """The ids of data sets, trajectories and frames that only their import knows as yet."""
    of_dataset = "SELECT id FROM datasets WHERE unfinished_job IS NOT NULL"
    of_trajectory = f"SELECT id FROM trajectories WHERE dataset_id IN ({of_dataset})"
    of_frame = f"SELECT id FROM frames WHERE trajectory_id IN ({of_trajectory})"
    return {
        column: {row[0] for row in db.execute(query).fetchall()}
        for column, query in (
            ("dataset_id", of_dataset),
            ("trajectory_id", of_trajectory),
            ("frame_id", of_frame),
        )
    }


def lost(store: Path, before: Rows) -> int:
    """The number of rows that were there and are not any more."""
    now = rows(store)
    gone = {table: before[table] - now.get(table, set()) for table in before}
    for table, keys in gone.items():
        if keys:
            print(f"  lost of {table}: {len(keys)}, {sorted(keys, key=str)[:3]}", flush=True)
    return sum(len(keys) for keys in gone.values())


def unreadable_checkpoints(store: Path) -> int:
    """The number of checkpoints whose file is missing or not the one that was saved."""
    wrong = 0
    with open_store(store) as db:
        for file, sha256 in db.execute("SELECT file, sha256 FROM checkpoints").fetchall():
            path = checkpoints_folder(store) / file
            if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
                print(f"  unreadable: {file}", flush=True)
                wrong += 1
    return wrong


def damage(store: Path) -> int:
    """The number of things that SQLite itself, or a reference, finds wrong."""
    with open_store(store) as db:
        said = [row[0] for row in db.execute("PRAGMA integrity_check").fetchall()]
        loose = db.execute("PRAGMA foreign_key_check").fetchall()
        unmeasured = db.execute(
            """SELECT count(*) FROM frames f JOIN trajectories t ON t.id = f.trajectory_id
               JOIN datasets d ON d.id = t.dataset_id
               LEFT JOIN descriptors x ON x.frame_id = f.id
               WHERE d.kind = 'imported' AND x.frame_id IS NULL"""
        ).fetchone()[0]
    return len([each for each in said if each != "ok"]) + len(loose) + int(unmeasured)
