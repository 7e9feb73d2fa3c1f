"""The whole walk, small: simulate, train, index, map, measure; `make demo` and the button do it."""

import time
from typing import Any

from jobs import measure, simulate, train
from jobs.context import Context
from morphcore.config import DEFAULT_PRESET, DEMO_CELLS, Preset
from store import trajectories
from store.db import open_store

NAME = "demo"
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
        name = _free_name(context)
        context.remember(name=name)
    simulate.run(
        context.part("simulate", 0.0, 0.3),
        name=name,
        cells=[list(cell) for cell in DEMO_CELLS[:cells]],
        realisations=2,
        frames=frames,
        last_step=last_step,
        seed=seed,
    )
    trained = train.run(
        context.part("train", 0.3, 0.97),
        dataset=name,
        preset=preset,
        epochs=100_000,  # the minutes end it
        minutes=minutes,
        seed=seed,
        run=run,
    )
    context.progress(0.97, "measure: same parameters, another realisation")
    measured = measure.same_params(context.store, trained["run"])
    return {
        "dataset": name,
        "run": trained["run"],
        "seconds": round(time.monotonic() - begun, 1),
        "neg_elbo_nats_start": trained["neg_elbo_nats_start"],
        "neg_elbo_nats": trained["neg_elbo_nats"],
        "split": trained["split"],
        **measured,
    }


def _free_name(context: Context) -> str:
    """ "demo", or "demo 2" and so on where data sets of these names exist."""
    with open_store(context.store) as db:
        taken = {each.name for each in trajectories.datasets(db)}
    candidates = (NAME if n == 1 else f"{NAME} {n}" for n in range(1, len(taken) + 2))
    return next(name for name in candidates if name not in taken)
