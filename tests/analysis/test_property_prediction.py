"""What neighbours predict of a frame's properties, beside what is known of it."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.frame_query import FrameQuery, stored_frame
from analysis.latent_space import load_latent_space
from analysis.property_prediction import Prediction, predict_properties
from morphcore.evaluation.property_result import PropertyFigures
from morphcore.statistics.bootstrap import Figure
from store import evaluations, properties
from store.db import open_store
from tests.evaluated import evaluation
from tests.factory import Made
from tests.properties import add_properties


def _predictions(made: Made, query: FrameQuery, **rest: str) -> dict[str, Prediction]:
    space = load_latent_space(made.path, made.run_id)
    row = space.frames.row(query.frame_id or 50)
    predicted = predict_properties(
        made.path, space.run, space.frames, query, space.frames.coords[row], **rest
    )
    return {each.name: each for each in predicted}


def test_without_properties_nothing_is_predicted(made: Made) -> None:
    assert _predictions(made, stored_frame(made.path, 50)) == {}


def test_a_number_is_the_weighted_mean_of_ten_frames_of_other_trajectories(made: Made) -> None:
    current = add_properties(made)
    space = load_latent_space(made.path, made.run_id).frames
    predicted = _predictions(made, stored_frame(made.path, 50))["current"]
    query = space.row(50)
    assert query is not None
    others = np.flatnonzero(
        (space.trajectory_ids != space.trajectory_ids[query]) & ~space.unseparated
    )
    apart = np.linalg.norm(space.coords[others] - space.coords[query], axis=1)
    ten = np.argsort(apart)[:10]
    values = np.array([current[frame] for frame in space.frame_ids[others[ten]].tolist()])
    assert predicted.value == pytest.approx(np.average(values, weights=1 / apart[ten]), rel=1e-5)
    assert (predicted.low, predicted.high) == (values.min(), values.max())
    assert (predicted.neighbours, predicted.own) == (10, current[50])
    assert (predicted.r2, predicted.group) == (None, None)


def test_a_word_is_the_most_frequent_and_a_new_frame_has_none_of_its_own(made: Made) -> None:
    add_properties(made)
    query = replace(stored_frame(made.path, 50), frame_id=None)
    word = _predictions(made, query)["batch"]
    assert word.value in ("annealed", "as cast")
    assert word.votes is not None
    assert word.votes >= 5  # one of two words has at least half of ten
    assert word.own is None


def test_only_frames_that_have_the_property_are_asked(made: Made) -> None:
    with open_store(made.path) as db:
        properties.put(db, made.dataset_id, "E", {3: 1.0, 44: 2.0, 45: 3.0})  # 44, 45: its own
    predicted = _predictions(made, stored_frame(made.path, 50))["E"]
    assert (predicted.value, predicted.neighbours) == (1.0, 1)


def test_r2_is_that_of_the_last_evaluation_and_the_best_told_comes_first(made: Made) -> None:
    add_properties(made)
    with open_store(made.path) as db:
        properties.put(db, made.dataset_id, "a", dict.fromkeys(range(2, 60), 1.0))
        judged = PropertyFigures(
            name="current",
            dataset="blobs",
            group="cell",
            frames=114,
            groups=6,
            model=Figure(0.8),
            baselines={"f_logL": Figure(0.9)},
        )
        whole = replace(evaluation(), properties=(judged,))
        evaluations.add(db, made.checkpoint_id, whole)
    query = stored_frame(made.path, 50)
    predicted = _predictions(made, query)
    assert list(predicted) == ["current", "a", "batch"]
    assert (predicted["current"].r2, predicted["current"].group) == (0.8, "cell")
    assert predicted["a"].r2 is None
    assert _predictions(made, query, of="f_logL")["current"].r2 == 0.9
