"""Alignment of two trajectories by their latents: a slowed copy, stretches, and parting paths."""

from dataclasses import replace

import numpy as np
import pytest

from analysis import alignment, latent_path, latent_space
from analysis.alignment import smoothed
from analysis.latent_space import LatentSpace
from morphcore.statistics.split_half import Scale
from morphcore.types import Latents
from tests.factory import Made


@pytest.fixture
def space(made: Made) -> LatentSpace:
    return latent_space.load_latent_space(made.path, made.run_id)


def with_trajectories(space: LatentSpace, a: np.ndarray, b: np.ndarray) -> LatentSpace:
    """Trajectories 1 and 2 with these latents after a first frame of one colour; unit 1."""
    mean = space.latents.mean.copy()
    for trajectory, z in ((1, a), (2, b)):
        mean[np.flatnonzero(space.frames.trajectory_ids == trajectory)[1:]] = z
    latents = Latents(space.latents.frame_ids, mean, space.latents.logvar)
    ones = np.ones(1, dtype=np.float32)
    frames = replace(space.frames, coords=mean)
    return replace(
        space, frames=frames, latents=latents, scale=Scale(np.zeros((1, 16), np.float32), ones)
    )


def line(values: np.ndarray) -> np.ndarray:
    z = np.zeros((len(values), 16), dtype=np.float32)
    z[:, 0] = values
    return z


def index_of(space: LatentSpace, frame_ids: np.ndarray) -> list[int]:
    index = dict(zip(space.frames.frame_ids.tolist(), space.frames.index.tolist(), strict=True))
    return [index[frame_id] for frame_id in frame_ids.tolist()]


def test_a_slower_copy_is_aligned_exactly(space: LatentSpace) -> None:
    fast = np.minimum(2 * np.arange(19), 18)
    aligned = alignment.align(
        with_trajectories(space, line(np.arange(19.0)), line(fast)), 1, 2, same_within=0.5
    )
    assert aligned is not None
    a, b = index_of(space, aligned.a), index_of(space, aligned.b)
    near = {i: j for i, j in zip(a, b, strict=True) if i % 2 == 1}
    assert all(fast[j - 1] == i - 1 for i, j in near.items())  # index 0 is one colour
    assert aligned.distance.max() <= 1


def test_trajectories_that_part_are_cut_there(space: LatentSpace) -> None:
    z = 10 * np.arange(19.0)
    parted = line(z)
    parted[10:, 1] = 15.0
    aligned = alignment.align(with_trajectories(space, line(z), parted), 1, 2, same_within=2.0)
    assert aligned is not None
    count = len(aligned.a)
    cut = alignment.with_stretches(
        aligned,
        lengths=(np.full(count, 5.0), np.full(count, 6.0)),
        fractions=(np.full(count, np.nan), np.full(count, 0.5)),
        times=(np.arange(1.0, count + 1), 2 * np.arange(1.0, count + 1)),
    )
    together, apart = cut.stretches
    assert (together.together, apart.together) == (True, False)
    last = slice(together.last, together.last + 1)
    assert index_of(space, aligned.a[last]) == index_of(space, aligned.b[last]) == [10]
    assert apart.distance == pytest.approx(15.0)
    assert apart.length_ratio == pytest.approx(1.2)
    assert np.isnan(apart.fraction_step)
    assert apart.time_ratio == pytest.approx(2)


def test_without_a_unit_there_are_no_stretches(space: LatentSpace) -> None:
    aligned = alignment.align(replace(space, scale=None), 1, 2, same_within=2.0)
    assert aligned is not None
    assert aligned.same_within is None
    nothing = np.zeros(len(aligned.a))
    pair = (nothing, nothing)
    assert not alignment.with_stretches(aligned, lengths=pair, fractions=pair, times=None).stretches


def test_a_trajectory_that_never_separates_cannot_be_aligned(space: LatentSpace) -> None:
    frames = space.frames
    blank_frames = replace(frames, unseparated=frames.unseparated | (frames.trajectory_ids == 2))
    blank = replace(space, frames=blank_frames)
    assert alignment.align(blank, 1, 2, same_within=2.0) is None


@pytest.mark.parametrize(
    ("flags", "least", "expected"),
    [
        ("1110111", 2, "1111111"),
        ("1111000", 2, "1111000"),
        ("1010101", 2, "0000000"),
        ("0", 5, "0"),
        ("110011", 2, "110011"),
    ],
)
def test_short_runs_take_the_value_around_them(flags: str, least: int, expected: str) -> None:
    given = np.array([flag == "1" for flag in flags])
    out = smoothed(given, least=least)
    if expected.count("0") in (0, len(expected)) and len(set(flags)) > 1:
        assert len(set(out.tolist())) == 1
    else:
        assert "".join("1" if flag else "0" for flag in out) == expected
    assert "".join("1" if flag else "0" for flag in given) == flags


def test_the_speed_along_a_path_leaves_out_what_has_not_separated(space: LatentSpace) -> None:
    steps = np.log(np.arange(2.0, 21.0))
    moving = with_trajectories(space, line(3 * steps), line(steps))
    path = latent_path.of_trajectory(moving, 1, "step")
    assert len(path.frame_ids) == 19
    assert path.in_units
    assert path.speed == pytest.approx(np.full(19, 3.0), rel=1e-4)
    frames = latent_path.of_trajectory(
        with_trajectories(space, line(2.0 * np.arange(19)), line(steps)), 1, "frame"
    )
    assert frames.speed == pytest.approx(np.full(19, 0.1), rel=1e-4)  # its times are 20 apart
