"""The commands of `python -m jobs` and their options."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from exports import export, table_files
from jobs import doctor, foreground, history, queue, specs, worker
from jobs.cli import ask
from jobs.cli.output import end_progress, show_progress
from morphcore.config import PRESETS
from morphcore.errors import MorphError
from store import current_run, datasets, jobs, runs
from store.db import default_path, open_store

_OF_INDEXED_RUNS = ("map", "nats", "evaluate")
_Command = Callable[[argparse.Namespace], Mapping[str, Any]]


class Ended(MorphError):
    """A job ended without a result; the message says how."""


def _job(kind: str, *names: str) -> _Command:
    """A command that does a job in the foreground, with the options of these names as arguments."""

    def command(options: argparse.Namespace) -> Mapping[str, Any]:
        given = vars(options)
        args = {name: given[name] for name in names if given[name] is not None}
        spec = specs.KINDS[kind].spec(**args)
        if kind in _OF_INDEXED_RUNS:
            with open_store(options.store) as db:
                runs.indexed(db, options.run)
        return _ended(foreground.run_here(options.store, spec, show_progress), options.store)

    return command


def _ended(job: jobs.Job, store: Path) -> Mapping[str, Any]:
    end_progress()
    if job.state == "done":
        return job.result or {}
    if job.error:
        raise Ended(job.error)
    again = f"go on with: python -m jobs resume {job.id} --store {store}"
    raise Ended(f"Job {job.id} was {job.state}; what it had done is kept; {again}")


def _work(options: argparse.Namespace) -> Mapping[str, Any]:
    """What `runner` spawns: do one claimed job, then set the next in the queue to work."""
    worker.work(options.store, options.job)
    queue.tend(options.store)
    with open_store(options.store) as db:
        return {"job": options.job, "state": jobs.job(db, options.job).state}


def _datasets(options: argparse.Namespace) -> Mapping[str, Any]:
    with open_store(options.store) as db:
        return {"datasets": [asdict(each) for each in datasets.all_datasets(db)]}


def _runs(options: argparse.Namespace) -> Mapping[str, Any]:
    with open_store(options.store) as db:
        states = {
            history.run_of(job): job.state
            for job in reversed(jobs.all_jobs(db))
            if job.kind in ("train", "demo")
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
                "neg_elbo_nats": run.neg_elbo_nats,
                "indexed_frames": run.indexed_frames,
                "device": run.device,
                "current": run.id == current_id,
            }
            for run in runs.all_runs(db)
        ]
    return {"runs": rows}


def _make_current(options: argparse.Namespace) -> Mapping[str, Any]:
    with open_store(options.store) as db:
        run = runs.indexed(db, options.run)
        current_run.choose(db, run.id)
    return {"current": run.id, "name": run.name}


def _status(options: argparse.Namespace) -> Mapping[str, Any]:
    queue.tend(options.store)
    with open_store(options.store) as db:
        found = jobs.all_jobs(db)
    names = ("id", "kind", "state", "stage", "progress", "seconds_left", "error")
    return {"jobs": [{name: getattr(job, name) for name in names} for job in found]}


def _request(what: jobs.Request) -> _Command:
    def command(options: argparse.Namespace) -> Mapping[str, Any]:
        with open_store(options.store) as db:
            job = jobs.request(db, options.job, what)
        return {"job": job.id, "state": job.state, "request": job.request}

    return command


def _resume(options: argparse.Namespace) -> Mapping[str, Any]:
    with open_store(options.store) as db:
        job = jobs.requeue(db, options.job)
    return _ended(foreground.follow(options.store, job.id, show_progress), options.store)


def _query(options: argparse.Namespace) -> Mapping[str, Any]:
    found = ask.query(
        options.store,
        options.run,
        options.target,
        options.k,
        same_trajectory=options.same_trajectory,
        one_per_trajectory=options.one_per_trajectory,
    )
    return {"neighbours": found}


def _compare(options: argparse.Namespace) -> Mapping[str, Any]:
    return ask.compare(options.store, options.run, options.a, options.b)


def _export(options: argparse.Namespace) -> Mapping[str, Any]:
    return export.export(
        options.store,
        options.what,
        options.out,
        run_id=options.run,
        dataset=options.dataset,
        trajectory=options.trajectory,
        rate=options.rate,
        frames=options.frames,
    )


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m jobs", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: _Command, help: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help)
        sub.set_defaults(command=command)
        sub.add_argument("--json", action="store_true", help="print one JSON object")
        sub.add_argument(
            "--store",
            type=Path,
            default=default_path(),
            metavar="PATH",
            help="the store's file (default: MORPH_STORE, or data/morph.sqlite)",
        )
        return sub

    demo = add(
        "demo",
        _job("demo", "preset", "minutes", "frames", "cells", "seed"),
        "the whole walk, small: simulate, train, index, map, measure",
    )
    demo.add_argument("--preset", choices=PRESETS)
    demo.add_argument("--minutes", type=float, help="of training")
    demo.add_argument("--frames", type=int, help="a trajectory")
    demo.add_argument("--cells", type=int, help="pairs of phi and chi, 2 trajectories each")
    demo.add_argument("--seed", type=int)

    sizes = ("trajectories", "frames", "schedule", "last_step", "seed")
    simulate = add(
        "simulate",
        _job("simulate", "name", "world", "twins", *sizes),
        "simulate trajectories of the thin film, of the zoo, or the twins of a data set",
    )
    simulate.add_argument("--name", help='of the data set (of twins by default: "DATASET twins")')
    simulate.add_argument("--world", choices=("thin-film", "zoo"))
    simulate.add_argument(
        "--twins",
        metavar="DATASET",
        help="one more trajectory of each of its cells, with other noise: to judge, not to train",
    )
    simulate.add_argument("--trajectories", type=int)
    simulate.add_argument("--frames", type=int, help="a trajectory")
    simulate.add_argument("--schedule", choices=("geometric", "linear"))
    simulate.add_argument("--last-step", type=int)
    simulate.add_argument("--seed", type=int)

    import_ = add("import", _job("import", "path", "name"), "import trajectories from files")
    import_.add_argument("path", type=_absolute, help="a folder, zip, npy, npz, h5, txt, tiff, ...")
    import_.add_argument("--name", help="of the data set (default: the file's or folder's)")

    add("datasets", _datasets, "list the data sets")
    add("runs", _runs, "list the training runs")
    make = add("current", _make_current, "make a run the model with which all pages start")
    make.add_argument("run", type=int)
    add("status", _status, "list the jobs")

    training = ("preset", "epochs", "minutes", "split", "seed", "lr", "batch", "latent", "run")
    train = add("train", _job("train", "dataset", *training), "train a model, index and map")
    train.add_argument("--dataset", help="its name (not needed with --resume)")
    train.add_argument("--preset", choices=PRESETS)
    train.add_argument("--epochs", type=int)
    train.add_argument("--minutes", type=float)
    train.add_argument("--split", choices=("frame", "trajectory"))
    train.add_argument("--seed", type=int)
    train.add_argument("--lr", type=float, help="Adam's learning rate")
    train.add_argument("--batch", type=int)
    train.add_argument("--latent", type=int, help="dimensions")
    train.add_argument("--resume", type=int, dest="run", metavar="RUN", help="go on with a run")

    asks: tuple[tuple[jobs.Request, str], ...] = (
        ("stop", "ask a job to stop; what it has is kept"),
        ("pause", "ask a training to save itself and end, to be resumed"),
    )
    for what, help in asks:
        add(what, _request(what), help).add_argument("job", type=int)
    add("resume", _resume, "go on with a job that ended early").add_argument("job", type=int)
    add("work", _work, "do one claimed job (started by Morph itself)").add_argument("job", type=int)

    index = add("index", _job("index", "run"), "latents and descriptors of every frame")
    index.add_argument("--run", type=int, required=True)

    nats = add("nats", _job("nats", "run"), "what the reconstruction of every frame costs, in nats")
    nats.add_argument("--run", type=int, required=True)

    mapping = add("map", _job("map", "run", "method", "every", "perplexity", "seed"), "draw a map")
    mapping.add_argument("--run", type=int, required=True)
    mapping.add_argument("--method", choices=("tsne", "pca"))
    mapping.add_argument("--every", type=int, help="take every n-th frame of each trajectory")
    mapping.add_argument("--perplexity", type=float)
    mapping.add_argument("--seed", type=int)

    judge = add(
        "evaluate",
        _job("evaluate", "run", "frames", "seed"),
        "judge a run by retrieval, beside baselines on the same frames",
    )
    judge.add_argument("--run", type=int, required=True)
    judge.add_argument(
        "--frames", type=_absolute, metavar="DIR", help="real frames to find the nearest of"
    )
    judge.add_argument("--seed", type=int)

    find = add("query", _query, "the stored frames nearest to a frame")
    find.add_argument("target", metavar="FILE|frame:ID")
    find.add_argument("--run", type=int, required=True)
    find.add_argument("-k", type=int, default=5)
    find.add_argument(
        "--same-trajectory", action="store_true", help="do not leave out the query's own"
    )
    find.add_argument("--one-per-trajectory", action="store_true")

    compare = add("compare", _compare, "how near two frames are, and why")
    compare.add_argument("a", metavar="A", help="a file or frame:ID")
    compare.add_argument("b", metavar="B", help="a file or frame:ID")
    compare.add_argument("--run", type=int, required=True)

    report = add(
        "graspi", _job("graspi", "frames"), "GraSPI's report of stored frames (needs py-graspi)"
    )
    report.add_argument("frames", type=int, nargs="+", metavar="ID", help="of a stored frame")

    out = add("export", _export, "write stored data to a file")
    endings = ", ".join(table_files.ENDINGS)
    out.add_argument("out", type=Path, metavar="OUT", help=f"a table's form by its end: {endings}")
    out.add_argument("--what", required=True, choices=export.WHAT)
    out.add_argument("--trajectory", metavar="NAME", help="of a movie or a filmstrip (strip)")
    out.add_argument("--rate", type=int, default=20, help="of a movie, frames a second")
    out.add_argument("--frames", metavar="I,J,...", help="of a filmstrip, indices from 0")
    whose = out.add_mutually_exclusive_group(required=True)
    whose.add_argument("--run", type=int)
    whose.add_argument("--dataset")

    add("doctor", lambda options: doctor.examine(options.store), "check the store and the device")
    return parser


def _absolute(path: str) -> str:
    """A job may run in a process that stands in another folder."""
    return str(Path(path).resolve())
