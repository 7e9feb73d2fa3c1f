"""The ratio of embedded frames, by a model whose ratios are known."""

from dataclasses import replace
from math import exp, log

import numpy as np
import pytest

from analysis.likelihood_ratio import PriorError, Ratio, load_embedding, of_pair, of_sets
from morphcore.training.checkpoint import CheckpointError
from morphcore.types import Latents
from store import checkpoints
from store.db import checkpoints_folder, open_store
from tests.factory import Made
from tests.known_ratio import embedding, give_ratio, model, without_ratio


def latents(value: float, *, area: float = 1.0, axes: int = 2) -> Latents:
    mean = np.full((1, axes), value, dtype=np.float32)
    return Latents(np.array([0]), mean, np.full_like(mean, -np.log(area)))


def test_the_ratio_is_the_models_with_the_interval_of_its_calibration() -> None:
    ratio = of_pair(embedding(axes=2), latents(1.0), latents(1.5))
    own = model(axes=2).log_ratio(np.full((1, 2), 1.0), np.full((1, 2), 1.5))[0]
    assert ratio is not None
    assert ratio.value == pytest.approx(own)
    # 95 % of two draws: 2.5 % of the way in from either.
    assert ratio.low == pytest.approx(own - 0.95 * log(2))
    assert ratio.high == pytest.approx(own + 0.95 * log(2))
    assert (ratio.capped, ratio.learnt_from) == (0, "replicates")
    assert (ratio.realisations, ratio.cells) == (162, 54)


def test_frames_of_half_the_area_scatter_twice_as_much() -> None:
    half = of_pair(embedding(axes=2), latents(-1.0, area=0.5), latents(1.0))
    own = model(axes=2).log_ratio(np.full((1, 2), -1.0), np.full((1, 2), 1.0), within_a=2.0)[0]
    whole = of_pair(embedding(axes=2), latents(-1.0), latents(1.0))
    assert half is not None
    assert whole is not None
    assert half.value == pytest.approx(own, rel=1e-5)
    assert half.value != pytest.approx(whole.value)


def test_frames_of_one_set_say_more_than_one_of_them() -> None:
    known = embedding(axes=2)
    pair = of_pair(known, latents(3.0), latents(3.0))
    two = of_sets(known, [latents(3.0), latents(3.0)], [latents(3.0), latents(3.0)])
    assert pair is not None
    assert two is not None
    assert two.value > pair.value


def test_a_set_of_halves_says_what_a_whole_frame_says() -> None:
    """Two halves that are independent have the mean, and the scatter, of their whole."""
    known = embedding(axes=2)
    halves = of_sets(known, [latents(0.5, area=0.5), latents(1.5, area=0.5)], [latents(1.2)])
    whole = of_pair(known, latents(1.0), latents(1.2))
    assert halves is not None
    assert whole is not None
    assert halves.value == pytest.approx(whole.value, rel=1e-5)


@pytest.mark.parametrize(("b", "capped"), [(6.0, 1), (-6.0, -1)])
def test_beyond_what_was_learnt_a_ratio_is_capped(b: float, capped: int) -> None:
    ratio = of_pair(embedding(1e6, axes=2), latents(6.0), latents(b))
    assert ratio is not None
    assert ratio.capped == capped
    assert exp(capped * ratio.value) == pytest.approx(45)


def test_without_a_calibration_there_is_no_ratio() -> None:
    assert of_pair(None, latents(0), latents(0)) is None
    assert of_pair(without_ratio(embedding(axes=2)), latents(0), latents(0)) is None


def test_the_posterior_has_the_odds_of_prior_times_ratio() -> None:
    ratio = Ratio(log(14), log(7), log(31), 0, "replicates", 162, 54)
    value, low, high = ratio.posterior(0.5)
    assert value == pytest.approx(14 / 15)
    assert (low, high) == pytest.approx((7 / 8, 31 / 32))
    assert replace(ratio, value=0.0).posterior(0.3)[0] == pytest.approx(0.3)


@pytest.mark.parametrize("prior", [0.0, 1.0, -1.0, float("nan")])
def test_a_prior_is_a_probability(prior: float) -> None:
    ratio = Ratio(0.0, 0.0, 0.0, 0, "halves", 0, 0)
    with pytest.raises(PriorError, match="between 0 and 1"):
        ratio.posterior(prior)


def test_an_embedding_is_read_from_its_checkpoint_alone(made: Made) -> None:
    with open_store(made.path) as db:
        assert load_embedding(made.path, checkpoints.by_id(db, made.checkpoint_id)) is None
    give_ratio(made, embedding())
    with open_store(made.path) as db:
        checkpoint = checkpoints.by_id(db, made.checkpoint_id)
    read = load_embedding(made.path, checkpoint)
    assert read is not None
    assert read.ratio is not None
    np.testing.assert_array_equal(read.ratio.model.between, model().between)
    (checkpoints_folder(made.path) / checkpoint.file).unlink()
    with pytest.raises(CheckpointError, match="missing"):
        load_embedding(made.path, checkpoint)
