"""An evaluation in words, rows and charts."""

import pytest

from charts import evaluation as quality_charts
from tests.evaluated import NAMES, evaluation
from wording import evaluation as quality_words


def test_the_table_has_the_model_first_and_a_column_for_every_figure_there_is():
    evaluated = evaluation(twins=False)
    rows = quality_words.rows(evaluated)
    assert [row["Embedding"] for row in rows[:2]] == ["this model", "random numbers"]
    assert len(rows) == 1 + len(NAMES)
    assert "Twin recall@5" not in rows[0]
    assert rows[0]["Descriptor distance@5"] == 0.25


def test_the_best_baseline_is_the_highest_or_the_lowest_as_the_metric_has_it():
    evaluated = evaluation()
    assert quality_words.best(evaluated, "twin@5") == ("area fraction and L", 0.74)
    assert quality_words.best(evaluated, "D@5") == ("area fraction and L", pytest.approx(0.26))


def test_headlines_say_the_figure_its_interval_and_what_it_is_against():
    texts = {each.label: each for each in quality_words.headlines(evaluation())}
    _, value, beside, meaning = texts["Twin recall@5"]
    assert value == "66 %"
    assert beside.startswith("95 %: 59 % to 73 % · best baseline 74 % (area fraction and L)")
    assert "nearest of 60." in meaning
    assert texts["−ELBO, nats per frame"].value == "1,800"
    without = [each.label for each in quality_words.headlines(evaluation(twins=False))]
    assert not any("win" in label for label in without)


def test_how_frames_were_held_out_is_said():
    assert quality_words.split_words(evaluation()).startswith("Split by trajectory: 100 training")
    assert "twins" not in quality_words.split_words(evaluation(twins=False))


def test_bins_of_length_are_in_words_and_in_order():
    parts = quality_words.elbo_parts(evaluation())
    assert [(part.L, part.part) for part in parts[1:3]] == [
        ("8 to 12", "KL"),
        ("45 and more", "Reconstruction"),
    ]


@pytest.mark.parametrize(
    ("name", "first"), [("twin@5", "area fraction and L"), ("D@5", "this model")]
)
def test_the_dot_plot_has_the_best_above(name: str, first: str):
    spec = quality_charts.dots(evaluation(), name).to_dict()
    (rows,) = spec["datasets"].values()
    order = spec["layer"][0]["encoding"]["y"]["sort"]
    assert order[0] == first
    assert len(rows) == 1 + len(NAMES)
    mine = next(row for row in rows if row["mine"])
    assert mine["low"] < mine["value"] < mine["high"]


def test_dimensions_are_drawn_the_most_used_first():
    spec = quality_charts.kl_by_dimension([0.1, 2.0, 1.0]).to_dict()
    (rows,) = spec["datasets"].values()
    assert [row["nats"] for row in rows] == [2.0, 1.0, 0.1]
    assert quality_charts.nats_by_length(evaluation()).to_dict()["encoding"]["y"]["title"]


def test_the_unit_of_a_distance_in_words():
    noise = evaluation().noise
    assert noise is not None
    said = quality_words.unit_words(noise)
    assert "0.8 units apart" in said
    assert "**2.5**" in said
    assert "25 % are that near" in said
