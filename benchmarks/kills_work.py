"""The jobs that `benchmarks.kills` kills: every kind, with arguments that make it take seconds."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from jobs.specs import (
    DemoJob,
    EvaluateJob,
    ImportJob,
    IndexJob,
    JobSpec,
    MapJob,
    ReconstructionErrorJob,
    SimulateJob,
    TrainJob,
)
from store.db import open_store
from tests import factory

# GraSPI is left out: Morph does not require it. The demo, which is all of them, comes once.
KINDS = ("train", "import", "simulate", "index", "train", "map", "nats", "evaluate", "demo")
RUN = 1  # of the store, with latents
STEPS = 60


@dataclass(frozen=True)
class Work:
    """A job by its arguments, and as a command line where it has one that is as small."""

    spec: JobSpec
    line: tuple[str, ...] = ()


def prepare(store: Path, kind: str, number: int) -> Work:
    """A job of that kind that has something to do; `number` tells it from others of the kind."""
    run = ("--run", str(RUN))
    match kind:
        case "train":
            # A seed for all: resumed or not, each ends with the same weights.
            spec = TrainJob(
                dataset="blobs", preset="seed", batch=8, latent=2, steps=STEPS, seed=0, index=True
            )
            small = f"--preset seed --batch 8 --latent 2 --steps {STEPS} --seed 0"
            return Work(spec, ("train", "--dataset", "blobs", *small.split()))
        case "import":
            name = f"films {number}"
            folder = _pictures(store.parent / "files" / name, number)
            return Work(
                ImportJob(path=str(folder), name=name, frames=20),
                ("import", str(folder), "--name", name),
            )
        case "simulate":
            name = f"made {number}"
            return Work(
                SimulateJob(name=name, trajectories=3, frames=4, last_step=300),
                (
                    "simulate",
                    "--name",
                    name,
                    *["--trajectories", "3", "--frames", "4", "--last-step", "300"],
                ),
            )
        case "index":
            with open_store(store) as db:  # as though it had never been done
                db.execute("DELETE FROM latents WHERE checkpoint_id = 1 AND frame_id % 2 = 0")
            return Work(IndexJob(run=RUN), ("index", *run))
        case "map":
            perplexity = 5.0 + 0.01 * (number + 1)
            return Work(
                MapJob(run=RUN, every=2, perplexity=perplexity),
                ("map", *run, "--every", "2", "--perplexity", str(perplexity)),
            )
        case "nats":
            with open_store(store) as db:
                db.execute("DELETE FROM recon_nats")
            return Work(ReconstructionErrorJob(run=RUN), ("nats", *run))
        case "evaluate":
            return Work(EvaluateJob(run=RUN), ("evaluate", *run))
        case _:
            return Work(DemoJob(preset="seed", steps=20, frames=12, cells=3, last_step=600))


def _pictures(folder: Path, seed: int) -> Path:
    """A folder of 20 pictures of one trajectory."""
    folder.mkdir(parents=True, exist_ok=True)
    frames = factory.trajectory("film", frames=20, seed=seed + 1).array
    for step, frame in enumerate(frames):
        Image.fromarray(frame).save(folder / f"frame_{step}.png")
    return folder
