"""The whole walk, small: simulate, train, index, map, judge; `make demo` and the button do it."""

import time
from typing import Any

from jobs.context import Context
from jobs.evaluate import job as evaluate
from jobs.evaluate import same_parameters
from jobs.evaluate.setup import TooFewSeparated
from jobs.simulate import job as simulate
from jobs.train import job as train
from morphcore.config import DEFAULT_PRESET, Preset
from morphcore.simulation.cells import DEMO_CELLS
from store import datasets
from store.db import open_store
from wording.numbers import free_name

NAME = "demo"
SIMULATED, TRAINED, TWINS_MADE = 0.15, 0.8, 0.85  # where each stop ends, as shares of the whole
TWIN_FRAMES = 25
LAST_STEP = 5100


def run(
    context: Context,
    *,
    preset: Preset = DEFAULT_PRESET,
    minutes: float = 1.5,
    frames: int = 128,
    cells: int = len(DEMO_CELLS),
    last_step: int = LAST_STEP,
    name: str | None = None,
    seed: int = 0,
    run: int | None = None,
) -> dict[str, Any]:
    """Two realisations of each of the first `cells` demo cells, `minutes` of training, a map.

    A demo that was stopped goes on where it was: `name` and `run` are what it has made so far.
    """
    begun = time.monotonic()
    if name is None:
        with open_store(context.store) as db:
            taken = {dataset.name for dataset in datasets.all_datasets(db)}
        name = free_name(NAME, taken.__contains__)
        context.remember(name=name)
    simulate.run(
        context.part("simulate", 0.0, SIMULATED),
        name=name,
        cells=[list(cell) for cell in DEMO_CELLS[:cells]],
        realisations=2,
        frames=frames,
        last_step=last_step,
        seed=seed,
    )
    trained = train.run(
        context.part("train", SIMULATED, TRAINED),
        dataset=name,
        preset=preset,
        epochs=100_000,  # the minutes end it
        minutes=minutes,
        seed=seed,
        run=run,
    )
    twins = context.part("measure", TRAINED, TWINS_MADE)
    simulate.run(twins, twins=name, frames=min(frames, TWIN_FRAMES), seed=seed)
    notes = {}
    try:
        evaluate.run(context.part("measure", TWINS_MADE, 1.0), run=trained["run"])
    except TooFewSeparated as err:  # a demo of a handful of frames; all the rest of it is there
        notes["note"] = str(err)
    measured = same_parameters.same_params(context.store, trained["run"])
    return {
        "dataset": name,
        "run": trained["run"],
        "seconds": round(time.monotonic() - begun, 1),
        "neg_elbo_nats_start": trained["neg_elbo_nats_start"],
        "neg_elbo_nats": trained["neg_elbo_nats"],
        "split": trained["split"],
        **measured,
        **notes,
    }
