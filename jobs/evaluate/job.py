"""Judge a run's latent space by the protocol, beside baselines on the same frames, and keep it.

What is judged is the checkpoint that is indexed, by its stored latents. Twins, rolled,
mirrored and real frames are not in the index: the model encodes them here.
"""

import time
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jobs.context import Context
from jobs.evaluate import calibration, results
from jobs.evaluate.setup import EvaluationTask, build_task, twin_sets
from jobs.index import job as index
from jobs.index import split_half
from morphcore.embedding import encoding, latent_usage
from morphcore.errors import JobError
from morphcore.evaluation import baselines, protocol
from morphcore.evaluation.protocol import Embedding, FrameSet, Protocol, evenly
from morphcore.models.base import Model
from morphcore.statistics import bootstrap
from morphcore.training import devices
from morphcore.training.checkpoint import CheckpointError, load_model
from store import descriptors, evaluations, projections, runs, trajectories
from store.db import checkpoints_folder, open_store
from store.runs import IndexedRun

MOST_NATS = 1500  # held-out frames: a model of several levels takes some 20 ms for each
LENGTHS = (0.0, 8.0, 12.0, 20.0, 30.0, 45.0, float("inf"))  # px, the bins of L
MOST_OF_Z = 256  # frames that the latent dimensions are judged on
MAP_EVERY = 25
MOST_ON_MAP = 3000  # an exact trustworthiness holds n x n distances


class _Nats(NamedTuple):
    """-ELBO and its parts on held-out frames."""

    means: dict[str, float]
    intervals: dict[str, list[float]]
    by_length: list[dict[str, float | int | None]]
    note: str


def run(context: Context, *, run: int, frames: str | None = None, seed: int = 0) -> dict[str, Any]:
    """All metrics of a run and of the baselines; `frames` is a folder or file of real frames.

    Raises:
        NotIndexed: if the run has no latents yet.
        JobError: if its model is missing, or too few frames have separated.
        UnknownRun: if there is no such run.
        Stopped, Paused: if asked for; nothing is kept.
    """
    begun = time.monotonic()
    devices.leave_room_for_the_page()
    with open_store(context.store) as db:
        of = runs.indexed(db, run)
    _measure_missing(context.part(context.prefix, 0.0, 0.1), of)

    def reading() -> None:
        context.progress(0.1, "reading frames and latents")

    reading()
    asked = build_task(context.store, of, Path(frames) if frames else None, seed, reading)
    model = _model(context, of)
    embedding = _embedding(context.part(context.prefix, 0.1, 0.2), asked, model)
    split_half.ensure(context.part(context.prefix, 0.2, 0.22), of, of.index.checkpoint_id, model)
    nats = _nats(context.part(context.prefix, 0.22, 0.35), asked, model, seed)

    def searching() -> None:
        context.progress(0.35, "finding neighbours in the latent space")

    searching()
    verdict = protocol.evaluate(embedding, asked.protocol, tick=searching)
    beside = _baselines(context.part(context.prefix, 0.4, 0.95), asked.protocol)
    context.progress(0.95, "judging the map")
    result: dict[str, Any] = {
        "metrics": results.metrics(verdict) | nats.means,
        "intervals": results.intervals(verdict) | nats.intervals,
        "baselines": {
            name: results.metrics(each.result) | {"axes": each.axes}
            for name, each in beside.items()
        },
        "baseline_intervals": {
            name: results.intervals(each.result) for name, each in beside.items()
        },
        "chance": results.twin_chance(asked.protocol),
        "split": results.split(of.config.split, asked.protocol),
        "nats_by_length": nats.by_length,
        "latent": _latent(context, asked, model),
        "scatter": calibration.calibration(context.store, asked, embedding),
        "map": _map(context, asked),
        "hubs": results.hubs(verdict),
        "notes": [*asked.notes, nats.note],
        "seed": seed,
        "seconds": round(time.monotonic() - begun, 1),
    }
    with open_store(context.store) as db:
        evaluations.add(db, of.index.checkpoint_id, result)
    told = ("metrics", "baselines", "intervals", "split", "notes", "seconds")
    return {"run": run, **{name: result[name] for name in told}}


def _measure_missing(context: Context, of: IndexedRun) -> None:
    """Descriptors of the data set and its twins, where an older store lacks them."""
    with open_store(context.store) as db:
        ids = [of.dataset_id, *(each.id for each in twin_sets(db, of))]
        missing = {each: descriptors.missing(db, each) for each in ids}
    for place, (dataset_id, todo) in enumerate(missing.items()):
        if len(todo):
            begin, end = place / len(missing), (place + 1) / len(missing)
            index.measure(context.part(context.prefix, begin, end), dataset_id, todo)


def _model(context: Context, of: IndexedRun) -> Model:
    """The model that the latents are of, which need not be the run's newest."""
    with open_store(context.store) as db:
        row = runs.checkpoint(db, of.index.checkpoint_id)
    try:
        file = checkpoints_folder(context.store) / row.file
        return load_model(file, row.sha256, devices.best_device())
    except CheckpointError as err:
        raise JobError(str(err)) from err


def _embedding(context: Context, asked: EvaluationTask, model: Model) -> Embedding:
    """Latents: of the data set as they are stored, of the rest from the model."""
    of = asked.protocol
    others = {"twins": of.twins, "rolled": of.rolled, "mirrored": of.mirrored, "real": of.real}
    total = sum(len(sample) for sample in others.values() if sample is not None)
    done = 0

    def encoded(sample: FrameSet) -> np.ndarray:
        nonlocal done
        before, stage = done, f"encoding twins, moved and real frames, {total:,} in all"
        made = encoding.encode_frames(
            model,
            sample.frame_ids,
            sample.packed,
            progress=lambda count: context.progress((before + count) / total, stage),
        )
        done += len(sample)
        return made.mean.astype(np.float64)

    return Embedding(
        frames=asked.stored.mean.astype(np.float64),
        twins=encoded(of.twins) if of.twins is not None else None,
        rolled=encoded(of.rolled) if of.rolled is not None else None,
        mirrored=encoded(of.mirrored),
        real=encoded(of.real) if of.real is not None else None,
    )


def _nats(context: Context, asked: EvaluationTask, model: Model, seed: int) -> _Nats:
    """-ELBO of the held-out frames: of those that are separated, and of all."""
    ids = asked.held_out[evenly(len(asked.held_out), MOST_NATS)]
    with open_store(context.store) as db:
        packed = trajectories.packed_bits(db, ids)
    each = encoding.frame_elbo(
        model,
        packed,
        seed=seed,
        progress=lambda done: context.progress(
            done / len(ids), f"-ELBO of held-out frame {done:,} of {len(ids):,}"
        ),
    )
    frames = asked.protocol.frames
    row_of = {frame_id: row for row, frame_id in enumerate(frames.frame_ids.tolist())}
    separated = np.array([frame_id in row_of for frame_id in ids.tolist()], dtype=np.bool_)
    rows = np.array([row_of[id] for id in ids[separated].tolist()], dtype=np.int64)
    parts = {
        "neg_elbo_nats": each.recon + each.kl,
        "recon_nats": each.recon,
        "kl_nats": each.kl,
    }
    judged = {name: nats[separated] for name, nats in parts.items()}
    groups, ones = frames.trajectory_ids[rows], np.ones(len(rows))
    figures = {
        name: bootstrap.ratio(nats, ones, groups, seed=seed) for name, nats in judged.items()
    }
    means = {name: figure.value for name, figure in figures.items() if len(rows)}
    means["neg_elbo_nats_unseparated_too"] = float(parts["neg_elbo_nats"].mean())
    note = f"-ELBO is of {len(rows):,} separated held-out frames of {len(asked.held_out):,} in all."
    return _Nats(means, results.finite(figures), _by_length(judged, frames.log_length[rows]), note)


def _by_length(
    nats: dict[str, np.ndarray], log_length: np.ndarray
) -> list[dict[str, float | int | None]]:
    """Means over the frames of every bin of L; an end that is open is None."""
    out: list[dict[str, float | int | None]] = []
    for low, high in pairwise(LENGTHS):
        length = np.exp(log_length)
        here = (length >= low) & (length < high)
        if here.any():
            bin_: dict[str, float | int | None] = {
                "from": low,
                "to": high if np.isfinite(high) else None,
                "frames": int(here.sum()),
            }
            out.append(bin_ | {name: float(values[here].mean()) for name, values in nats.items()})
    return out


def _baselines(context: Context, asked: Protocol) -> dict[str, baselines.BaselineResult]:
    out = {}
    for place, name in enumerate(baselines.NAMES):
        share, stage = place / len(baselines.NAMES), f"judging the baseline {name}"

        def tick(share: float = share, stage: str = stage) -> None:
            context.progress(share, stage)

        tick()
        out[name] = baselines.evaluate_baseline(name, asked, tick=tick)
    return out


def _latent(context: Context, asked: EvaluationTask, model: Model) -> dict[str, Any]:
    """How much of z is used, over separated frames: of z itself, not of places."""
    context.progress(0.95, "judging the latent dimensions")
    of = asked.protocol.frames
    some = evenly(len(of), MOST_OF_Z)
    known = latent_usage.dimensions(encoding.posteriors(model, of.frame_ids[some], of.packed[some]))
    return {
        "dimensions": len(known.kl_nats),
        "active": known.active,
        "kl_nats": known.kl_nats.tolist(),
        "variance": known.variance.tolist(),
    }


def _map(context: Context, asked: EvaluationTask) -> dict[str, Any]:
    """The trustworthiness of the run's map, of every 25th frame where there is one."""
    with open_store(context.store) as db:
        maps = projections.of_checkpoint(db, asked.run.index.checkpoint_id)
        maps = [each for each in maps if each.points <= MOST_ON_MAP]
        if not maps:
            return {}
        best = max(
            maps,
            key=lambda each: (
                each.config.every == MAP_EVERY,
                each.config.method == "tsne",
                each.id,
            ),
        )
        places = projections.points(db, best.id)
    row_of = {id: row for row, id in enumerate(asked.protocol.frames.frame_ids.tolist())}
    here = np.array([id in row_of for id in places.frame_ids.tolist()], dtype=np.bool_)
    rows = np.array([row_of[id] for id in places.frame_ids[here].tolist()], dtype=np.int64)
    if not len(rows):
        return {}
    points, coords = asked.stored.mean[rows], places.coords[here]
    owners = asked.protocol.frames.trajectory_ids[rows]
    known = {
        "trustworthiness": latent_usage.trustworthiness(points, coords),
        "trustworthiness_apart": latent_usage.trustworthiness(points, coords, apart=owners),
    }
    facts = {"map": best.id, "method": best.config.method, "every": best.config.every}
    kept = {name: value for name, value in known.items() if np.isfinite(value)}
    return {**facts, "frames": len(rows), "neighbours": latent_usage.NEIGHBOURS, **kept}
