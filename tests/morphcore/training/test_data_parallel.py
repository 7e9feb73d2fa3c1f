"""Workers: a batch shared out is the batch; order, seeds and errors are what they were."""

import threading
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from morphcore import frames
from morphcore.config import TrainConfig
from morphcore.frames import PackedFrames
from morphcore.models.base import Model
from morphcore.models.build import build
from morphcore.models.geometry import SIMULATED, Geometry
from morphcore.training import checkpoint, data_parallel, dataset, devices
from morphcore.training import loop as training
from morphcore.training import state as training_state
from morphcore.training.data_parallel import Replicas
from morphcore.training.dataset import FrameDataset
from tests.factory import blobs

CPU = torch.device("cpu")


def _batch(count: int) -> torch.Tensor:
    bits = frames.binarise(blobs(count, phi=0.55, seed=1))
    return torch.from_numpy(bits)[:, None].float()


def _data(count: int) -> FrameDataset:
    packed = PackedFrames.of(frames.binarise(blobs(count, phi=0.55, seed=1)))
    return dataset.on_device(packed, CPU)


class _NoNoise(Model):
    """One weight, and terms that depend on the frames alone."""

    def __init__(self) -> None:
        super().__init__()
        self.latent = 1
        self.weight = torch.nn.Parameter(torch.tensor(2.0))
        self.calls = 0

    def terms(self, x, geometry, generator):
        del geometry, generator
        self.calls += 1
        white = x.flatten(1).mean(1)
        return data_parallel.ElboTerms(self.weight * white, self.weight.square() * white)

    encode = decode = reconstruct = neg_log_weight = None  # type: ignore[assignment]


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("frames_in", [1, 7, 8])
def test_the_gradient_is_that_of_the_whole_batch(count: int, frames_in: int):
    model = _NoNoise()
    x = _batch(8)[:frames_in]
    with Replicas(model, count) as replicas:
        for _ in range(2):  # the second does not add to the first
            terms = replicas.backward(x, SIMULATED, torch.Generator().manual_seed(0), half=False)
    white = x.flatten(1).mean(1)
    assert torch.allclose(terms.recon_nats, 2 * white)
    assert torch.allclose(terms.kl_nats, 4 * white)
    assert model.weight.grad is not None
    assert model.weight.grad.item() == pytest.approx((white + 4 * white).mean().item(), rel=1e-5)


@pytest.mark.parametrize("preset", ["two-level", "seed"])
def test_all_replicas_follow_the_weights(preset):
    """A step of the optimiser moves one set of weights, which every worker reads."""
    config = TrainConfig(preset=preset, batch=8, seed=2)
    state = training_state.start(config, CPU)
    with Replicas(state.model, 2) as replicas:
        replicas.backward(_batch(4), SIMULATED, state.generator, half=False)
        before = [each.detach().clone() for each in state.model.parameters()]
        state.optimiser.step()
        moved = 0
        for own, replica, old in zip(
            *(m.parameters() for m in replicas.models), before, strict=True
        ):
            assert torch.equal(own, replica)
            moved += not torch.equal(own, old)
    assert moved


def _trained(count: int, seed: int = 3) -> tuple[list[float], dict[str, torch.Tensor]]:
    config = TrainConfig(epochs=2, batch=8, lr=1e-3, seed=seed)
    data = _data(24)
    state = training_state.start(config, CPU)
    metrics = list(training.epochs(state, config, data, data, workers=count))
    return [each.held_out_neg_elbo_nats for each in metrics], state.model.state_dict()


def test_two_workers_learn_and_repeat_themselves():
    nats, weights = _trained(2)
    again, same = _trained(2)
    assert nats == again
    assert all(torch.equal(weights[name], same[name]) for name in weights)
    assert all(a > b for a, b in pairwise(nats))
    assert _trained(2, seed=4)[0] != nats


def test_a_training_by_two_workers_goes_on_exactly_where_it_was(tmp_path: Path):
    config = TrainConfig(epochs=2, batch=8, lr=1e-3, seed=3)
    data = _data(24)
    half = training_state.start(replace(config, epochs=1), CPU)
    first = list(training.epochs(half, replace(config, epochs=1), data, data, workers=2))
    checkpoint.save(tmp_path / "half.pt", config, half)
    going_on = checkpoint.load(tmp_path / "half.pt").resume(config, CPU)
    then = list(training.epochs(going_on, config, data, data, workers=2))
    nats, weights = _trained(2)
    assert [each.held_out_neg_elbo_nats for each in first + then] == nats
    resumed = going_on.model.state_dict()
    assert all(torch.equal(resumed[name], weights[name]) for name in weights)


def test_evaluating_is_the_same_on_any_number_of_workers():
    model = build(TrainConfig(seed=1))
    data = _data(150)
    single, three = (training.evaluate(model, data, 5, workers=count) for count in (1, 3))
    assert single.recon == pytest.approx(three.recon, rel=1e-6)
    assert single.kl == pytest.approx(three.kl, rel=1e-5)


def test_tasks_are_done_at_once_and_returned_in_order():
    together = threading.Barrier(3, timeout=10)

    def task(number: int) -> int:
        together.wait()  # passes only if three are under way at one time
        time.sleep(0.01 * (3 - number % 3))
        return number

    assert list(data_parallel.parallel_map(task, range(9), count=3)) == list(range(9))


def test_who_stops_listening_stops_the_work():
    begun: list[int] = []

    def task(number: int) -> int:
        begun.append(number)
        time.sleep(0.02)
        return number

    results = data_parallel.parallel_map(task, range(200), count=2)
    assert next(results) == 0
    results.close()
    assert len(begun) < 20


def test_what_a_worker_raises_is_raised():
    def task(number: int) -> int:
        if number == 2:
            raise ValueError("two")
        return number

    with pytest.raises(ValueError, match="two"):
        list(data_parallel.parallel_map(task, range(4), count=2))


@pytest.mark.parametrize(
    ("device", "cores", "batch", "count"),
    [
        ("cpu", 2, 32, 2),
        ("cpu", 16, 32, 8),
        ("cpu", 16, 3, 1),
        ("cpu", 1, 64, 1),
        ("cuda", 16, 64, 1),
    ],
)
def test_the_number_of_workers_of_a_batch(
    monkeypatch: pytest.MonkeyPatch, device: str, cores: int, batch: int, count: int
):
    monkeypatch.setattr(devices, "cores", lambda: cores)
    assert data_parallel.worker_count(torch.device(device), batch) == count


@pytest.mark.parametrize("count", [1, 2])
def test_what_is_too_small_for_full_precision_is_zero_while_a_worker_computes(count: int):
    """Else a trained model, which makes many of these, is slower than a new one."""
    if not torch.set_flush_denormal(True):
        pytest.skip("this CPU cannot leave them out")
    torch.set_flush_denormal(False)
    tiny = torch.full((8,), 1e-39)
    largest = list(
        data_parallel.parallel_map(lambda x: (x * 0.5).max().item(), [tiny, tiny], count=count)
    )
    assert largest == [0, 0]
    assert (tiny * 0.5).max().item() > 0


class _Tiny(_NoNoise):
    """Terms of 5e-40, or 0 where that is too small."""

    def terms(self, x, geometry, generator):
        del geometry, generator
        tiny = self.weight * 0 + 1e-39 * torch.full((len(x),), 0.5)
        return data_parallel.ElboTerms(tiny, tiny)


@pytest.mark.parametrize("count", [1, 2])
def test_a_training_takes_what_is_too_small_as_zero(count: int):
    if not torch.set_flush_denormal(True):
        pytest.skip("this CPU cannot leave them out")
    torch.set_flush_denormal(False)
    noise = torch.Generator().manual_seed(0)
    assert all(nats.max() > 0 for nats in _Tiny().terms(_batch(8), SIMULATED, noise))
    with Replicas(_Tiny(), count) as replicas:
        terms = replicas.backward(_batch(8), SIMULATED, noise, half=False)
    assert all(nats.max() == 0 for nats in terms)


@pytest.mark.parametrize("count", [1, 2])
def test_large_frames_are_learnt_from_in_parts_with_the_same_gradient(
    count: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(data_parallel, "MOST_AT_ONCE", {"cpu": 4, "other": 4})
    model, x = _NoNoise(), _batch(8)
    with Replicas(model, count) as replicas:
        large, noise = Geometry(200, 400), torch.Generator().manual_seed(0)
        terms = replicas.backward(x, large, noise, half=False)
        calls = sum(each.calls for each in replicas.models)
    white = x.flatten(1).mean(1)
    assert calls == 4
    assert torch.allclose(terms.recon_nats, 2 * white)
    assert model.weight.grad is not None
    assert model.weight.grad.item() == pytest.approx((white + 4 * white).mean().item(), rel=1e-5)


def test_a_worker_of_large_frames_needs_fewer_of_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(devices, "cores", lambda: 4)
    assert data_parallel.worker_count(CPU, 4) == 1
    assert data_parallel.worker_count(CPU, 4, Geometry(512, 512)) == 4
