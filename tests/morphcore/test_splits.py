import numpy as np
import pytest

from morphcore import frames, splits

RNG = np.random.default_rng(0)
IDS = np.arange(100, 200)
OWNERS = np.repeat(np.arange(10), 10)


@pytest.mark.parametrize("by", ["frame", "trajectory"])
def test_a_split_is_a_partition_and_equal_seeds_split_equally(by: str) -> None:
    divisions = [
        splits.split(IDS, OWNERS, by=by, held_out_share=0.2, rng=np.random.default_rng(seed))
        for seed in (1, 1, 2)
    ]
    for division in divisions:
        assert len(division.held_out) == 20
        assert sorted([*division.training, *division.held_out]) == IDS.tolist()
    assert (divisions[0].held_out == divisions[1].held_out).all()
    assert (divisions[0].held_out != divisions[2].held_out).any()


def test_a_split_by_trajectory_never_divides_one() -> None:
    division = splits.split(
        IDS, OWNERS, by="trajectory", held_out_share=0.3, rng=np.random.default_rng(0)
    )
    held = set(OWNERS[np.isin(IDS, division.held_out)])
    assert len(held) == 3
    assert not held & set(OWNERS[np.isin(IDS, division.training)])


def test_named_trajectories_are_held_out_whatever_the_seed() -> None:
    for seed in range(3):
        division = splits.split(
            IDS,
            OWNERS,
            by="trajectory",
            held_out_share=0.2,
            rng=np.random.default_rng(seed),
            held_out_trajectories={3, 7},
        )
        assert set(OWNERS[np.isin(IDS, division.held_out)]) == {3, 7}


def test_one_trajectory_cannot_be_split_by_trajectory() -> None:
    with pytest.raises(frames.FrameError):
        splits.split(IDS, np.zeros(100, int), by="trajectory", held_out_share=0.2, rng=RNG)


@pytest.mark.parametrize("by", ["frame", "trajectory"])
def test_validation_is_a_part_of_the_training_frames_and_held_out_ones_stay(by: str) -> None:
    before = splits.split(IDS, OWNERS, by=by, held_out_share=0.2, rng=np.random.default_rng(0))
    after = splits.with_validation(before, IDS, OWNERS, share=0.25, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(after.held_out, before.held_out)
    np.testing.assert_array_equal(np.union1d(after.training, after.validation), before.training)
    assert (len(after.training), len(after.validation)) == (60, 20)
    np.testing.assert_array_equal(after.measured, after.validation)
    np.testing.assert_array_equal(before.measured, before.held_out)
    if by == "trajectory":
        owners = [set(OWNERS[np.isin(IDS, ids)]) for ids in (after.training, after.validation)]
        assert not owners[0] & owners[1]


def test_validation_by_trajectory_needs_two_training_ones() -> None:
    owners = np.repeat([1, 2], 50)
    rng = np.random.default_rng(0)
    before = splits.split(IDS, owners, by="trajectory", held_out_share=0.5, rng=rng)
    with pytest.raises(frames.FrameError, match="two training trajectories"):
        splits.with_validation(before, IDS, owners, share=0.25, rng=rng)
