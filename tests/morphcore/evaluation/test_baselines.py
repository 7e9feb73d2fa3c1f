from dataclasses import replace

import numpy as np
import pytest

from morphcore import frames
from morphcore.evaluation import baselines
from morphcore.evaluation.protocol import FrameSet, Protocol
from morphcore.frames import PackedFrames, SizedFrames
from tests.factory import blobs
from tests.worlds import FRAMES, draw_frame_set, world

STRIPES = np.tile(np.arange(400) % 2 == 0, (100, 1))


def of_bits(bits: np.ndarray) -> SizedFrames:
    return SizedFrames.of(PackedFrames.of(bits))


@pytest.fixture(scope="module")
def pictures() -> Protocol:
    """The small world with real pictures: each cell's coarsen with time; rolled ones are rolled."""
    protocol = world()
    trajectories = [blobs(FRAMES + 1, phi=0.5 + 0.01 * cell, seed=cell)[1:] for cell in range(12)]
    bits = frames.binarise(np.concatenate(trajectories))
    moved = protocol.rolled_from
    assert protocol.rolled is not None
    return replace(
        protocol,
        frames=replace(protocol.frames, packed=of_bits(bits)),
        twins=None,
        rolled=replace(protocol.rolled, packed=of_bits(frames.roll(bits[moved], 80))),
        mirrored=replace(protocol.mirrored, packed=of_bits(frames.mirror(bits[moved]))),
    )


@pytest.mark.parametrize("name", [name for name in baselines.NAMES if name != "pixels"])
def test_every_baseline_answers_the_same_way_twice(name: str, pictures: Protocol) -> None:
    first, second = (baselines.evaluate_baseline(name, pictures) for _ in range(2))
    assert first.axes == second.axes
    assert repr(first.result) == repr(second.result)  # NaN is not equal to itself
    assert {"D@5", "topology@5", "r2_log_t", "roll@1", "mirror_ratio"} <= set(first.result.figures)


def test_an_invariant_baseline_finds_rolled_and_mirrored_frames(pictures: Protocol) -> None:
    figures = baselines.evaluate_baseline("two_point_pca16", pictures).result.figures
    for name in ("roll", "mirror"):
        assert figures[f"{name}@1"].value == 1.0
        assert figures[f"{name}_ratio"].value == pytest.approx(0.0, abs=1e-4)


def test_two_point_statistics_know_a_frame_from_its_negative(pictures: Protocol) -> None:
    mirrored = pictures.mirrored
    bits = mirrored.packed.one_size.bits()
    negative = replace(mirrored, packed=of_bits(~bits))
    embed = baselines.embedder("two_point_pca16", pictures)
    apart = np.abs(embed(mirrored)[slice(None)] - embed(negative)[slice(None)]).max(axis=1)
    uneven = np.abs(bits.mean(axis=(1, 2)) - 0.5) > 0.02
    assert uneven.any()
    assert apart[uneven].min() > 0.01


def test_pixels_know_little_but_positions(pictures: Protocol) -> None:
    figures = baselines.evaluate_baseline("pixels", pictures).result.figures
    assert figures["roll@1"].value < 0.2
    assert figures["D@5"].value > 0.5


@pytest.mark.parametrize("name", ["pixels_pca16", "hog_pca16"])
def test_a_baseline_is_fitted_on_the_training_frames_only(name: str, pictures: Protocol) -> None:
    bits = pictures.frames.packed.one_size.bits()
    bits[pictures.queries] = STRIPES
    changed = replace(pictures, frames=replace(pictures.frames, packed=of_bits(bits)))
    mirrored = pictures.mirrored
    before = baselines.embedder(name, pictures)(mirrored)[slice(None)]
    after = baselines.embedder(name, changed)(mirrored)[slice(None)]
    np.testing.assert_array_equal(before, after)
    bits[pictures.training[::2]] = STRIPES
    changed = replace(pictures, frames=replace(pictures.frames, packed=of_bits(bits)))
    assert np.abs(baselines.embedder(name, changed)(mirrored)[slice(None)] - before).max() > 0.01


def test_the_better_kind_of_axes_is_reported() -> None:
    protocol = world()  # the descriptors' last column is noise in a large unit
    assert baselines.evaluate_baseline("descriptors", protocol).axes == "standardised"
    shrunk = protocol.frames.descriptors * [1, 1, 1, 1, 1, 1e-6]

    def small(frame_set: FrameSet) -> FrameSet:
        return replace(frame_set, descriptors=frame_set.descriptors * [1, 1, 1, 1, 1, 1e-6])

    assert protocol.twins is not None
    quiet = replace(
        protocol,
        frames=replace(protocol.frames, descriptors=shrunk),
        twins=small(protocol.twins),
        rolled=None,
        mirrored=small(protocol.mirrored),
    )
    assert baselines.evaluate_baseline("descriptors", quiet).axes == "plain"


def test_walls_are_minded_frame_by_frame(pictures: Protocol) -> None:
    mirrored = pictures.mirrored
    walls = np.arange(len(mirrored)) % 2 == 0
    bits = mirrored.packed.one_size.bits()
    one_size = PackedFrames.of(bits)
    mixed = replace(mirrored, packed=SizedFrames.of(replace(one_size, periodic=~walls)))
    embed = baselines.embedder("two_point_pca16", pictures)
    all_walls = SizedFrames.of(PackedFrames.of(bits, periodic=False))
    with_walls = embed(replace(mirrored, packed=all_walls))[slice(None)]
    np.testing.assert_allclose(embed(mixed)[np.flatnonzero(walls)], with_walls[walls], atol=1e-6)
    np.testing.assert_allclose(
        embed(mixed)[np.flatnonzero(~walls)], embed(mirrored)[np.flatnonzero(~walls)], atol=1e-6
    )


def test_axes_along_which_halves_differ_by_chance_count_less() -> None:
    """Halves are two draws of the world: alike but for its noise."""
    protocol = world()
    rng = np.random.default_rng(5)
    left, right = draw_frame_set(rng), draw_frame_set(rng)
    sphered = replace(protocol, halves=(left, right))
    before, after = (
        baselines.evaluate_baseline("descriptors", variant) for variant in (protocol, sphered)
    )
    assert after.axes == "sphered"
    assert after.result.figures["twin@5"].value > before.result.figures["twin@5"].value
    few = replace(protocol, halves=(_first(left, 3), _first(right, 3)))
    assert baselines.evaluate_baseline("descriptors", few).axes == before.axes


def test_a_half_that_cannot_be_measured_changes_no_axes() -> None:
    """One of one colour has no domain size; its infinity would take that from all axes."""
    protocol = world()
    rng = np.random.default_rng(5)
    left, right = draw_frame_set(rng), draw_frame_set(rng)
    bad = _first(left, 1)
    bad = replace(bad, descriptors=np.full_like(bad.descriptors, np.inf))
    whole, with_bad = (
        baselines.evaluate_baseline("descriptors", replace(protocol, halves=halves))
        for halves in ((left, right), (_joined(bad, left), _joined(_first(right, 1), right)))
    )
    assert whole.axes == with_bad.axes == "sphered"
    assert repr(with_bad.result) == repr(whole.result)  # NaN is not equal to itself


def _joined(a: FrameSet, b: FrameSet) -> FrameSet:
    return FrameSet.joined([a, b])


def _first(frame_set: FrameSet, count: int) -> FrameSet:
    return frame_set[np.arange(count)]
