"""Commands on frames: nearest neighbours, comparison of two or of two sets, GraSPI's report."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from jobs.cli import ask, coin_flip, damaged_model
from jobs.cli.command import command, run_job
from jobs.specs import GraspiJob

_run = click.option("--run", type=int, required=True)
_scale = click.option(
    "--scale",
    metavar="thickness|one|FACTOR",
    help="how a frame that is not of the model's data set becomes as large as those that are"
    " (default: by the pixel sizes, else one pixel is one pixel)",
)


@command("query", "the stored frames nearest to a frame")
@click.argument("target", metavar="FILE|frame:ID")
@_run
@click.option("-k", type=int, default=5, show_default=True, help="frames")
@click.option("--same-trajectory", is_flag=True, help="do not leave out the query's own")
@click.option("--one-per-trajectory", is_flag=True)
@click.option(
    "--gallery",
    multiple=True,
    metavar="DATASET",
    help="a data set to search, given once or more often (default: the model's own)",
)
@_scale
def query(
    store: Path,
    run: int,
    target: str,
    k: int,
    same_trajectory: bool,
    one_per_trajectory: bool,
    gallery: tuple[str, ...],
    scale: str | None,
) -> Mapping[str, Any]:
    coin_flip.warn(store, run)
    damaged_model.warn(store, run)
    return ask.query(
        store,
        run,
        target,
        k,
        same_trajectory=same_trajectory,
        one_per_trajectory=one_per_trajectory,
        gallery=gallery,
        scale=scale,
    )


@command(
    "compare",
    "whether one process made two frames, how near they are, and why",
    "A and B are each a file or frame:ID. With more pictures of either sample, two sets are"
    " compared, all against all.",
)
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@_run
@_scale
@click.option("--more-a", multiple=True, metavar="A", help="a further picture of A's sample")
@click.option("--more-b", multiple=True, metavar="B", help="a further picture of B's sample")
@click.option(
    "--prior",
    type=float,
    metavar="PROBABILITY",
    help="that one process made both, before looking: the answer says what it is then",
)
def compare(
    store: Path,
    run: int,
    a: str,
    b: str,
    scale: str | None,
    more_a: tuple[str, ...],
    more_b: tuple[str, ...],
    prior: float | None,
) -> Mapping[str, Any]:
    coin_flip.warn(store, run)
    damaged_model.warn(store, run)
    if more_a or more_b:
        sets = ((a, *more_a), (b, *more_b))
        return ask.compare_sets(store, run, *sets, scale=scale, prior=prior)
    return ask.compare(store, run, a, b, scale=scale, prior=prior)


@command(
    "graspi",
    "GraSPI's report of stored frames (needs py-graspi)",
    "ID is that of a stored frame.",
)
@click.argument("frames", type=int, nargs=-1, required=True, metavar="ID...")
def graspi(store: Path, frames: tuple[int, ...]) -> Mapping[str, Any]:
    return run_job(store, GraspiJob(frames=frames))
