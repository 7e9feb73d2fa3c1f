"""Commands on data sets: simulate, list."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from jobs import properties as adding
from jobs.cli.command import cluster, command, given, run_job
from jobs.specs import SimulateJob
from store import datasets as dataset_table
from store.db import open_store


@command(
    "simulate",
    "simulate trajectories of the thin film, of the zoo, or twins or replicates of a data set",
)
@click.option("--name", help='of the data set (of twins by default: "DATASET twins")')
@click.option("--world", type=click.Choice(("thin-film", "zoo")))
@click.option(
    "--twins",
    metavar="DATASET",
    help="one more trajectory of each of its cells, with other noise: to judge, not to train",
)
@click.option(
    "--replicates",
    metavar="DATASET",
    help="further realisations of each of its training cells: to learn what chance is",
)
@click.option(
    "--realisations", type=int, metavar="N", help="of each cell, with --replicates; by default 3"
)
@click.option("--trajectories", type=int)
@click.option(
    "--frames", type=int, help="a trajectory: by default 255, of twins 25, of replicates 48"
)
@click.option("--schedule", type=click.Choice(("geometric", "linear")))
@click.option("--last-step", type=int)
@click.option("--seed", type=int)
@cluster
def simulate(store: Path, **options: Any) -> Mapping[str, Any]:
    return run_job(store, SimulateJob(**given(options)))


@command(
    "properties",
    "list a data set's properties, add those of a table, or delete one",
    "FILE is a table as CSV: a column file, trajectory or frame_id, and columns of values.",
)
@click.argument("file", type=Path, metavar="FILE", required=False)
@click.option("--dataset", required=True)
@click.option(
    "--column", "columns", multiple=True, metavar="NAME", help="only this; may be repeated"
)
@click.option("--check", is_flag=True, help="say what would be stored, and store nothing")
@click.option("--replace", is_flag=True, help="values that are known and differ")
@click.option("--delete", metavar="NAME", help="forget a property")
def properties(
    store: Path,
    file: Path | None,
    dataset: str,
    columns: tuple[str, ...],
    check: bool,
    replace: bool,
    delete: str | None,
) -> Mapping[str, Any]:
    if file is not None and delete is not None:
        raise click.UsageError("Give either FILE or --delete.")
    if delete is not None:
        adding.delete(store, dataset, delete)
        return {"dataset": dataset, "deleted": delete}
    if file is None:
        return {"dataset": dataset, "properties": adding.listed(store, dataset)}
    found = adding.look(store, dataset, file, columns or None)
    stored = None if check else adding.add(store, found, replace=replace)
    return {"dataset": dataset, "stored": stored, **adding.as_json(found)}


@command("datasets", "list the data sets")
def datasets(store: Path) -> Mapping[str, Any]:
    with open_store(store) as db:
        found = dataset_table.all_datasets(db)
    return {"datasets": [{**asdict(dataset), "scheme": dataset.scheme} for dataset in found]}
