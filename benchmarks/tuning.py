"""What a tuning gains over the usual settings, on a small set, judged by films that it never saw.

Films are simulated and windows cut out of them; a tuning chooses settings by validation frames.
Then the usual settings and the best ones are trained anew by several seeds, on training and
validation frames together, and −ELBO is measured on windows of twins: the same cells, other noise,
in a data set that no training has. Both have as many frames to see, and equal seeds: what is
reported is the mean of the differences seed by seed, with Student's interval. What a run that was
ended has left in the folder is gone on with.

    python -m benchmarks.tuning FOLDER [--trials 20] [--steps 120] [--seeds 4]
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sqlite_utils import Database

from jobs import foreground
from jobs.index import discriminants
from jobs.specs import JobSpec, SimulateJob, TrainJob, TuneJob
from morphcore.config import train_config
from morphcore.training import dataset, devices
from morphcore.training import loop as training
from morphcore.types import Trajectory
from store import datasets, runs, trajectories, tunings
from store.db import open_store

CELLS = tuple((phi, chi) for phi in (0.42, 0.5, 0.58) for chi in (2.4, 2.8, 3.2, 3.6))
SIDE = 64  # px, of a window: the smallest that two-level takes
FRAMES = 24
FILMS, WINDOWS, TWINS = "films", "windows", "windows of twins"


def main() -> None:
    """Print what was found, as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--seeds", type=int, default=4)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    store = options.folder / "tuning.sqlite"
    with open_store(store) as db:
        there = {each.name for each in datasets.all_datasets(db)}
        begun = tunings.all_tunings(db)
    if TWINS not in there:
        _make_windows(store)
    job = TuneJob(dataset=WINDOWS, trials=options.trials)
    how = {"tuning": begun[0].id} if begun else {"steps": options.steps}
    found = _done(store, job.changed(**how))
    with open_store(store) as db:
        usual, best = (
            _settings(db, found["tuning"], number) for number in (1, found["best_trial"])
        )
    seeds = range(1, options.seeds + 1)  # none of them the tuning's
    judged = {
        name: [
            _judged(store, f"{name}, seed {seed}", settings, options.steps, seed) for seed in seeds
        ]
        for name, settings in (("usual", usual), ("best", best))
    }
    nats = {name: [each[0] for each in pairs] for name, pairs in judged.items()}
    gain = np.array(nats["usual"]) - np.array(nats["best"])
    print(
        json.dumps(
            {
                **{key: found[key] for key in ("trials", "complete", "pruned", "failed")},
                "validation_nats": {"usual": found["usual"], "best": found["best"]},
                "settings": {"usual": usual, "best": best},
                "twins_nats": nats,
                "gain_nats": _interval(gain),
                "gain_share": round(float(gain.mean() / np.mean(nats["usual"])), 4),
                "training_seconds": {
                    name: round(float(np.mean([each[1] for each in pairs])), 1)
                    for name, pairs in judged.items()
                },
            },
            indent=1,
        )
    )


def _make_windows(store: Path) -> None:
    """Simulate films and twins of them, and cut a window out of each."""
    cells = SimulateJob(name=FILMS, cells=CELLS, realisations=2, frames=FRAMES, last_step=2000)
    for spec in (cells, SimulateJob(twins=FILMS, name="twins", frames=FRAMES)):
        _done(store, spec)
    with open_store(store) as db:
        for source, name in ((FILMS, WINDOWS), ("twins", TWINS)):
            made = datasets.create(db, name, "imported", {})
            for info in trajectories.trajectories(db, datasets.dataset(db, source).id):
                trajectories.add(db, made, _window(db, info.id, info.name))


def _window(db: Database, trajectory_id: int, name: str) -> Trajectory:
    info = trajectories.by_id(db, trajectory_id)
    table = trajectories.frame_table(db, info.dataset_id)
    ids = table.frame_ids[table.trajectory_ids == trajectory_id]
    return Trajectory(
        name=name,
        frames=np.stack([trajectories.frame(db, int(id_))[:, :SIDE] for id_ in ids]),
        times=table.time[table.trajectory_ids == trajectory_id].astype(np.float64),
        periodic=False,
    )


def _settings(db: Database, tuning_id: int, number: int) -> dict[str, Any]:
    stored = tunings.trials(db, tuning_id)
    return dict(next(trial.settings for trial in stored if trial.number == number))


def _judged(
    store: Path, name: str, settings: Mapping[str, Any], steps: int, seed: int
) -> tuple[float, float]:
    """Train with these settings on as many frames as a trial; −ELBO of twins' windows, seconds."""
    steps = round(steps * train_config().batch / settings["batch"])
    spec = TrainJob(dataset=WINDOWS, steps=steps, seed=seed, index=False).changed(**settings)
    with open_store(store) as db:
        done = next((run for run in runs.all_runs(db) if run.name == name), None)
    if done is None:
        trained = _done(store, spec)["run"]
        with open_store(store) as db:
            runs.rename(db, trained, name)
            done = runs.run(db, trained)
    with open_store(store) as db:
        seconds = runs.epochs(db, done.id)[-1].seconds
        table = trajectories.frame_table(db, datasets.dataset(db, TWINS).id)
        packed = trajectories.packed(db, table.frame_ids)
    model = discriminants.newest(store, done).model(torch.device("cpu"))
    frames = dataset.on_device(packed, torch.device("cpu"))
    return round(sum(training.evaluate(model, frames, seed=0)), 2), seconds


def _done(store: Path, spec: JobSpec) -> Mapping[str, Any]:
    job = foreground.run_here(store, spec)
    if job.state != "done":
        raise SystemExit(job.error or f"The job was {job.state}.")
    return job.result or {}


def _interval(values: Sequence[float] | np.ndarray) -> dict[str, float]:
    """The mean of some values, with Student's 95 % interval of it."""
    from scipy.stats import t

    mean, count = float(np.mean(values)), len(values)
    half = float(t.ppf(0.975, count - 1)) * float(np.std(values, ddof=1)) / count**0.5
    return {
        "mean": round(mean, 1),
        "low": round(mean - half, 1),
        "high": round(mean + half, 1),
        "seeds": count,
    }


if __name__ == "__main__":
    devices.leave_room_for_the_page()
    main()
