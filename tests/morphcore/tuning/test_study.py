"""What is tried next, what is given up, what matters: known answers on functions, not models."""

from math import log

import pytest

from morphcore.config import train_config
from morphcore.tuning import space as spaces
from morphcore.tuning import study
from morphcore.tuning.trials import Objective, Point, Trial, best, best_so_far

SPACE = spaces.space(train_config("two-level"))


def search(count: int, value, objective: Objective = "neg-elbo", seed: int = 0) -> list[Trial]:
    """Trials one after the other, each worth `value` of its settings."""
    trials: list[Trial] = []
    for number in range(1, count + 1):
        settings = study.propose(SPACE, trials, objective, number=number, seed=seed)
        ended = Trial(number=number, settings=settings, state="complete", value=value(settings))
        trials.append(ended)
    return trials


def of_rate(settings) -> float:
    """Least, 0, at a rate of 0.004."""
    return log(settings["lr"] / 4e-3) ** 2


def test_the_first_trial_has_the_usual_settings_and_all_lie_within_the_space():
    trials = search(12, of_rate)
    assert trials[0].settings == {"lr": 1.5e-3, "batch": 16, "latent": 16, "channels": 1.0}
    for trial in trials:
        for each in SPACE:
            value, (low, high) = trial.settings[each.name], each.ends
            assert low <= value <= high
            assert not each.options or value in each.options
            assert not each.whole or isinstance(value, int)


def test_what_is_tried_depends_on_the_seed_and_on_the_trials_so_far_alone():
    trials = search(9, of_rate)
    again = study.propose(SPACE, trials[:7][::-1], "neg-elbo", number=8, seed=0)
    assert again == trials[7].settings
    assert again != study.propose(SPACE, trials[:7], "neg-elbo", number=8, seed=1)
    others = search(7, lambda settings: -of_rate(settings))
    assert again != study.propose(SPACE, others, "neg-elbo", number=8, seed=0)


@pytest.mark.parametrize("objective", ["neg-elbo", "retrieval"])
def test_later_trials_are_nearer_to_the_best_settings(objective: Objective):
    sign = 1 if objective == "neg-elbo" else -1
    trials = search(30, lambda settings: sign * of_rate(settings), objective)
    at_random, learnt = trials[:6], trials[-10:]
    means = [
        sum(of_rate(trial.settings) for trial in some) / len(some) for some in (at_random, learnt)
    ]
    assert means[1] < means[0] / 2
    found = best(trials, objective)
    assert found is not None
    assert of_rate(found.settings) < 0.05


def complete(number: int, *nats: float) -> Trial:
    points = tuple(Point(rung, each) for rung, each in enumerate(nats, 1))
    settings = spaces.usual_values(SPACE)
    return Trial(number=number, settings=settings, state="complete", value=nats[-1], points=points)


def running(*nats: float) -> Trial:
    points = tuple(Point(rung, each) for rung, each in enumerate(nats, 1))
    return Trial(number=9, settings=spaces.usual_values(SPACE), points=points)


def test_a_trial_above_the_median_of_the_complete_ones_is_given_up():
    ended = [complete(number, 10.0, 9.0 + number, 5.0) for number in range(1, 5)]
    assert study.hopeless(SPACE, ended, running(20.0, 12.0))  # the median is 11.5
    assert not study.hopeless(SPACE, ended, running(20.0, 11.0))
    assert not study.hopeless(SPACE, ended, running(20.0))  # too early to say
    assert not study.hopeless(SPACE, ended[:3], running(20.0, 12.0))  # too few to say
    assert not study.hopeless(SPACE, ended, running())


def test_the_setting_that_matters_is_found_and_few_trials_say_nothing():
    trials = search(25, of_rate)
    shares = study.importances(SPACE, trials, "neg-elbo")
    assert next(iter(shares)) == "lr"
    assert shares["lr"] > 0.7
    assert sum(shares.values()) == pytest.approx(1)
    assert study.importances(SPACE, trials[:5], "neg-elbo") == {}
    assert study.importances(SPACE, search(8, lambda _: 3.0), "neg-elbo") == {}


def test_trials_without_a_value_are_neither_best_nor_in_the_way():
    settings = spaces.usual_values(SPACE)
    trials = [
        complete(1, 7.0),
        Trial(number=2, settings=settings, state="pruned", points=(Point(2, 1.0),)),
        Trial(number=3, settings=settings, state="failed"),
        complete(4, 6.0),
        complete(5, 8.0),
    ]
    assert best(trials, "neg-elbo") == trials[3]
    assert best(trials, "retrieval") == trials[4]
    assert best_so_far(trials, "neg-elbo") == [(1, 7.0), (4, 6.0), (5, 6.0)]
    assert best_so_far(trials, "retrieval") == [(1, 7.0), (4, 7.0), (5, 8.0)]
    assert best(trials[1:3], "neg-elbo") is None
    assert study.propose(SPACE, trials, "neg-elbo", number=6, seed=0).keys() == settings.keys()


def test_a_space_goes_through_json_and_has_the_usual_values_of_a_data_set():
    of_large_frames = spaces.space(train_config("seed", batch=4))
    assert spaces.of_json(spaces.to_json(of_large_frames)) == of_large_frames
    batch = next(each for each in of_large_frames if each.name == "batch")
    assert batch.options == (4, 8)
    assert "channels" in spaces.usual_values(of_large_frames)
