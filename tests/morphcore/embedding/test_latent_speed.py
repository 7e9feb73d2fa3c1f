"""Latent speed: lines and powers whose derivative is known, and the peaks that are events."""

import numpy as np
import pytest

from morphcore.embedding.latent_speed import MOST_EVENTS, events, speed


def test_a_straight_line_has_its_slope_everywhere() -> None:
    clock = np.log(np.geomspace(4, 5100, 255))
    z = np.stack([3 * clock, -4 * clock, 0 * clock], axis=1).astype(np.float32)
    assert speed(z, clock) == pytest.approx(np.full(255, 5.0), rel=1e-4)


def test_uneven_times_do_not_matter() -> None:
    clock = np.sort(np.random.default_rng(0).random(80)) * 5
    z = np.stack([2 * clock], axis=1)
    assert speed(z, clock) == pytest.approx(np.full(80, 2.0))


def test_it_is_the_derivative_of_a_curve() -> None:
    clock = np.linspace(0, 6, 600)
    z = np.stack([np.cos(clock), np.sin(2 * clock)], axis=1)
    expected = np.hypot(np.sin(clock), 2 * np.cos(2 * clock))
    assert np.abs(speed(z, clock) - expected)[20:-20].max() < 0.02


def test_a_trajectory_that_stands_still_has_no_speed_and_no_events() -> None:
    z = np.ones((20, 16), dtype=np.float32)
    still = speed(z, np.arange(20.0))
    assert (still == 0).all()
    assert len(events(still)) == 0


@pytest.mark.parametrize("count", [0, 1])
def test_one_frame_has_no_speed(count: int) -> None:
    assert np.isnan(speed(np.zeros((count, 2)), np.arange(float(count)))).all()
    assert len(events(np.full(count, np.nan))) == 0


def test_events_are_the_maxima_that_stand_out() -> None:
    x = np.arange(200.0)
    bump = np.exp(-(((x - 50) / 8) ** 2)) + 0.6 * np.exp(-(((x - 140) / 8) ** 2))
    ripple = 0.05 * np.exp(-(((x - 100) / 3) ** 2))
    assert events(bump + ripple).tolist() == [50, 140]


def test_a_jump_in_latent_space_is_found_at_its_time() -> None:
    clock = np.log(np.geomspace(10, 1000, 200))
    z = np.tanh((clock - np.log(100)) / 0.3)[:, None]
    rows = events(speed(z, clock))
    assert len(rows) == 1
    assert np.exp(clock[rows[0]]) == pytest.approx(100, rel=0.03)


def test_there_are_few_events() -> None:
    waves = np.sin(np.arange(400) / 4)
    assert len(events(waves)) == MOST_EVENTS
