"""Two frames of a store with PCA in the place of a model, and a scatter made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from analysis import comparison, frame_query, latent_space
from analysis.comparison import Comparison
from analysis.frame_query import FrameQuery
from analysis.latent_space import LatentSpace
from morphcore import frames
from morphcore.types import Scatter
from store import evaluations, scatter, trajectories
from store.db import open_store
from tests.evaluated import evaluation
from tests.factory import Made


@pytest.fixture
def space(made: Made) -> LatentSpace:
    with open_store(made.path) as db:
        ids = np.arange(2, 121, 7)
        scatter.add(db, made.checkpoint_id, Scatter(ids, np.full(len(ids), 2**0.5, np.float32)))
    return latent_space.load_latent_space(made.path, made.run_id)


def asked(made: Made, frame_id: int) -> FrameQuery:
    with open_store(made.path) as db:
        packed = trajectories.packed_bits(db, np.array([frame_id], dtype=np.int64))
    return FrameQuery(frames.unpack(packed[0]), frame_id, periodic=True)


def compared(made: Made, space: LatentSpace, a: int, b: int) -> Comparison:
    one, other = asked(made, a), asked(made, b)
    return comparison.compare(
        space,
        comparison.yardstick(made.path, space),
        (frame_query.embed(made.path, space, one), frame_query.embed(made.path, space, other)),
        (frame_query.describe(made.path, one), frame_query.describe(made.path, other)),
    )


def test_where_the_scatter_is_one_units_are_distances(made: Made, space: LatentSpace):
    found = compared(made, space, 30, 75)
    assert found.units == pytest.approx(found.distance, rel=1e-5)
    assert compared(made, space, 75, 30).units == pytest.approx(found.units)
    itself = compared(made, space, 30, 30)
    assert itself.units == 0.0
    assert itself.same
    assert all(each.sigmas == 0 for each in itself.differences)


def test_the_uncertainty_is_that_of_both_posteriors(made: Made, space: LatentSpace):
    """Every posterior of the store has the variance exp(-2) in every direction."""
    found = compared(made, space, 30, 75)
    assert found.uncertainty == pytest.approx(np.sqrt(2 * np.exp(-2.0)), rel=1e-5)


def test_the_line_between_same_and_other_is_that_of_the_newest_evaluation(
    made: Made, space: LatentSpace
):
    before = compared(made, space, 30, 75)
    assert (before.same_within, before.calibrated) == (2.0, False)
    with open_store(made.path) as db:
        evaluations.add(db, made.checkpoint_id, evaluation())
    after = compared(made, space, 30, 75)
    assert (after.same_within, after.calibrated) == (2.5, True)
    assert replace(after, units=2.5).same
    assert replace(after, units=2.6).same is False


def test_stored_descriptors_are_those_that_would_be_measured(made: Made):
    one = asked(made, 30)
    stored, measured = frame_query.describe(made.path, one), frame_query.measure_descriptors(one)
    for name, values in vars(measured).items():
        if name != "frame_ids":
            np.testing.assert_allclose(getattr(stored, name), values, rtol=1e-6)


def test_without_a_scatter_there_is_no_unit(made: Made):
    bare = latent_space.load_latent_space(made.path, made.run_id)
    found = compared(made, bare, 30, 75)
    assert found.units is None
    assert found.same is None


def test_a_frame_far_from_all_is_unlike_all(space: LatentSpace):
    usual = float(np.median(space.other_trajectory_distances))
    assert not comparison.is_outlier(space, usual)
    assert comparison.is_outlier(space, 100 * float(space.other_trajectory_distances[-1]))
    alone = replace(space, other_trajectory_distances=np.zeros(0, dtype=np.float32))
    assert not comparison.is_outlier(alone, 1e9)
