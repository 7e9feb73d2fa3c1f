"""Commands on frames: nearest neighbours, comparison of two, and GraSPI's report."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from jobs.cli import ask
from jobs.cli.command import command, run_job
from jobs.specs import GraspiJob

_run = click.option("--run", type=int, required=True)


@command("query", "the stored frames nearest to a frame")
@click.argument("target", metavar="FILE|frame:ID")
@_run
@click.option("-k", type=int, default=5, show_default=True, help="frames")
@click.option("--same-trajectory", is_flag=True, help="do not leave out the query's own")
@click.option("--one-per-trajectory", is_flag=True)
def query(
    store: Path, run: int, target: str, k: int, same_trajectory: bool, one_per_trajectory: bool
) -> Mapping[str, Any]:
    neighbours = ask.query(
        store,
        run,
        target,
        k,
        same_trajectory=same_trajectory,
        one_per_trajectory=one_per_trajectory,
    )
    return {"neighbours": neighbours, "properties": ask.predictions(store, run, target)}


@command("compare", "how near two frames are, and why", "A and B are each a file or frame:ID.")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@_run
def compare(store: Path, run: int, a: str, b: str) -> Mapping[str, Any]:
    return ask.compare(store, run, a, b)


@command(
    "graspi",
    "GraSPI's report of stored frames (needs py-graspi)",
    "ID is that of a stored frame.",
)
@click.argument("frames", type=int, nargs=-1, required=True, metavar="ID...")
def graspi(store: Path, frames: tuple[int, ...]) -> Mapping[str, Any]:
    return run_job(store, GraspiJob(frames=frames))
