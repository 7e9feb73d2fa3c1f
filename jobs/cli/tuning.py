"""The command that looks for settings: trials, one after the other."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from jobs.cli.command import command, given, run_job
from jobs.specs import TuneJob
from morphcore.config import PRESETS
from morphcore.tuning.trials import OBJECTIVES
from store import tunings
from store.db import open_store


@command("tune", "look for the settings by which a preset is best: trials, each a short training")
@click.option("--dataset", help="its name (not needed with --resume)")
@click.option("--preset", type=click.Choice(PRESETS))
@click.option(
    "--objective",
    "--metric",
    type=click.Choice(OBJECTIVES),
    help="-ELBO of validation frames (default), or how often replicates of a training cell are"
    " found; held-out frames and twins never take part",
)
@click.option("--trials", type=int, help="in all (default: 20); the first has the usual settings")
@click.option("--minutes", type=float, help="of each trial")
@click.option(
    "--steps", type=int, help="of each trial, with the usual batch; of smaller ones it has more"
)
@click.option("--split", type=click.Choice(("frame", "trajectory")))
@click.option("--seed", type=int)
@click.option("--pruning/--no-pruning", default=None, help="give up what is below the median")
@click.option("--resume", "tuning", type=int, metavar="TUNING", help="go on, or do more trials")
def tune(store: Path, **options: Any) -> Mapping[str, Any]:
    if options["minutes"] is not None and options["steps"] is not None:
        raise click.UsageError("Give either --minutes or --steps: minutes become steps.")
    if options["tuning"] is not None:
        fixed = given(options).keys() - {"tuning", "trials"}
        if fixed:
            names = ", ".join(f"--{name}" for name in sorted(fixed))
            raise click.UsageError(f"A tuning that goes on keeps its {names}; start a new one.")
        with open_store(store) as db:
            options["dataset"] = tunings.by_id(db, options["tuning"]).dataset
    return run_job(store, TuneJob(**given(options)))
