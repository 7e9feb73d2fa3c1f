"""Commands for the safety of a store: its health, a backup, and back."""

import sqlite3
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from jobs.cli.command import command
from jobs.cli.output import Answer
from jobs.doctor import examine as health
from jobs.doctor.examine import Examination
from jobs.liveness import alive
from morphcore.errors import MorphError
from store import backup as backups
from store import jobs
from store.backup import BackupError
from store.db import open_store


@command("doctor", "check the store, its models, its jobs and the device; exits 1 with problems")
@click.option("--mend", is_flag=True, help="do what is safe: make anew what can be made anew")
@click.option(
    "--accept",
    is_flag=True,
    help="give up what is lost: take changed rows as they are, drop those whose owner is gone",
)
def doctor(store: Path, mend: bool, accept: bool) -> Mapping[str, Any]:
    found = health.examine(store, mend=mend, accept=accept)
    values = health.as_json(store, found)
    return Answer(values, _text(values, found), status=1 if found.problems else 0)


@command("backup", "copy the store with its models into one file, while jobs run", "OUT: a zip.")
@click.argument("out", type=Path, metavar="OUT")
def backup(store: Path, out: Path) -> Mapping[str, Any]:
    made = backups.backup(store, out)
    return {**asdict(made), "file": str(made.file), "missing": list(made.missing)}


@command("restore", "bring a store back from a backup", "FILE: what backup made.")
@click.argument("file", type=Path, metavar="FILE")
@click.option("--overwrite", is_flag=True, help="a store that is there, which is set aside")
def restore(store: Path, file: Path, overwrite: bool) -> Mapping[str, Any]:
    if overwrite and store.exists() and _at_work(store):
        raise BackupError(f"A job is at work in {store}; stop it first.")
    done = backups.restore(file, store, overwrite=overwrite)
    aside = None if done.set_aside is None else str(done.set_aside)
    values = {**asdict(done), "store": str(done.store), "missing": list(done.missing)}
    return {**values, "set_aside": aside}


def _at_work(store: Path) -> bool:
    try:
        with open_store(store) as db:
            return any(job.state == "running" and alive(job) for job in jobs.pending(db))
    except (MorphError, sqlite3.Error):  # so damaged that none can be
        return False


def _text(values: Mapping[str, Any], found: Examination) -> str:
    lines = [f"{values['store']}: {values['store_mb']:,.1f} MB, on {values['device']}"]
    lines += [f"Mended: {each.what}" for each in found.mended]
    lines += [f"Accepted: the rows of {table}" for table in found.accepted]
    for each in found.problems:
        lines += ["", each.what, f"  It costs: {each.cost}", f"  To do:    {each.to_do}"]
    lines += ["", *(f"Note: {note}" for note in found.notes)] if found.notes else []
    count = len(found.problems)
    lines += ["", "All is well." if not count else f"{count} problems."]
    return "\n".join(lines)
