"""Charts of a tuning: what they draw of trials that are complete, given up, or under way."""

import pytest

from charts import tuning as charts
from morphcore.config import train_config
from morphcore.tuning import space as spaces
from morphcore.tuning.trials import Point, Trial

SPACE = spaces.space(train_config("two-level"))


def trial(number: int, value: float | None, state="complete", **settings: float) -> Trial:
    usual = spaces.usual_values(SPACE)
    return Trial(
        number=number,
        settings={**usual, **settings},
        state=state,
        value=value,
        points=(Point(1, 900.0),),
    )


TRIALS = [
    trial(1, 900.0),
    trial(2, 800.0, lr=7.5e-3),
    trial(3, None, "pruned", lr=3e-4),
    trial(4, 850.0, batch=8),
    trial(5, None, "running"),
]


def rows(chart) -> list[list[dict]]:
    """The rows of each layer."""
    spec = chart.to_dict()
    return [
        spec["datasets"][layer.get("data", spec.get("data"))["name"]] for layer in spec["layer"]
    ]


def test_the_history_shows_the_best_so_far_up_to_now_and_what_was_given_up():
    usual, line, points, given_up = rows(charts.history(TRIALS, "neg-elbo"))
    assert [row["value"] for row in usual] == [900.0]
    assert [(row["number"], row["value"]) for row in line] == [
        (1, 900.0),
        (2, 800.0),
        (4, 800.0),
        (5, 800.0),
    ]
    assert [row["number"] for row in points] == [1, 2, 4]
    assert [row["number"] for row in given_up] == [3]


def test_a_line_goes_through_all_settings_to_its_value_on_the_scale_of_each():
    drawn = rows(charts.parallel(SPACE, TRIALS, "neg-elbo"))[0]
    by_trial = {
        number: {row["axis"]: row["place"] for row in drawn if row["number"] == number}
        for number in (1, 2, 3, 4, 5)
    }
    assert by_trial[5] == {}
    assert by_trial[2]["Learning rate"] == pytest.approx(1.0)
    assert by_trial[3]["Learning rate"] == pytest.approx(0.0)
    assert by_trial[1]["Learning rate"] == pytest.approx(0.5)  # the usual one, on a log scale
    assert by_trial[4]["Frames a batch"] == pytest.approx(0.0)
    values = {number: by_trial[number].get("Validation −ELBO") for number in (1, 2, 3)}
    assert values == {1: 1.0, 2: 0.0, 3: None}


def test_nothing_tried_yet_and_one_trial_alone_can_be_drawn():
    for some in ([], TRIALS[:1], [TRIALS[2]]):
        charts.history(some, "retrieval").to_dict()
        charts.parallel(SPACE, some, "retrieval").to_dict()


def test_what_matters_stands_in_its_order():
    spec = charts.importances({"latent": 0.7, "lr": 0.3}).to_dict()
    assert spec["encoding"]["y"]["sort"] == ["Latents", "Learning rate"]
