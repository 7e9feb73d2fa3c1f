"""Commands on data sets: simulate, list."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from jobs.cli.command import command, given, run_job
from jobs.specs import SimulateJob
from store import datasets as dataset_table
from store.db import open_store


@command(
    "simulate", "simulate trajectories of the thin film, of the zoo, or the twins of a data set"
)
@click.option("--name", help='of the data set (of twins by default: "DATASET twins")')
@click.option("--world", type=click.Choice(("thin-film", "zoo")))
@click.option(
    "--twins",
    metavar="DATASET",
    help="one more trajectory of each of its cells, with other noise: to judge, not to train",
)
@click.option("--trajectories", type=int)
@click.option("--frames", type=int, help="a trajectory")
@click.option("--schedule", type=click.Choice(("geometric", "linear")))
@click.option("--last-step", type=int)
@click.option("--seed", type=int)
def simulate(store: Path, **options: Any) -> Mapping[str, Any]:
    return run_job(store, SimulateJob(**given(options)))


@command("datasets", "list the data sets")
def datasets(store: Path) -> Mapping[str, Any]:
    with open_store(store) as db:
        return {"datasets": [asdict(dataset) for dataset in dataset_table.all_datasets(db)]}
