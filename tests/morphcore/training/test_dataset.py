"""Packed frames become the batches that they should."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from morphcore import frames
from morphcore.frames import PackedFrames, SizedFrames
from morphcore.models.geometry import SIMULATED, Geometry
from morphcore.training import dataset
from morphcore.training.dataset import Augmentation, FrameDataset
from morphcore.types import FRAME_SHAPE
from tests.factory import blobs

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def bits() -> np.ndarray:
    """Twelve binary frames, no two rolls or mirrors of them alike."""
    return frames.binarise(blobs(13, phi=0.55, seed=3)[1:])


def _data(bits: np.ndarray, periodic: bool = True) -> FrameDataset:
    return dataset.on_device(PackedFrames.of(bits, periodic=periodic), CPU)


def test_unpacking_equals_that_of_frames(bits: np.ndarray):
    packed = frames.pack(bits)
    unpacked = dataset.unpack(torch.from_numpy(packed), FRAME_SHAPE)
    assert np.array_equal(unpacked.numpy().astype(bool), frames.unpack(packed))


def test_every_byte_is_unpacked_highest_bit_first():
    packed = np.resize(np.arange(256, dtype=np.uint8), (1, 5000))
    expected = frames.unpack(packed)
    assert np.array_equal(
        dataset.unpack(torch.from_numpy(packed), FRAME_SHAPE).numpy().astype(bool), expected
    )


def test_an_augmented_frame_is_the_mirrored_then_rolled_original(bits: np.ndarray):
    coins = np.arange(12) % 2 == 0
    shifts = np.array([0, 1, 7, 8, 39, 40, 100, 199, 200, 398, 399, 250])
    how = Augmentation(torch.from_numpy(coins), torch.from_numpy(shifts), None)
    changed = (
        dataset.augment(dataset.unpack(_data(bits).groups[0].packed, FRAME_SHAPE), how)
        .numpy()
        .astype(bool)
    )
    for frame, out, coin, shift in zip(bits, changed, coins, shifts, strict=True):
        expected = frames.roll(frames.mirror(frame) if coin else frame, int(shift))
        assert np.array_equal(out, expected)


def _origins(batch: torch.Tensor, originals: np.ndarray) -> list[tuple[bool, int]]:
    """The augmentation of each frame of a batch, (mirrored, rolled by); exactly one fits."""
    origins = []
    for out, original in zip(batch[:, 0].numpy().astype(bool), originals, strict=True):
        ways = [
            (coin, shift)
            for coin in (False, True)
            for shift in range(400)
            if np.array_equal(out, frames.roll(original[:, ::-1] if coin else original, shift))
        ]
        assert len(ways) == 1
        origins += ways
    return origins


def _batch(data: FrameDataset, seed: int, **switches: bool) -> torch.Tensor:
    switches = {"mirror": True, "roll": True, **switches}
    generator = torch.Generator().manual_seed(seed)
    return dataset.training_batch(data, torch.arange(len(data)), generator, **switches)[0]


def test_a_batch_holds_floats_of_0_and_1_each_frame_changed_in_its_own_way(bits: np.ndarray):
    batch = _batch(_data(bits), seed=0)
    assert batch.shape == (12, 1, 100, 400)
    assert batch.dtype == torch.float32
    assert set(batch.unique().tolist()) == {0.0, 1.0}
    ways = _origins(batch, bits)
    assert len({shift for _, shift in ways}) > 6
    assert {coin for coin, _ in ways} == {False, True}


def test_switches_turn_mirror_and_roll_off(bits: np.ndarray):
    assert all(not coin for coin, _ in _origins(_batch(_data(bits), 0, mirror=False), bits))
    assert all(shift == 0 for _, shift in _origins(_batch(_data(bits), 0, roll=False), bits))


def test_only_periodic_frames_are_rolled(bits: np.ndarray):
    periodic = np.arange(12) < 6
    data = dataset.on_device(replace(PackedFrames.of(bits), periodic=periodic), CPU)
    for own in data.batches(torch.arange(12), 6):
        batch, geometry = dataset.training_batch(
            data, own, torch.Generator().manual_seed(1), mirror=True, roll=True
        )
        ways = _origins(batch, bits[own.numpy()])
        assert geometry.periodic == bool(periodic[own[0]])
        assert any(shift for _, shift in ways) == geometry.periodic


def test_shifts_are_uniform_and_coins_fair():
    generator = torch.Generator().manual_seed(0)
    how = dataset.draw(40_000, SIMULATED, generator, mirror=True, roll=True)
    counts = torch.bincount(how.right, minlength=400)
    assert len(counts) == 400
    assert ((counts - 100).float().square() / 100).sum() < 500  # chi-squared, 399 degrees
    assert how.mirrored.float().mean().item() == pytest.approx(0.5, abs=0.01)


def test_equal_seeds_give_equal_batches(bits: np.ndarray):
    data = _data(bits)
    assert torch.equal(_batch(data, seed=5), _batch(data, seed=5))
    assert not torch.equal(_batch(data, seed=5), _batch(data, seed=6))


def _several_sizes() -> SizedFrames:
    """Five frames of 64 x 80 and seven of 72 x 64, in turn as far as they go."""
    rng = np.random.default_rng(0)
    shapes = [(64, 80), (72, 64)] * 5 + [(72, 64)] * 2
    return SizedFrames.joined(
        [SizedFrames.of(PackedFrames.of(rng.random((1, *shape)) < 0.5)) for shape in shapes]
    )


def test_a_batch_is_of_one_size_and_every_frame_is_in_one():
    data = dataset.on_device(_several_sizes(), CPU)
    order = torch.randperm(12, generator=torch.Generator().manual_seed(0))
    batches = data.batches(order, 3)
    assert sorted(torch.cat(batches).tolist()) == list(range(12))
    assert [len(batch) for batch in batches] == [3, 3, 3, 2, 1]
    for batch in batches:
        group = data.of_batch(batch)
        rows = torch.tensor([order.tolist().index(frame) for frame in batch.tolist()])
        assert (rows.diff() > 0).all()  # in the order given
        for packed, frame in zip(group.packed, batch.tolist(), strict=True):
            expected = _several_sizes()[[frame]].one_size
            assert (group.geometry.height, group.geometry.width) == expected.shape
            assert np.array_equal(packed.numpy(), expected.packed[0])


def test_of_one_size_batches_are_the_order_cut(bits: np.ndarray):
    order = torch.randperm(12, generator=torch.Generator().manual_seed(0))
    batches = _data(bits).batches(order, 5)
    assert all(map(torch.equal, batches, torch.split(order, 5)))


def test_frames_of_any_size_are_unpacked_and_rolled_along_periodic_axes():
    bits = np.random.default_rng(1).random((4, 21, 33)) < 0.5
    for periodic, periodic_y in ((True, True), (False, True), (True, False)):
        frames_in = PackedFrames.of(bits, periodic=periodic, periodic_y=periodic_y)
        data = dataset.on_device(frames_in, CPU)
        generator = torch.Generator().manual_seed(0)
        batch, geometry = dataset.training_batch(
            data, torch.arange(4), generator, mirror=False, roll=True
        )
        assert geometry == Geometry(21, 33, periodic, periodic_y)
        for out, original in zip(batch[:, 0].numpy() > 0, bits, strict=True):
            ways = [
                (down, right)
                for down in range(21 if periodic_y else 1)
                for right in range(33 if periodic else 1)
                if np.array_equal(out, np.roll(original, (down, right), axis=(0, 1)))
            ]
            assert len(ways) == 1
