"""A command of the command line: the options that all have, its answer, and jobs done in it."""

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from jobs import foreground
from jobs.cli.output import Answer, ProgressBar, answer
from jobs.cluster import choice
from jobs.specs import JobSpec
from morphcore.errors import MorphError
from store import jobs
from store.db import default_path

# A command's function: the store and its own options in, the answer as a value of JSON out.
Answering = Callable[..., Mapping[str, Any]]

_json = click.option("--json", "as_json", is_flag=True, help="print one JSON object")
_store = click.option(
    "--store",
    type=Path,
    default=default_path,
    metavar="PATH",
    help="the store's file (default: MORPH_STORE, or data/morph.sqlite)",
)


def _usable(_context: click.Context, _option: click.Parameter, text: str | None) -> str | None:
    if text is not None:
        choice.require(text)  # fails before the job is queued
    return text


# Of the commands whose work can be done on a cluster:
cluster = click.option(
    "--cluster",
    metavar="local|local:WORKERS|HOST:PORT",
    callback=_usable,
    help="a Ray that does the work: one that is started here, or a cluster's head",
)


class Ended(MorphError):
    """A job ended without a result; the message gives its last state or its error."""


def command(name: str, help: str, arguments: str = "") -> Callable[[Answering], click.Command]:
    """Make a function a command that prints what it returns, with `--json` and `--store`.

    `help` describes the command, `arguments` those that are no options.
    """

    def decorate(function: Answering) -> click.Command:
        @functools.wraps(function)  # the options of its own, too
        def run(*, as_json: bool, **options: Any) -> int:
            result = function(**options)
            answer(result, as_json=as_json)
            return result.status if isinstance(result, Answer) else 0

        whole = f"{help}\n\n{arguments}" if arguments else help
        return click.command(name, help=whole, short_help=help)(_json(_store(run)))

    return decorate


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given; the others are left to what does the work."""
    return {name: value for name, value in options.items() if value is not None}


def absolute(path: str) -> str:
    """A path of this folder for a job that may run in a process that stands in another one."""
    return str(Path(path).resolve())


def run_job(store: Path, spec: JobSpec) -> Mapping[str, Any]:
    """Do a job in this process, with a bar; its result.

    Raises:
        Ended: if it failed, or was stopped or paused.
    """
    bar = ProgressBar()
    return _result(foreground.run_here(store, spec, bar.show), store, bar)


def follow_job(store: Path, job_id: int) -> Mapping[str, Any]:
    """Do a queued job in this process, with a bar; its result.

    Raises:
        Ended: if it failed, or was stopped or paused.
    """
    bar = ProgressBar()
    return _result(foreground.follow(store, job_id, bar.show), store, bar)


def _result(job: jobs.Job, store: Path, bar: ProgressBar) -> Mapping[str, Any]:
    bar.close()
    if job.state == "done":
        return job.result or {}
    if job.error:
        raise Ended(job.error)
    again = f"go on with: python -m jobs resume {job.id} --store {store}"
    raise Ended(f"Job {job.id} was {job.state}; what it had done is kept; {again}")
