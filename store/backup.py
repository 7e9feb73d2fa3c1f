"""A store as one file, and back: a zip of its database and its checkpoints, not compressed.

Jobs may run meanwhile: the database is copied as it is at one moment, and then the files that this
copy names. A training that drops a checkpoint in between is noticed, and the copy made once more.
A zip has a checksum of every member, and the rows have the hashes of the checkpoints.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import time
import zipfile
import zlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from morphcore.atomic_file import atomic_write
from morphcore.errors import MorphError
from morphcore.temporary import temporary_folder
from store import row_checksums
from store.copies import copy_database, to_read
from store.db import checkpoints_folder

_FORMAT = "morph-backup-1"
_ABOUT, _DATABASE, _CHECKPOINTS = "backup.json", "store.sqlite", "checkpoints/"
_TRIES = 5
# What a damaged archive raises, RuntimeError where its bits say that it is encrypted.
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, RuntimeError),
    sqlite3.DatabaseError,
)
_STOPPED = "It had not ended when the backup was made; Resume goes on from there."


class BackupError(MorphError):
    """A backup that cannot be made or restored; the message says why."""


@dataclass(frozen=True)
class Backup:
    """A backup that was made."""

    file: Path
    size: int  # bytes
    checkpoints: int  # files
    missing: tuple[str, ...]  # files of checkpoints that the store lacked, or that were changed


@dataclass(frozen=True)
class Restored:
    """A store that was brought back."""

    store: Path
    checkpoints: int  # files
    missing: tuple[str, ...]  # files of checkpoints that the backup lacks
    set_aside: Path | None  # where the store that was there before lies now


def backup(store: Path, out: Path) -> Backup:
    """Copy a store, of any version, with its checkpoints into one file, whole or not at all.

    Raises:
        BackupError: if there is no store, `out` exists, or it cannot be written or read.
    """
    if not store.is_file():
        raise BackupError(f"There is no store {store}; name one with --store or MORPH_STORE.")
    if out.exists():
        raise BackupError(f"{out} exists already; choose another name.")
    if not out.parent.is_dir():
        raise BackupError(f"The folder {out.parent} does not exist.")
    try:
        with (
            atomic_write(out) as part,
            temporary_folder(out.parent) as folder,
            zipfile.ZipFile(part, "w") as archive,
        ):
            snapshot = folder / _DATABASE
            kept, named = _checkpoints_of_one_moment(store, snapshot, archive)
            about = {"format": _FORMAT, "created": time.time(), "store": store.name}
            archive.writestr(_ABOUT, json.dumps(about))
            archive.write(snapshot, _DATABASE)
    except (sqlite3.DatabaseError, ValueError) as err:
        raise BackupError(
            f"{store} cannot be copied, since it is damaged or no Morph store ({err});"
            " see python -m jobs doctor."
        ) from err
    except OSError as err:
        raise BackupError(f"{out} cannot be written: {err.strerror or err}.") from err
    lost = tuple(sorted(name for name, sha256 in named.items() if kept.get(name) != sha256))
    return Backup(out, out.stat().st_size, len(named) - len(lost), lost)


def restore(archive: Path, store: Path, *, overwrite: bool = False) -> Restored:
    """Bring a store back from a backup; jobs that had not ended count as interrupted.

    With `overwrite`, a store that is there is set aside under another name, with its checkpoints.

    Raises:
        BackupError: if the file is no backup or damaged, or a store is there and `overwrite` false.
    """
    folder = checkpoints_folder(store)
    # Its log alone would be read into the store that is brought back.
    there = [path for path in (store, *_logs(store), folder) if path.exists()]
    if there and not overwrite:
        raise BackupError(
            f"{there[0]} exists already; restore to another --store, or say --overwrite, which sets"
            " aside what is there."
        )
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(store.parent) as unpacked:
            missing, count = _unpack(archive, unpacked)
            aside = _set_aside(store) if there else None
            if (unpacked / _CHECKPOINTS).exists():
                os.replace(unpacked / _CHECKPOINTS, folder)
            for log in _logs(store):
                log.unlink(missing_ok=True)
            os.replace(unpacked / _DATABASE, store)
    except _DAMAGED as err:
        raise BackupError(
            f"{archive} is damaged or no backup of Morph ({err}); nothing was changed."
        ) from err
    except OSError as err:
        raise BackupError(f"{archive} cannot be restored: {err.strerror or err}.") from err
    return Restored(store, count, missing, aside)


def _checkpoints_of_one_moment(
    store: Path, snapshot: Path, archive: zipfile.ZipFile
) -> tuple[dict[str, str], dict[str, str]]:
    """Copy the database and the files that it names; hashes of what was kept, and was named."""
    kept: dict[str, str] = {}
    folder = checkpoints_folder(store)
    for _ in range(_TRIES):
        copy_database(store, snapshot)
        named = _named(snapshot)
        for name in named.keys() - kept.keys():
            path = folder / _plain(name)
            if path.is_file():
                kept[name] = _add(archive, path)
        gone = named.keys() - kept.keys()
        if gone <= _named(store).keys():  # what is not there was not dropped just now
            break
    return kept, named


def _named(database: Path) -> dict[str, str]:
    """The files of checkpoints that a database names, with their hashes."""
    with closing(to_read(database)) as connection:
        return dict(connection.execute("SELECT file, sha256 FROM checkpoints").fetchall())


def _add(archive: zipfile.ZipFile, path: Path) -> str:
    """Put a file into the archive; its hash."""
    digest = hashlib.sha256()
    with path.open("rb") as source, archive.open(_CHECKPOINTS + path.name, "w") as member:
        while piece := source.read(1 << 20):
            digest.update(piece)
            member.write(piece)
    return digest.hexdigest()


def _unpack(archive: Path, folder: Path) -> tuple[tuple[str, ...], int]:
    """Unpack a backup and prove it; the files that it lacks, and the number of those it has."""
    with zipfile.ZipFile(archive) as members:
        about = json.loads(members.read(_ABOUT))
        if not isinstance(about, dict) or about.get("format") != _FORMAT:
            raise ValueError("of another format")
        database = folder / _DATABASE
        with members.open(_DATABASE) as source, database.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        named = _named(database)
        there = set(members.namelist())
        (folder / _CHECKPOINTS).mkdir()
        missing = []
        for name, sha256 in named.items():
            path = folder / _CHECKPOINTS / _plain(name)
            if _CHECKPOINTS + name not in there:
                missing.append(name)
                continue
            with members.open(_CHECKPOINTS + name) as source, path.open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
            with path.open("rb") as written:
                if hashlib.file_digest(written, "sha256").hexdigest() != sha256:
                    missing.append(name)
    _interrupt(database)
    return tuple(sorted(missing)), len(named) - len(missing)


def _plain(name: str) -> str:
    """The name of a checkpoint's file, which never leads out of its folder."""
    if Path(name).name != name or name in ("", ".", ".."):
        raise ValueError(f"a checkpoint's file is named {name!r}")
    return name


def _interrupt(database: Path) -> None:
    """Mark the jobs that had not ended: no process works on them here, nor may one of then."""
    with closing(sqlite3.connect(database)) as connection, connection:
        row_checksums.register(connection)
        connection.execute(
            """UPDATE jobs SET state = 'interrupted', error = ?, request = NULL, finished = ?,
                               owner = NULL
               WHERE state IN ('running', 'queued')""",
            [_STOPPED, time.time()],
        )


def _logs(store: Path) -> tuple[Path, ...]:
    """What SQLite keeps beside a store: its log, and the index of that."""
    return tuple(store.with_name(store.name + ending) for ending in ("-wal", "-shm"))


def _set_aside(store: Path) -> Path:
    """Give a store another name, with its log and its checkpoints, under which it still opens."""
    aside = store.with_name(f"{store.stem}-replaced-{time.strftime('%Y%m%d-%H%M%S')}{store.suffix}")
    for path in (*_logs(store), store):
        if path.exists():
            os.replace(path, aside.with_name(aside.name + path.name.removeprefix(store.name)))
    for ending in ("checkpoints", "logs"):
        if (folder := store.with_name(f"{store.stem}-{ending}")).exists():
            os.replace(folder, aside.with_name(f"{aside.stem}-{ending}"))
    return aside
