"""The demo: simulate, train, index, map and evaluate, small; `make demo` and the button run it."""

import time
from typing import Any

from jobs import usual
from jobs.context import Context
from jobs.evaluate import job as evaluate
from jobs.evaluate import same_parameters
from jobs.evaluate.setup import TooFewSeparated
from jobs.simulate import job as simulate
from jobs.specs import DemoJob, EvaluateJob, SimulateJob, TrainJob
from jobs.train import job as train
from morphcore.simulation.cells import DEMO_CELLS
from store import datasets
from store.db import open_store
from wording.numbers import free_name

NAME = "demo"


def run(context: Context, spec: DemoJob) -> dict[str, Any]:
    """Simulate two realisations of each of the first demo cells and replicates, train, evaluate.

    `same_params@1` is measured among the two; replicates are further ones. The training has all its
    steps, however busy the machine is. A demo that was stopped goes on where it was.
    """
    begun = time.monotonic()
    name = spec.name
    if name is None:
        with open_store(context.store) as db:
            taken = {dataset.name for dataset in datasets.all_datasets(db)}
        name = free_name(NAME, taken.__contains__)
        context.remember(name=name)
    context.plan(usual.demo(spec))
    cells = SimulateJob(
        name=name,
        cells=DEMO_CELLS[: spec.cells],
        realisations=2,
        frames=spec.frames,
        last_step=spec.last_step,
        seed=spec.seed,
    )
    simulate.run(context.stage("simulate"), cells)
    replicates = SimulateJob(replicates=name, frames=min(spec.frames, usual.DEMO_FEWER))
    simulate.run(context.stage("replicates"), replicates)
    training = TrainJob(
        dataset=name,
        preset=spec.preset,
        steps=spec.steps,  # all of them, however slow the machine is
        seed=spec.seed,
        run=spec.run,
    )
    trained = train.train(context, training)
    twins = SimulateJob(twins=name, frames=min(spec.frames, usual.DEMO_FEWER))
    simulate.run(context.stage("twins"), twins)
    notes = {}
    try:
        evaluate.run(context, EvaluateJob(run=trained.run))
    except TooFewSeparated as err:  # a demo of a handful of frames; all the rest of it is there
        notes["note"] = str(err)
    measured = same_parameters.same_params(context.store, trained.run)
    return {
        "dataset": name,
        "run": trained.run,
        "epochs": trained.epochs,
        "steps": trained.steps,
        "seconds": round(time.monotonic() - begun, 1),
        "neg_elbo_nats_start": trained.neg_elbo_nats_start,
        "neg_elbo_nats": trained.neg_elbo_nats,
        "split": trained.split,
        **measured,
        **notes,
    }
