"""The one figure of held-out -ELBO, whoever gives it."""

from dataclasses import replace

import pytest

from analysis import held_out_elbo
from exports import model_card
from morphcore.statistics.bootstrap import Figure
from morphcore.types import PIXELS
from store import evaluations, runs
from store.db import open_store
from tests.evaluated import evaluation
from tests.factory import Made


def test_before_an_evaluation_it_is_the_trainings_over_all_held_out_frames(made: Made):
    with open_store(made.path) as db:
        run = runs.run(db, made.run_id)
        elbo = held_out_elbo.of_run(db, run)
        assert elbo is not None
        assert elbo.nats == run.neg_elbo_nats
        assert elbo.pixels == PIXELS
        assert not elbo.separated
        untrained = runs.create(db, made.dataset_id, run.config, runs.split(db, made.run_id))
        assert held_out_elbo.of_run(db, runs.run(db, untrained)) is None


def test_once_judged_it_is_the_evaluations_but_for_a_training_that_goes_on(made: Made):
    with open_store(made.path) as db:
        evaluations.add(db, made.checkpoint_id, evaluation())
        run = runs.run(db, made.run_id)
        elbo = held_out_elbo.of_run(db, run)
        assert elbo == held_out_elbo.HeldOutElbo(1800.0, PIXELS, separated=True)
        going_on = held_out_elbo.of_run(db, run, shown=False)
        assert going_on is not None
        assert going_on.nats == run.neg_elbo_nats
        assert "1,800 nats per separated frame, 0.0450 nats per pixel" in model_card.card(db, run)


def test_pixels_are_those_that_the_evaluation_measured(made: Made):
    judged = evaluation()
    per_pixel = {"neg_elbo_nats_per_pixel": Figure(0.1)}
    with open_store(made.path) as db:
        judged = replace(judged, metrics={**judged.metrics, **per_pixel})
        evaluations.add(db, made.checkpoint_id, judged)
        elbo = held_out_elbo.of_run(db, runs.run(db, made.run_id))
    assert elbo is not None
    assert elbo.pixels == pytest.approx(18_000.0)
    assert elbo.nats_per_pixel == pytest.approx(0.1)


def test_an_evaluation_without_separated_held_out_frames_leaves_the_trainings(made: Made):
    with open_store(made.path) as db:
        evaluations.add(db, made.checkpoint_id, replace(evaluation(), metrics={}))
        elbo = held_out_elbo.of_run(db, runs.run(db, made.run_id))
    assert elbo is not None
    assert not elbo.separated
