"""The film over time: where its steps land, how long they are, and how right they are."""

from dataclasses import replace

import numpy as np
import pytest

from morphcore.descriptors.measure import domain_length
from morphcore.simulation import bdf2, cahn_hilliard, evolution
from morphcore.simulation.evolution import NOISY_PARTS, TOLERANCE
from morphcore.simulation.medium import Medium

PLAIN = Medium(chi=2.8, kappa=8.0)


def start(phi: float = 0.543, seed: int = 0) -> np.ndarray:
    return cahn_hilliard.initial_field(phi, np.random.default_rng(seed))


def lengths(medium: Medium, times: np.ndarray) -> list[tuple[float, bool]]:
    rng = np.random.default_rng(1)
    return [(state.dt, end) for state, end in evolution.states(start(), medium, times, rng)]


@pytest.mark.parametrize("temperature", [0.0, 0.1])
def test_steps_land_on_every_time_and_grow_by_less_than_a_third(temperature):
    medium, times = replace(PLAIN, temperature=temperature), np.array([3.0, 3.5, 40.0, 41.0])
    times = times * PLAIN.tau
    taken = lengths(medium, times)
    reached = np.cumsum([dt for dt, _ in taken])
    np.testing.assert_allclose(
        [at for at, (_, end) in zip(reached, taken, strict=True) if end], times
    )
    steps = np.array([dt for dt, _ in taken])
    assert (steps > 0).all()
    assert (steps[1:] / steps[:-1]).max() < TOLERANCE.most_growth + 1e-6


def test_a_noisy_film_takes_the_steps_of_a_calm_one_in_parts():
    times = np.array([5.0, 30.0]) * PLAIN.tau
    calm, noisy = (lengths(replace(PLAIN, temperature=each), times) for each in (0.0, 0.1))
    assert len(noisy) == NOISY_PARTS * len(calm)
    np.testing.assert_allclose(
        [dt for dt, _ in noisy], np.repeat([dt for dt, _ in calm], NOISY_PARTS) / NOISY_PARTS
    )


def test_steps_are_short_while_waves_grow_and_long_in_a_film_at_rest():
    x = np.arange(400)
    stripe = np.where((x >= 100) & (x < 300), 0.88, 0.12)
    stripe = np.broadcast_to(stripe, (100, 400)).astype(np.float32)
    times = np.array([2000.0]) * PLAIN.tau
    resting = [state.dt for state, _ in evolution.states(stripe, PLAIN, times)]
    moving = [dt for dt, _ in lengths(PLAIN, np.array([20.0]) * PLAIN.tau)]
    assert max(moving) < 2 * PLAIN.tau
    assert max(resting) > 100 * PLAIN.tau


@pytest.mark.parametrize(("phi", "chi"), [(0.528, 2.4), (0.572, 4.0)])
def test_domains_have_the_size_that_much_finer_steps_give(phi, chi):
    medium = Medium(chi=chi, kappa=8.0)
    times = np.array([60.0, 120.0, 200.0]) * medium.tau
    fine, errors = bdf2.begin(start(phi)), []
    for state, end in evolution.states(start(phi), medium, times):
        for _ in range(5):
            fine = bdf2.advance(fine, medium, state.dt / 5).state
        if end:
            a, b = (domain_length((each.u >= 0.5)[None])[0] for each in (state, fine))
            errors.append(abs(np.log(a / b)))
    assert np.median(errors) < 0.02


def test_a_step_that_is_no_number_is_tried_again_shorter(monkeypatch: pytest.MonkeyPatch):
    real, tried = bdf2.advance, []

    def fail_when_long(state, medium, dt, **others):
        tried.append(dt)
        step = real(state, medium, dt, **others)
        return replace(step, error=float("nan")) if len(tried) == 3 else step

    monkeypatch.setattr(bdf2, "advance", fail_when_long)
    states = list(evolution.states(start(), PLAIN, np.array([0.4]) * PLAIN.tau))
    assert tried[3] <= 0.31 * tried[2]
    assert sum(state.dt for state, _ in states) == pytest.approx(0.4 * PLAIN.tau)


def test_progress_rises_with_the_expected_steps_and_ends_at_one():
    shares: list[float] = []
    times = np.array([20.0, 60.0]) * PLAIN.tau
    list(evolution.evolve(start(), PLAIN, times, shares.append))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) > 10
    taken = len(lengths(PLAIN, times))
    assert 0.4 < taken / evolution.expected_steps(float(times[-1]), PLAIN) < 2.5
