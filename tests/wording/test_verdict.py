"""A verdict on a model, by an evaluation."""

from dataclasses import replace

import pytest

from morphcore.evaluation.result import BaselineFigures, Evaluation
from morphcore.statistics.bootstrap import Figure, Interval
from tests.evaluated import evaluation
from wording.verdict import Verdict, best_baseline, judged_by, verdict

ABOVE, WITHIN = Interval(0.03, 0.13), Interval(-0.03, 0.1)
BELOW = Interval(-0.2, -0.05)


def judged(
    to_best: Interval | None, to_scattering: Interval | None = ABOVE, metric: str = "twin@5_unseen"
) -> Evaluation:
    """An evaluation with these paired intervals; the difference itself is in their middle."""

    def figure(interval: Interval | None) -> Figure:
        return Figure(0.05 if interval is None else sum(interval) / 2, interval)

    paired = {metric: {"f_logL": figure(to_best), "scattering": figure(to_scattering)}}
    return replace(evaluation(verified=True), differences=paired)


def without_twins(made: Evaluation) -> Evaluation:
    return replace(made, split=replace(made.split, twins=0, twins_unseen=0))


def test_the_best_baseline_is_none_of_random_numbers_and_of_what_the_metric_is_made_of():
    made = evaluation(verified=True)
    assert best_baseline(made, "twin@5") == "f_logL"
    best = BaselineFigures(metrics={"D@5": Figure(0.01), "twin@5": Figure(0.99)}, axes="plain")
    made = replace(made, baselines={**made.baselines, "descriptors": best, "random": best})
    assert best_baseline(made, "D@5") == "f_logL"
    assert best_baseline(made, "twin@5") == "descriptors"
    assert best_baseline(replace(made, baselines={}), "twin@5") is None


def test_unseen_twins_count_where_there_are_some_then_all_twins_then_descriptors():
    assert judged_by(evaluation()) == "twin@5_unseen"
    assert judged_by(without_twins(evaluation())) == "twin@5"
    assert judged_by(evaluation(twins=False)) == "D@5"
    assert judged_by(replace(evaluation(), metrics={})) is None


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        (
            ABOVE,
            Verdict(
                kind="better",
                sentence="Better than all baselines at finding unseen processes: by 0.08 (0.03 to"
                " 0.13) than the best, area fraction and L.",
                badge="better than all baselines",
            ),
        ),
        (
            WITHIN,
            Verdict(
                kind="level",
                sentence="No better than area fraction and L at finding unseen processes: the"
                " difference is 0.04 (−0.03 to 0.10).",
                badge="no better than area fraction and L",
            ),
        ),
        (
            BELOW,
            Verdict(
                kind="worse",
                sentence="Worse than area fraction and L at finding unseen processes, by 0.12"
                " (0.05 to 0.20).",
                badge="worse than area fraction and L",
            ),
        ),
    ],
)
def test_a_difference_counts_where_its_paired_interval_leaves_out_nothing(
    interval: Interval, expected: Verdict
):
    assert replace(verdict(judged(interval)), training="") == expected


def test_one_cell_tells_no_difference():
    made = verdict(judged(None))
    assert made.kind == "level"
    assert "too few cells to tell a difference of 0.05." in made.sentence


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        (ABOVE, "Training adds 0.08 (0.03 to 0.13) to wavelet scattering, which needs none."),
        (
            WITHIN,
            "Training adds nothing that can be seen to wavelet scattering, which needs none: 0.04"
            " (−0.03 to 0.10).",
        ),
        (BELOW, "It is worse by 0.12 (0.05 to 0.20) than wavelet scattering, which needs no"),
    ],
)
def test_what_training_adds_is_said_beside_features_that_need_none(interval: Interval, words: str):
    made = verdict(judged(ABOVE, interval))
    assert made.training.startswith(words)
    assert made.words == f"{made.sentence} {made.training}"


def test_without_scattering_nothing_is_said_of_training():
    made = judged(ABOVE)
    older = {name: each for name, each in made.baselines.items() if name != "scattering"}
    assert verdict(replace(made, baselines=older)).training == ""


def test_a_model_that_codes_no_better_than_a_coin_flip_is_to_be_trained_longer():
    for nats in ("neg_elbo_nats", 27_726.0), ("neg_elbo_nats_per_pixel", 0.6932):
        made = judged(ABOVE)
        made = replace(made, metrics={**made.metrics, nats[0]: Figure(nats[1])})
        assert verdict(made).kind == "coin flip"
        assert "train it longer" in verdict(made).sentence
    broken = replace(
        made, metrics={**made.metrics, "neg_elbo_nats_per_pixel": Figure(float("nan"))}
    )
    assert verdict(broken).kind == "coin flip"


def test_what_was_not_evaluated_is_not_known():
    assert verdict(None).badge == "not evaluated yet"
    assert verdict(None).kind == "unknown"
    assert verdict(replace(evaluation(), baselines={})).kind == "unknown"


@pytest.mark.parametrize(
    ("ours", "theirs", "kind", "words"),
    [
        ((0.9, 0.85, 0.95), (0.7, 0.6, 0.8), "better", "by about 0.20 than the best"),
        ((0.5, 0.4, 0.55), (0.7, 0.6, 0.8), "worse", "by about 0.20."),
        ((0.7, 0.6, 0.8), (0.72, 0.6, 0.8), "level", "the difference is about −0.02."),
    ],
)
def test_an_older_evaluation_is_judged_by_whether_intervals_overlap(
    ours: tuple[float, float, float], theirs: tuple[float, float, float], kind: str, words: str
):
    def figure(value: float, low: float, high: float) -> Figure:
        return Figure(value, Interval(low, high))

    made = evaluation()
    best = BaselineFigures(metrics={"twin@5_unseen": figure(*theirs)}, axes="plain")
    made = replace(
        made,
        metrics={**made.metrics, "twin@5_unseen": figure(*ours)},
        baselines={"f_logL": best},
    )
    assert verdict(made).kind == kind
    assert words in verdict(made).sentence


@pytest.mark.parametrize(
    ("theirs", "kind"), [((0.4, 0.38, 0.42), "better"), ((0.1, 0.08, 0.12), "worse")]
)
def test_a_lower_distance_in_descriptors_is_better(theirs: tuple[float, float, float], kind: str):
    made = evaluation(twins=False)
    value, low, high = theirs
    best = BaselineFigures(metrics={"D@5": Figure(value, Interval(low, high))}, axes="plain")
    made = verdict(replace(made, baselines={"f_logL": best}))
    assert made.kind == kind
    assert "at finding frames alike in descriptors" in made.sentence
