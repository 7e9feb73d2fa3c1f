"""The training curve: means over the steps since the last point, over epochs and resumes."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jobs.train import curve
from jobs.train.curve import TrainingCurve
from morphcore.training.state import Sums
from store import training_curve
from store.db import open_store
from tests.factory import Made


def _state(**values: Any) -> Any:
    start = {"epoch": 0, "step": 0, "steps": 0, "seconds": 0.0, "sums": Sums()}
    return SimpleNamespace(**{**start, **values})


def _step(state: Any, nats: float, *, batches: int) -> None:
    """One batch of 10 frames, each of these nats, in 1 s; epochs of so many batches."""
    if state.step == batches:
        state.epoch, state.step, state.sums = state.epoch + 1, 0, Sums()
    state.sums.frames += 10
    state.sums.recon_nats += 10 * nats
    state.sums.kl_nats += 10.0
    state.sums.seconds += 0.5
    state.step, state.steps, state.seconds = state.step + 1, state.steps + 1, state.seconds + 1.0


def _points(store: Path, run_id: int) -> list[tuple[int, float, float, float]]:
    with open_store(store) as db:
        points = training_curve.of_run(db, run_id)
    assert all(point.kl_nats == pytest.approx(1.0) for point in points)
    assert all(point.frames_per_second == pytest.approx(20.0) for point in points)
    return [(point.step, point.epoch, point.seconds, point.recon_nats) for point in points]


def test_points_are_means_over_the_steps_between_them_whatever_epoch_they_are_of(made: Made):
    state = _state()
    drawn = TrainingCurve(made.path, made.run_id, state, batches=4)
    for nats in range(1, 8):
        _step(state, float(nats), batches=4)
        drawn.on_step()
        drawn.on_step()  # as while held-out frames are evaluated
    assert _points(made.path, made.run_id) == [(3, 0.75, 3.0, 2.0), (6, 1.5, 6.0, 5.0)]
    drawn.flush()
    drawn.flush()
    assert _points(made.path, made.run_id)[2:] == [(7, 1.75, 7.0, 7.0)]

    going_on = TrainingCurve(made.path, made.run_id, state, batches=4)
    _step(state, 20.0, batches=4)
    going_on.on_step()
    going_on.flush()
    assert _points(made.path, made.run_id)[3:] == [(8, 2.0, 8.0, 20.0)]
    with open_store(made.path) as db:
        training_curve.forget_after(db, made.run_id, 6)
    assert [step for step, *_ in _points(made.path, made.run_id)] == [3, 6]


def test_a_long_training_has_fewer_points_a_minute(made: Made):
    state = _state(seconds=10_000.0)
    drawn = TrainingCurve(made.path, made.run_id, state, batches=1000)
    for _ in range(250):
        _step(state, 1.0, batches=1000)
        drawn.on_step()
    steps = [step for step, *_ in _points(made.path, made.run_id)]
    assert steps == [102, 205]  # every 1 % of the time so far
    assert curve.POINT_SHARE == 0.01
