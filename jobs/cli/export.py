"""The command that writes stored data to files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from exports import export as exporting
from exports.table_files import ENDINGS
from jobs.cli.command import command


@command(
    "export", "write stored data to a file", f"A table's form by OUT's end: {', '.join(ENDINGS)}."
)
@click.argument("out", type=Path, metavar="OUT")
@click.option("--what", required=True, type=click.Choice(exporting.WHAT))
@click.option("--trajectory", metavar="NAME", help="of a movie or a filmstrip (strip)")
@click.option("--rate", type=int, default=20, show_default=True, help="of a movie, frames a second")
@click.option("--frames", metavar="I,J,...", help="of a filmstrip, indices from 0")
@click.option("--run", type=int, help="this or --dataset, not both")
@click.option("--dataset", help="this or --run, not both")
def export(
    store: Path,
    out: Path,
    what: str,
    trajectory: str | None,
    rate: int,
    frames: str | None,
    run: int | None,
    dataset: str | None,
) -> Mapping[str, Any]:
    if (run is None) == (dataset is None):
        raise click.UsageError("Give either --run or --dataset.")
    return exporting.export(
        store,
        what,
        out,
        run_id=run,
        dataset=dataset,
        trajectory=trajectory,
        rate=rate,
        frames=frames,
    )
