"""The first scheme as it was, for the data sets that it made."""

import numpy as np
import pytest

from morphcore.simulation import cahn_hilliard, first_order
from morphcore.simulation.film_modes import K2, to_field, to_modes
from morphcore.simulation.medium import Medium, potential


@pytest.mark.parametrize("tau", [0.3, 75.0])
def test_time_steps_land_on_the_end_and_grow_in_few_rungs(tau):
    lengths = list(first_order.time_steps(0.0, 10_000 * tau, tau))
    assert sum(lengths) == pytest.approx(10_000 * tau)
    assert min(lengths) > 0
    assert lengths[0] == pytest.approx(0.2 * tau)
    assert 3.4 * tau < lengths[-2] <= 4.0 * tau
    assert len({round(length / tau, 9) for length in lengths[:-1]}) <= 22


@pytest.mark.parametrize("chi", [2.4, 4.0])
def test_a_step_is_the_stabilised_euler_step(chi):
    medium = Medium(chi=chi, kappa=5.0, alpha=0.01)
    u = cahn_hilliard.initial_field(0.543, np.random.default_rng(0))
    dt = 0.7 * medium.tau
    s = max(1.0, min(30.0, 2 / (1 - first_order.binodal(chi) ** 2)) - chi)
    explicit = (1 + dt * s * K2) * to_modes(u) - dt * K2 * to_modes(potential(u, medium))
    implicit = 1 + dt * s * K2 + dt * 5.0 * K2**2 + dt * 0.01 * (K2 > 0)
    step = first_order.coefficients(medium, dt)
    after = first_order.advance(first_order.begin(u), medium, step).u
    np.testing.assert_allclose(
        after, to_field((explicit / implicit).astype(np.complex64)), atol=1e-6
    )


def test_its_noise_is_white_down_to_the_pixel():
    medium = Medium(chi=3.4, kappa=5.0, temperature=1e-5)
    step = first_order.coefficients(medium, 0.5 * medium.tau)
    assert step.noise is not None
    decay = step.keep - step.drive * medium.curvature
    at_rest = step.noise.astype(float) ** 2 / (1 - decay.astype(float) ** 2 + 1e-12)
    expected = 1e-5 / (medium.curvature + 5.0 * K2)
    np.testing.assert_allclose(at_rest[20:], expected[20:], rtol=0.01)
    with pytest.raises(ValueError, match="needs rng"):
        first_order.advance(first_order.begin(np.full((100, 400), 0.5, np.float32)), medium, step)


def test_it_counts_its_time_steps_and_progress_ends_at_one():
    medium, times, shares = Medium(chi=2.4, kappa=12.0), np.array([40.0, 200.0]), []
    u = cahn_hilliard.initial_field(0.5, np.random.default_rng(0))
    fields = list(first_order.evolve(u, medium, times, shares.append))
    assert len(fields) == 2
    assert shares[-1] == 1.0
    count = first_order.count_time_steps(times, medium.tau)
    assert count == len(list(first_order.time_steps(0, 40, medium.tau))) + len(
        list(first_order.time_steps(40, 200, medium.tau))
    )
