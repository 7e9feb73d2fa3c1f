"""Commands on training runs and their models: train, list, index, map, evaluate."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from analysis import attached
from analysis.frame_pixels import held_out_pixels
from jobs import history
from jobs.cli import coin_flip
from jobs.cli.command import absolute, cluster, command, given, run_job
from jobs.specs import EvaluateJob, IndexJob, MapJob, ReconstructionErrorJob, TrainJob
from morphcore.config import PRESETS
from morphcore.embedding.rescaling import parse_choice
from store import attached as attached_table
from store import current_run, jobs
from store import datasets as dataset_table
from store import runs as run_table
from store.db import open_store

_run = click.option("--run", type=int, required=True)


@command("train", "train a model, index and map")
@click.option("--dataset", help="its name (not needed with --resume)")
@click.option("--preset", type=click.Choice(PRESETS))
@click.option("--epochs", type=int)
@click.option(
    "--minutes",
    type=float,
    help="turned into a number of steps by the speed of the first ones, once; said and stored",
)
@click.option(
    "--steps", type=int, help="batches: the same model anywhere, with as many workers and one seed"
)
@click.option("--split", type=click.Choice(("frame", "trajectory")))
@click.option("--seed", type=int)
@click.option("--lr", type=float, help="Adam's learning rate")
@click.option("--batch", type=int)
@click.option("--latent", type=int, help="dimensions")
@click.option("--channels", type=float, help="of the convolutions, in times of the preset's")
@click.option("--resume", "run", type=int, metavar="RUN", help="go on with a run")
def train(store: Path, **options: Any) -> Mapping[str, Any]:
    if options["minutes"] is not None and options["steps"] is not None:
        raise click.UsageError("Give either --minutes or --steps: minutes become steps.")
    return run_job(store, TrainJob(**given(options)))


@command("runs", "list the training runs")
def runs(store: Path) -> Mapping[str, Any]:
    with open_store(store) as db:
        states = {
            history.run_of(job): job.state
            for job in reversed(jobs.all_jobs(db))
            if job.kind in history.TRAINING
        }
        current_id = current_run.of(db)
        rows = [
            {
                "run": run.id,
                "name": run.name,
                "dataset": run.dataset,
                "preset": run.preset,
                "state": states.get(run.id),
                "split": run.config.split,
                "epochs": run.epochs,
                "minutes": run.config.minutes,
                "steps": run.config.steps,
                "neg_elbo_nats": run.neg_elbo_nats,
                "neg_elbo_nats_per_pixel": None
                if run.neg_elbo_nats is None
                else round(run.neg_elbo_nats / held_out_pixels(db, run), 5),
                "indexed_frames": run.indexed_frames,
                "device": run.device,
                "weights_sha256": run.weights_sha256,
                "current": run.id == current_id,
            }
            for run in run_table.all_runs(db)
        ]
    return {"runs": rows}


@command("current", "make a run the model with which all pages start")
@click.argument("run", type=int)
def current(store: Path, run: int) -> Mapping[str, Any]:
    with open_store(store) as db:
        chosen = run_table.indexed(db, run)
        current_run.choose(db, chosen.id)
    return {"current": chosen.id, "name": chosen.name}


@command("index", "latents and descriptors of every frame, or of another data set's")
@_run
@click.option("--dataset", help="another one, whose frames the model is to see as well")
@click.option(
    "--scale",
    metavar="thickness|one|FACTOR",
    help="how its frames become as large as the model's, where a pixel size is not known:"
    " their height is the film's thickness; one pixel is one pixel; or by a factor",
)
@cluster
def index(
    store: Path, run: int, dataset: str | None, scale: str | None, cluster: str | None
) -> Mapping[str, Any]:
    if cluster is not None and dataset is not None:
        raise click.UsageError("--cluster is for a run's own frames; leave out --dataset.")
    if scale is not None and dataset is None:
        raise click.UsageError("--scale is of another data set; give it with --dataset.")
    if dataset is None:
        return run_job(store, IndexJob(**given({"run": run, "cluster": cluster})))
    choice = None if scale is None else parse_choice(scale)
    with open_store(store) as db:  # what cannot be done is not queued
        known = run_table.indexed(db, run)
        other = dataset_table.dataset(db, dataset)
        if other.id != known.dataset_id:
            attached.plan(db, known, other, choice)
    return run_job(store, IndexJob(**given({"run": run, "dataset": dataset, "scale": scale})))


@command("detach", "let a model forget another data set")
@_run
@click.option("--dataset", required=True)
def detach(store: Path, run: int, dataset: str) -> Mapping[str, Any]:
    with open_store(store) as db:
        known = run_table.indexed(db, run)
        attachment = attached.attachment_named(db, known, dataset)
        attached_table.detach(db, known.id, attachment.dataset_id)
    return {"run": known.id, "detached": dataset, "frames": attachment.frames}


@command("nats", "what the reconstruction of every frame costs, in nats")
@_run
def nats(store: Path, run: int) -> Mapping[str, Any]:
    return _run_on_index(store, ReconstructionErrorJob(run=run))


@command("map", "draw a map")
@_run
@click.option("--method", type=click.Choice(("tsne", "pca")))
@click.option("--every", type=int, help="take every n-th frame of each trajectory")
@click.option("--perplexity", type=float)
@click.option("--seed", type=int)
def map_(store: Path, **options: Any) -> Mapping[str, Any]:
    return _run_on_index(store, MapJob(**given(options)))


@command("evaluate", "judge a run by retrieval, beside baselines on the same frames")
@_run
@click.option("--frames", type=absolute, metavar="DIR", help="real frames to find the nearest of")
@click.option(
    "--pixel-size",
    type=(float, float),
    metavar="X Y",
    help="sides of the real frames' pixels; unequal ones are made square",
)
@click.option(
    "--scale",
    metavar="thickness|one|FACTOR",
    help="how real frames become as large as the model's (default: one pixel is one pixel)",
)
@click.option(
    "--group",
    metavar="cell|trajectory|PROPERTY",
    help="properties are predicted from frames of other groups (default: cell)",
)
@click.option("--seed", type=int)
@click.option(
    "--separated",
    type=click.Choice(("contrast", "colour")),
    help="frames that are judged: of enough contrast (default), or of two colours, as once",
)
@cluster
def evaluate(store: Path, **options: Any) -> Mapping[str, Any]:
    coin_flip.warn(store, options["run"])
    return _run_on_index(store, EvaluateJob(**given(options)))


@command("predict", "how well a frame's neighbours of other groups predict a property")
@_run
@click.option("--dataset", required=True, help="of which the run has latents")
@click.option("--property", "name", required=True, help="of numbers")
@click.option(
    "--group",
    default="cell",
    show_default=True,
    metavar="cell|trajectory|PROPERTY",
    help="left out",
)
@click.option("--seed", type=int, default=0)
def predict(
    store: Path, run: int, dataset: str, name: str, group: str, seed: int
) -> Mapping[str, Any]:
    from jobs.evaluate import property_figures  # with torch, for a baseline

    return property_figures.predict(store, run, dataset, name, group, seed=seed)


def _run_on_index(
    store: Path, spec: MapJob | ReconstructionErrorJob | EvaluateJob
) -> Mapping[str, Any]:
    """Do a job that needs a run's latents; without them none is queued.

    Raises:
        NotIndexed, Ended: if the run has none yet, or the job ended without a result.
    """
    with open_store(store) as db:
        run_table.indexed(db, spec.run)
    return run_job(store, spec)
