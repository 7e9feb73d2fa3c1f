"""A line on standard error, where a command uses a model that knows no more than a coin flip."""

import sys
from pathlib import Path

from analysis import held_out_elbo
from store import runs
from store.db import open_store
from wording.coin_flip import warning


def warn(store: Path, run_id: int) -> None:
    """Say so where a run's indexed model is no better than a coin flip for every pixel.

    Raises:
        UnknownRun: if there is no run of that number.
    """
    with open_store(store) as db:
        run = runs.run(db, run_id)
        elbo = held_out_elbo.of_run(db, run)
        words = None if elbo is None else warning(run.name, elbo.nats, elbo.pixels)
    if words:
        print(words, file=sys.stderr)
