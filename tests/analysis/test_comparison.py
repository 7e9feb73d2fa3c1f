"""Two frames of a store with PCA in the place of a model, and a scatter made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from analysis import comparison, latent_space
from analysis.comparison import Comparison
from analysis.frame_query import describe, measure_descriptors, stored_frame
from analysis.latent_space import LatentSpace
from analysis.likelihood_ratio import of_pair
from morphcore.types import Scatter
from store import evaluations, scatter
from store.db import checkpoints_folder, open_store
from tests.evaluated import evaluation
from tests.factory import Made
from tests.known_ratio import embedding, give_ratio


@pytest.fixture
def space(made: Made) -> LatentSpace:
    with open_store(made.path) as db:
        ids = np.arange(2, 121, 7)
        scatter.add(db, made.checkpoint_id, Scatter(ids, np.full(len(ids), 2**0.5, np.float32)))
    return latent_space.load_latent_space(made.path, made.run_id)


def compared(made: Made, space: LatentSpace, a: int, b: int) -> Comparison:
    return comparison.compare(
        made.path,
        space,
        stored_frame(made.path, a),
        stored_frame(made.path, b),
        reference=comparison.load_reference(made.path, space),
    )


def test_where_the_scatter_is_one_units_are_distances(made: Made, space: LatentSpace):
    comparison = compared(made, space, 30, 75)
    assert comparison.units == pytest.approx(comparison.distance, rel=1e-5)
    assert compared(made, space, 75, 30).units == pytest.approx(comparison.units)
    itself = compared(made, space, 30, 30)
    assert itself.units == 0.0
    assert itself.same
    assert all(each.sigmas == 0 for each in itself.differences if each.name != "contrast")


def test_the_uncertainty_is_that_of_both_posteriors(made: Made, space: LatentSpace):
    """Every posterior of the store has the variance exp(-2) in every direction."""
    comparison = compared(made, space, 30, 75)
    assert comparison.uncertainty == pytest.approx(np.sqrt(2 * np.exp(-2.0)), rel=1e-5)


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
    query = stored_frame(made.path, 30)
    stored, measured = describe(made.path, query), measure_descriptors(query)
    for name, values in vars(measured).items():
        if name != "frame_ids":
            np.testing.assert_allclose(getattr(stored, name), values, rtol=1e-6)


def test_without_a_scatter_there_is_no_unit(made: Made):
    bare = latent_space.load_latent_space(made.path, made.run_id)
    comparison = compared(made, bare, 30, 75)
    assert comparison.units is None
    assert comparison.same is None


def test_a_frame_far_from_all_is_an_outlier(space: LatentSpace):
    usual = float(np.median(space.other_trajectory_distances))
    assert not space.is_outlier(usual)
    assert space.is_outlier(100 * float(space.other_trajectory_distances[-1]))
    alone = replace(space, other_trajectory_distances=np.zeros(0, dtype=np.float32))
    assert not alone.is_outlier(1e9)


def test_a_comparison_holds_both_frames_with_their_descriptors(made: Made, space: LatentSpace):
    result = compared(made, space, 30, 75)
    assert (result.a.query.frame_id, result.b.query.frame_id) == (30, 75)
    fraction = result.differences[0]
    assert fraction.a == result.a.descriptors.fraction[0] == result.a.query.bits.mean()
    assert not result.a.is_outlier
    apart = result.a.latents.mean[0] - result.b.latents.mean[0]
    assert result.distance == pytest.approx(float(np.linalg.norm(apart)))


def with_ratio(made: Made, space: LatentSpace, a: int, b: int) -> Comparison:
    return comparison.compare(
        made.path,
        space,
        stored_frame(made.path, a),
        stored_frame(made.path, b),
        reference=comparison.load_reference(made.path, space),
        embedding=lambda _store, _checkpoint: embedding(50.0),
    )


def test_a_model_with_a_ratio_answers_with_it_and_not_by_units(made: Made, space: LatentSpace):
    result = with_ratio(made, space, 30, 75)
    assert result.ratio is not None
    assert result.ratio == of_pair(embedding(50.0), result.a.latents, result.b.latents)
    assert result.units is not None
    assert result.same is None
    assert compared(made, space, 30, 75).ratio is None  # its checkpoint has none


def test_a_frame_unlike_all_has_no_ratio(made: Made):
    with open_store(made.path) as db:
        far = np.full(16, 1e3, dtype="<f4").tobytes()
        db.execute("UPDATE latents SET mean = ? WHERE frame_id = 30", [far])
    space = latent_space.load_latent_space(made.path, made.run_id)
    result = with_ratio(made, space, 30, 75)
    assert result.a.is_outlier
    assert result.ratio is None
    assert result.same is None


def test_a_frame_that_has_not_separated_has_no_ratio(made: Made, space: LatentSpace):
    with open_store(made.path) as db:
        db.execute("UPDATE descriptors SET contrast = 0.05 WHERE frame_id = 75")
    assert with_ratio(made, space, 30, 75).ratio is None
    assert with_ratio(made, space, 30, 76).ratio is not None


def test_stored_frames_are_compared_without_the_models_file(made: Made):
    give_ratio(made, embedding(50.0))
    space = latent_space.load_latent_space(made.path, made.run_id)
    assert compared(made, space, 30, 75).ratio is not None
    (checkpoints_folder(made.path) / "known.pt").unlink()
    result = compared(made, space, 30, 75)
    assert result.ratio is None
    assert result.ratio_error is not None
    assert "is missing" in result.ratio_error
    assert result.distance > 0
