"""Look for the settings of a preset by which a model is best: trials, one after the other.

Each trial is a run of the store, trained by the code of any training. It learns from a part of the
training frames and is judged by the rest of them, its validation frames; held-out frames, twins
and cells that no model has seen never take part, so that they can judge what comes of it.

The search knows nothing but the trials of the store: a job that was ended goes on with the trial
that it was at, and a tuning that is done can be given more trials.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from sqlite_utils import Database

from jobs import usual
from jobs.context import Context
from jobs.index import discriminants
from jobs.specs import TrainJob, TuneJob
from jobs.train import job as train
from jobs.train.loop import SAVING, SavingConfig
from jobs.train.prepare import Prepared, prepare
from jobs.train.watch import EndedEarly
from jobs.tune.trial import Diverged, TrialWatch
from morphcore import splits
from morphcore.config import MOST_EPOCHS, ConfigError, TrainConfig
from morphcore.errors import MorphError
from morphcore.training import devices
from morphcore.tuning import space as spaces
from morphcore.tuning import study
from morphcore.tuning.space import Value
from morphcore.tuning.trials import MOST_TRIALS, TRIALS, Objective, TrialState, best
from morphcore.types import Split
from store import datasets, runs, tunings
from store.db import open_store, writing
from store.tunings import NewTuning, StoredTrial, Tuning

VALIDATION_SHARE = 0.25  # of the training frames, or trajectories
_TRAINED = 0.9  # share of a trial's time, where its retrieval is measured after it


@dataclass(frozen=True, kw_only=True)
class TuneResult:
    """The result of a tuning. Field names are keys of the stored result: never rename them."""

    tuning: int
    dataset: str
    objective: Objective
    trials: int
    complete: int
    pruned: int
    failed: int
    usual: float | None  # value of the first trial, which has the usual settings
    best: float | None
    best_trial: int | None
    best_run: int | None
    settings: dict[str, Value] | None  # of the best


def run(context: Context, spec: TuneJob, saving: SavingConfig = SAVING) -> dict[str, Any]:
    """Do the trials that a tuning lacks; the result as JSON values.

    Raises:
        ConfigError: if a setting is not accepted.
        MorphError: if the data set is too small, serves another one, or lacks what the objective
            needs.
        Stopped, Paused: if asked for; the tuning goes on from there when it is resumed.
    """
    devices.leave_room_for_the_page()
    tuning = _tuning(context, spec)
    with open_store(context.store) as db:
        batch = spaces.usual_values(tuning.space)["batch"]
        ready = prepare(db, tuning.dataset, {**_given(tuning), "batch": batch})
        division = _division(db, tuning, ready)
    context.plan([usual.trials(tuning.trials, len(division.training), ready.config)])
    stage = context.stage("trials")
    for number in range(1, tuning.trials + 1):
        part = stage.part((number - 1) / tuning.trials, number / tuning.trials)
        _trial(part, tuning, ready.config, division, number, saving)
    return asdict(_result(context, tuning))


def _tuning(context: Context, spec: TuneJob) -> Tuning:
    """The tuning to go on with, or a new one that the job knows when it is resumed."""
    if spec.trials is not None and not 1 <= spec.trials <= MOST_TRIALS:
        raise ConfigError(f"trials is {spec.trials}; accepted is 1 to {MOST_TRIALS:,}")
    if spec.minutes is not None and spec.steps is not None:
        raise ConfigError(train.EITHER)
    with open_store(context.store) as db:
        if spec.tuning is None:
            new = _new(context, spec)
            with writing(db):
                tuning_id = tunings.create(db, new)
                context.remember_in(db, tuning=tuning_id)
        else:
            tuning_id = spec.tuning
            if spec.trials is not None:
                tunings.want(db, tuning_id, spec.trials)
        return tunings.by_id(db, tuning_id)


def _new(context: Context, spec: TuneJob) -> NewTuning:
    if spec.minutes is None and spec.steps is None:
        raise ConfigError("Say how long a trial is: in minutes, or in steps.")
    given = {name: getattr(spec, name) for name in ("minutes", "steps", "split")}
    settings = {name: value for name, value in given.items() if value is not None}
    with open_store(context.store) as db:
        ready = prepare(db, spec.dataset, {"preset": spec.preset, "seed": spec.seed, **settings})
        replicas = [each for each in datasets.replicates_of(db, ready.dataset_id) if each.frames]
    _divided(ready, spec.seed)  # raises where nothing is left to validate with
    if spec.objective == "retrieval" and (spec.preset == "seed" or not replicas):
        raise MorphError(discriminants.NO_RETRIEVAL)
    return NewTuning(
        dataset_id=ready.dataset_id,
        preset=spec.preset,
        objective=spec.objective,
        trials=TRIALS if spec.trials is None else spec.trials,
        seed=spec.seed,
        pruning=spec.pruning,
        settings=settings,
        space=spaces.space(ready.config),
    )


def _given(tuning: Tuning) -> dict[str, Any]:
    """The settings that all trials have in common, but for those of the preset."""
    return {"preset": tuning.preset, "seed": tuning.seed, **tuning.settings}


def _division(db: Database, tuning: Tuning, ready: Prepared) -> Split:
    """The split of all trials: that of those that there are, since the data set may have grown."""
    there = {run.id for run in runs.all_runs(db)}
    for trial in tunings.trials(db, tuning.id):
        if trial.run_id in there:
            return runs.split(db, trial.run_id)
    return _divided(ready, tuning.seed)


def _divided(ready: Prepared, seed: int) -> Split:
    """Take validation frames out of the training ones.

    Raises:
        FrameError: if there are too few trajectories, or frames, for that.
    """
    return splits.with_validation(
        ready.division,
        ready.table.frame_ids,
        ready.table.trajectory_ids,
        share=VALIDATION_SHARE,
        rng=np.random.default_rng(seed),
    )


def _trial(
    context: Context,
    tuning: Tuning,
    usual_config: TrainConfig,
    division: Split,
    number: int,
    saving: SavingConfig,
) -> None:
    """Do a trial, or what is left of it."""
    with open_store(context.store) as db:
        stored = tunings.trials(db, tuning.id)
        of_runs = {run.id: run.config for run in runs.all_runs(db)}
    ended = [each for each in stored if each.state != "running" and each.number < number]
    trial = next((each for each in stored if each.number == number), None)
    if trial is not None and trial.state != "running":
        return
    if trial is None or not _can_go_on(trial, of_runs, usual_config):
        trial = _begun(context, tuning, usual_config, division, number, ended)
    assert trial.run_id is not None
    context = replace(context, resumed=True).whole(f"trial {number} of {tuning.trials}")
    watch = TrialWatch(context.store, tuning, trial, ended)
    training = context.part(0.0, _TRAINED if tuning.objective == "retrieval" else 1.0)
    try:
        watch.judge()  # it may have ended between both
        job = TrainJob(run=trial.run_id, index=False)
        train.train(training, job, saving, watch)
    except EndedEarly as early:
        with open_store(context.store) as db:
            state: TrialState = "failed" if isinstance(early, Diverged) else "pruned"
            tunings.end_trial(db, tuning.id, number, state)
        return
    with open_store(context.store) as db:
        of_trial = runs.run(db, trial.run_id)
    value = of_trial.neg_elbo_nats or math.nan
    if tuning.objective == "retrieval":
        value = discriminants.retrieval(context.part(_TRAINED, 1.0), of_trial)
    with open_store(context.store) as db:
        if math.isfinite(value):
            tunings.end_trial(db, tuning.id, number, "complete", value)
        else:
            tunings.end_trial(db, tuning.id, number, "failed")


def _can_go_on(
    trial: StoredTrial, of_runs: Mapping[int, TrainConfig], usual_config: TrainConfig
) -> bool:
    """Whether the run of a trial is there, and nobody has trained it on to another end."""
    config = of_runs.get(trial.run_id or 0)
    planned = trial_config(usual_config, trial.settings)
    if config is None:
        return False
    return config == planned or (
        planned.minutes is not None and replace(config, steps=None) == planned
    )


def _begun(
    context: Context,
    tuning: Tuning,
    usual_config: TrainConfig,
    division: Split,
    number: int,
    ended: list[StoredTrial],
) -> StoredTrial:
    """Begin a trial: its settings, by those before it, and its run."""
    settings = study.propose(tuning.space, ended, tuning.objective, number=number, seed=tuning.seed)
    config = trial_config(usual_config, settings)
    with open_store(context.store) as db, writing(db):
        run_id = runs.create(db, tuning.dataset_id, config, division)
        runs.rename(db, run_id, f"{tuning.name}, trial {number}")
        tunings.add_trial(db, tuning.id, number, settings, run_id)
        context.remember_in(db, tuning=tuning.id, run=run_id)
    return StoredTrial(number=number, settings=settings, run_id=run_id)


def trial_config(usual_config: TrainConfig, settings: Mapping[str, Value]) -> TrainConfig:
    """The settings of a trial: of smaller batches it has more steps, so that all see as much."""
    config = replace(usual_config, **settings)  # type: ignore[arg-type]
    if usual_config.steps is None:
        return config
    steps = max(1, round(usual_config.steps * usual_config.batch / config.batch))
    return replace(config, steps=steps, epochs=MOST_EPOCHS)


def _result(context: Context, tuning: Tuning) -> TuneResult:
    with open_store(context.store) as db:
        trials = tunings.trials(db, tuning.id)
    found = best(trials, tuning.objective)
    states = [trial.state for trial in trials]
    return TuneResult(
        tuning=tuning.id,
        dataset=tuning.dataset,
        objective=tuning.objective,
        trials=len(trials),
        complete=states.count("complete"),
        pruned=states.count("pruned"),
        failed=states.count("failed"),
        usual=trials[0].value,
        best=None if found is None else found.value,
        best_trial=None if found is None else found.number,
        best_run=None if found is None else found.run_id,
        settings=None if found is None else dict(found.settings),
    )
