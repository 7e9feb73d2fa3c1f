"""Training: its metrics, its end, and that it goes on exactly where it was."""

import copy
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from morphcore import frames
from morphcore.config import TrainConfig, train_config
from morphcore.frames import PackedFrames, SizedFrames
from morphcore.progress import ignore
from morphcore.training import checkpoint, dataset, schedule
from morphcore.training import loop as training
from morphcore.training import state as training_state
from morphcore.training.dataset import FrameDataset
from morphcore.training.state import TrainingState
from morphcore.types import COIN_FLIP_NATS_PER_PIXEL, FRAME_SHAPE, EpochMetrics
from tests.factory import blobs

CPU = torch.device("cpu")
CONFIG = TrainConfig(epochs=4, batch=8, lr=1e-3, seed=3)


class Halt(Exception):
    """Raised by a caller to stop."""


@pytest.fixture(scope="module")
def data() -> tuple[FrameDataset, FrameDataset]:
    """24 frames to learn from (the last four with walls), 6 to evaluate on."""
    packed = PackedFrames.of(frames.binarise(blobs(30, phi=0.55, seed=1)))
    packed = replace(packed, periodic=np.arange(30) < 20)
    return dataset.on_device(packed[:24], CPU), dataset.on_device(packed[24:], CPU)


def _train(state: TrainingState, config: TrainConfig, data, progress=ignore) -> list[EpochMetrics]:
    return list(training.epochs(state, config, *data, progress=progress))


def _numbers(metrics: list[EpochMetrics]) -> list[tuple[float, ...]]:
    """Metrics that do not depend on the clock."""
    return [
        (
            row.epoch,
            row.learning_rate,
            row.training_recon_nats,
            row.training_kl_nats,
            row.held_out_recon_nats,
            row.held_out_kl_nats,
        )
        for row in metrics
    ]


def _same_weights(a: TrainingState, b: TrainingState) -> bool:
    left, right = a.model.state_dict(), b.model.state_dict()
    return all(torch.equal(left[name], right[name]) for name in left)


@pytest.fixture(scope="module")
def whole(data) -> tuple[list[EpochMetrics], TrainingState]:
    """Four epochs without a break."""
    state = training_state.start(CONFIG, CPU)
    return _train(state, CONFIG, data), state


def test_the_first_metrics_are_of_the_model_before_its_first_step(whole, data):
    start = whole[0][0]
    assert start.epoch == 0
    assert start.held_out_neg_elbo_nats == pytest.approx(
        40_000 * COIN_FLIP_NATS_PER_PIXEL, rel=0.01
    )
    fresh = training.evaluate(training_state.start(CONFIG, CPU).model, data[1], CONFIG.seed)
    assert start.held_out_recon_nats == fresh.recon


def test_metrics_after_every_epoch(whole):
    metrics, state = whole
    assert [row.epoch for row in metrics] == [0, 1, 2, 3, 4]
    assert state.epoch == 4
    assert all(a.seconds < b.seconds for a, b in pairwise(metrics))
    assert all(row.frames_per_second > 0 for row in metrics[1:])


def test_it_learns(data):
    config = replace(CONFIG, epochs=12, mirror=False, roll=False)
    metrics = _train(training_state.start(config, CPU), config, data)
    assert metrics[-1].training_neg_elbo_nats < 0.95 * metrics[0].training_neg_elbo_nats


def test_equal_seeds_give_equal_numbers(whole, data):
    again, reseeded = (
        training_state.start(CONFIG, CPU),
        training_state.start(replace(CONFIG, seed=4), CPU),
    )
    assert _numbers(_train(again, CONFIG, data)) == _numbers(whole[0])
    assert _same_weights(again, whole[1])
    assert _numbers(_train(reseeded, replace(CONFIG, seed=4), data)) != _numbers(whole[0])


def test_two_and_two_epochs_with_a_file_between_equal_four(whole, data, tmp_path: Path):
    half = replace(CONFIG, epochs=2)
    first = training_state.start(half, CPU)
    metrics = _train(first, half, data)
    checkpoint.save(tmp_path / "half.pt", half, first)
    second = checkpoint.load(tmp_path / "half.pt").resume(CONFIG, CPU)
    metrics += _train(second, CONFIG, data)
    assert _numbers(metrics) == _numbers(whole[0])
    assert _same_weights(second, whole[1])


@pytest.mark.parametrize("steps", [1, 5, 9])
def test_a_stop_within_an_epoch_with_a_file_between_changes_nothing(
    whole, data, tmp_path: Path, steps: int
):
    metrics: list[EpochMetrics] = []
    left = [steps]

    def stop(share: float) -> None:
        if share > 0:
            left[0] -= 1
            if not left[0]:
                raise Halt

    state = training_state.start(CONFIG, CPU)
    with pytest.raises(Halt):
        metrics.extend(training.epochs(state, CONFIG, *data, progress=stop))
    stopped = [state.epoch, state.step]
    assert stopped != [0, 0]
    # list.extend loses nothing: what was yielded before the stop is in the list.
    checkpoint.save(tmp_path / "stopped.pt", CONFIG, state)
    going_on = checkpoint.load(tmp_path / "stopped.pt").resume(CONFIG, CPU)
    assert [going_on.epoch, going_on.step] == stopped
    metrics += _train(going_on, CONFIG, data)
    assert _numbers(metrics) == _numbers(whole[0])
    assert _same_weights(going_on, whole[1])


def test_every_frame_is_seen_once_an_epoch(data, monkeypatch: pytest.MonkeyPatch):
    seen: list[int] = []
    real = training.training_batch

    def spy(frames_in, chosen, generator, **switches):
        seen.extend(chosen.tolist())
        return real(frames_in, chosen, generator, **switches)

    monkeypatch.setattr(training, "training_batch", spy)
    config = replace(CONFIG, epochs=2, batch=7)
    _train(training_state.start(config, CPU), config, data)
    assert sorted(seen[:24]) == sorted(seen[24:]) == list(range(24))
    assert seen[:24] != seen[24:]


def test_steps_are_reported_and_the_share_rises_to_one(data):
    shares: list[float] = []
    config = replace(CONFIG, epochs=1)
    _train(training_state.start(config, CPU), config, data, shares.append)
    # 20 frames that are periodic, in batches of 8, and four with walls.
    assert {1 / 4, 2 / 4, 3 / 4, 1.0} <= set(shares)
    assert shares == sorted(shares)


def test_evaluating_often_changes_no_number(whole, data):
    state = training_state.start(CONFIG, CPU)
    metrics = []
    for row in training.epochs(state, CONFIG, *data):
        metrics.append(row)
        assert training.evaluate(state.model, data[1], CONFIG.seed) == (
            row.held_out_recon_nats,
            row.held_out_kl_nats,
        )
    assert _numbers(metrics) == _numbers(whole[0])


def test_steps_end_it_in_the_middle_of_an_epoch(data):
    config = replace(CONFIG, epochs=1000, steps=20, batch=2)  # of 12 an epoch
    state = training_state.start(config, CPU)
    metrics = _train(state, config, data)
    assert [(row.epoch, row.steps) for row in metrics] == [(0, 0), (1, 12), (2, 20)]
    assert schedule.finished(state, config)
    assert not _train(state, config, data)
    more = replace(config, epochs=4, steps=1000)
    assert not schedule.finished(state, more)
    # The epoch that ended early counts as one: two more of 12.
    assert schedule.total_steps(state, more, 12) == 44
    assert _train(state, more, data)[-1].steps == 44


def test_a_number_of_batches_is_that_of_any_order(data):
    for batch in (3, 7, 24, 50):
        for seed in range(3):
            order = torch.randperm(24, generator=torch.Generator().manual_seed(seed))
            assert len(data[0].batches(order, batch)) == data[0].batch_count(batch)


@pytest.mark.parametrize("steps_a_second", [200.0, 20.0, 0.5])
def test_minutes_become_steps_once_and_these_give_the_same_model(
    data, steps_a_second: float, monkeypatch: pytest.MonkeyPatch
):
    """By a clock of which every step, and whatever else, takes its time."""
    now = [0.0]

    def clock() -> float:
        now[0] += 1 / steps_a_second
        return now[0]

    monkeypatch.setattr(training.time, "perf_counter", clock)
    config = replace(CONFIG, minutes=1.0, epochs=1000, batch=8, schedule="cosine")
    if steps_a_second > 100:
        config = replace(config, minutes=0.05)
    decided: list[TrainConfig] = []
    state = training_state.start(config, CPU)
    metrics = list(training.epochs(state, config, *data, on_decided=decided.append))
    (known,) = decided
    assert known == replace(config, steps=state.steps)
    assert state.steps >= 3
    # The clock is read three times a step.
    assert state.seconds == pytest.approx(known.minutes * 60, rel=0.15)

    again = training_state.start(known, CPU)
    assert _numbers(_train(again, replace(known, minutes=None), data)) == _numbers(metrics)
    assert _same_weights(again, state)


def test_a_training_that_the_clock_ended_is_done_and_a_longer_one_goes_on_at_its_own_speed():
    config = replace(CONFIG, minutes=2.0)
    state = training_state.start(config, CPU)
    assert schedule.decided_by_own_speed(state, config) == config  # nothing is known yet
    state.steps, state.seconds = 30, 20.0
    assert schedule.decided_by_own_speed(state, config) == config  # its first steps tell
    state.steps, state.seconds = 600, 121.0
    done = schedule.decided_by_own_speed(state, config)
    assert done.steps == 600
    assert schedule.finished(state, done)
    state.seconds = 120.0
    assert schedule.decided_by_own_speed(state, replace(config, minutes=4.0)).steps == 1200
    kept = replace(config, steps=700)
    assert schedule.decided_by_own_speed(state, kept) == kept


def test_the_late_rate_comes_at_its_epoch(data):
    config = replace(CONFIG, lr_late=1e-5, lr_late_from=3)
    metrics = _train(training_state.start(config, CPU), config, data)
    assert [row.learning_rate for row in metrics] == [1e-3, 1e-3, 1e-3, 1e-5, 1e-5]


def test_the_late_rate_really_is_used(data):
    """A rate of next to nothing leaves the weights where they are."""
    config = replace(CONFIG, epochs=2, lr_late=1e-30, lr_late_from=2)
    state = training_state.start(config, CPU)
    epochs = training.epochs(state, config, *data)
    next(epochs), next(epochs)
    before = copy.deepcopy(state.model.state_dict())
    next(epochs)
    after = state.model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize(("on_stall", "last"), [(True, 1e-6), (False, 1e-30)])
def test_a_stall_lowers_the_rate_unless_that_is_switched_off(data, on_stall: bool, last: float):
    """With a rate of next to nothing every epoch is a stall."""
    config = replace(
        CONFIG, epochs=5, lr=1e-30, lr_late=1e-6, stall_epochs=2, lr_late_on_stall=on_stall
    )
    metrics = _train(training_state.start(config, CPU), config, data)
    rates = [row.learning_rate for row in metrics]
    assert rates[:4] == [1e-30] * 4  # epoch 1 sets the mark, 2 and 3 do not better it
    assert rates[4:] == [last] * 2


def test_frames_not_yet_separated_can_be_all_there_is():
    """An all-white data set is learnt, not refused."""
    white = dataset.on_device(PackedFrames.of(np.ones((12, *FRAME_SHAPE), dtype=np.bool_)), CPU)
    config = replace(CONFIG, epochs=2)
    metrics = _train(training_state.start(config, CPU), config, (white, white))
    assert np.isfinite(metrics[-1].held_out_neg_elbo_nats)


def test_a_set_of_several_sizes_is_learnt_and_gone_on_with(tmp_path: Path):
    parts = [
        SizedFrames.of(PackedFrames.of(frames.binarise(blobs(12, phi=0.55, seed=1))[:, :h, :w]))
        for h, w in ((64, 96), (96, 64))
    ]
    sizes = SizedFrames.joined(parts)
    data = dataset.on_device(sizes, CPU), dataset.on_device(sizes[::4], CPU)
    config = train_config("two-level", epochs=4, batch=5, latent=3, height=64, width=96)
    state = training_state.start(config, CPU)
    whole = _train(state, config, data)
    assert whole[-1].held_out_neg_elbo_nats < whole[0].held_out_neg_elbo_nats

    # Held-out figures are means over frames, whatever their sizes.
    nats = [
        training.evaluate(state.model, dataset.on_device(part[::4], CPU), config.seed).recon
        for part in parts
    ]
    assert whole[-1].held_out_recon_nats == pytest.approx(np.mean(nats), rel=0.01)

    halt = training_state.start(config, CPU)
    seen = 0

    def stop(_share: float) -> None:
        nonlocal seen
        seen += 1
        if seen == 12:
            raise Halt

    metrics: list[EpochMetrics] = []
    with pytest.raises(Halt):
        metrics.extend(training.epochs(halt, config, *data, progress=stop))
    checkpoint.save(tmp_path / "stopped.pt", config, halt)
    going_on = checkpoint.load(tmp_path / "stopped.pt").resume(config, CPU)
    rest = _train(going_on, config, data)
    assert _numbers(rest) == _numbers(whole[-len(rest) :])
