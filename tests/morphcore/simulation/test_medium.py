"""The material against theory: the energy and its slope, the binodal, the wall and the bond."""

import numpy as np
import pytest
from scipy.optimize import brentq

from morphcore.simulation.medium import LOG_FLOOR, Medium, binodal, free_energy, potential


@pytest.mark.parametrize("chi", [2.2, 2.8, 4.0])
def test_the_potential_is_the_slope_of_the_energy(chi):
    """f'(u) - kappa lap u, as the scheme has it, is dF/du of `free_energy`."""
    kappa = 5.0
    film = Medium(chi=chi, kappa=kappa)
    u = (0.5 + 0.3 * np.sin(np.arange(400) / 20) * np.cos(np.arange(100) / 9)[:, None]).astype(
        np.float32
    )
    y, x = np.mgrid[:100, :400]
    # A smooth wave of the film's own modes, along which the energy is differentiated.
    wave = np.cos(2 * np.pi * 3 / 400 * x) * np.cos(np.pi * 5 / 100 * (y + 0.5))
    k2 = (2 * np.pi * 3 / 400) ** 2 + (np.pi * 5 / 100) ** 2
    step = 0.01
    slope = (
        free_energy((u + step * wave).astype(np.float32), film)
        - free_energy((u - step * wave).astype(np.float32), film)
    ) / (2 * step)
    slopes = potential(u, film)
    np.testing.assert_allclose(
        slopes, np.log(u / (1 - u)) + chi * (1 - 2 * u), rtol=1e-4, atol=1e-5
    )
    expected = (slopes * wave).sum() + kappa * k2 * (u * wave).sum()  # lap wave = -k2 wave
    # Apart from f'''' of the finite difference, and what float32 leaves of a sum of both signs.
    assert slope == pytest.approx(expected, rel=1e-3, abs=1e-3 * np.abs(slopes * wave).sum())


@pytest.mark.parametrize(("i", "j"), [(0, 3), (8, 0), (11, 5), (200, 0)])
def test_the_gradient_energy_of_a_wave_is_half_kappa_k2_times_its_square(i, j):
    """Down to the shortest wave in x, i = 200, which has no partner of negative kx."""
    y, x = np.mgrid[:100, :400]
    wave = 0.2 * np.cos(2 * np.pi * i / 400 * x) * np.cos(np.pi * j / 100 * (y + 0.5))
    u = (0.5 + wave).astype(np.float32)
    k2 = (2 * np.pi * i / 400) ** 2 + (np.pi * j / 100) ** 2
    gradient_energy = free_energy(u, Medium(chi=2.4, kappa=12.0)) - free_energy(
        u, Medium(chi=2.4, kappa=0.0)
    )
    assert gradient_energy == pytest.approx(12.0 / 2 * k2 * (wave**2).sum(), rel=1e-4)


@pytest.mark.parametrize("u", [-0.03, 1.02])
def test_beyond_the_clipped_logarithm_the_energy_goes_on_with_its_slope(u):
    def energy(value: float) -> float:
        frame = np.full((100, 400), value, dtype=np.float32)
        return free_energy(frame, Medium(chi=2.4, kappa=12.0)) / 40_000

    edge = LOG_FLOOR if u < 0 else 1 - LOG_FLOOR
    expected = np.log(edge / (1 - edge)) + 2.4 * (1 - 2 * u)
    assert (energy(u + 0.01) - energy(u - 0.01)) / 0.02 == pytest.approx(expected, rel=1e-4)
    assert energy(edge) == pytest.approx(_mixing(2.4)(edge), rel=1e-4)


@pytest.mark.parametrize(("chi", "m"), [(2.2, 0.5030), (2.4, 0.6586), (3.0, 0.8586), (4.0, 0.9575)])
def test_binodal_is_the_root_of_its_equation(chi, m):
    root = brentq(lambda m: m - np.tanh(chi * m / 2), 0.05, 1)
    assert binodal(chi) == pytest.approx(root, abs=1e-9)
    assert binodal(chi) == pytest.approx(m, abs=2e-4)


def test_the_wall_and_the_bond_have_their_share_of_the_energy():
    y, x = np.mgrid[:100, :400]
    wave = 0.2 * np.cos(2 * np.pi * 6 / 400 * x) * np.cos(np.pi * 4 / 100 * (y + 0.5))
    u = (0.5 + wave).astype(np.float32)
    k2 = (2 * np.pi * 6 / 400) ** 2 + (np.pi * 4 / 100) ** 2
    wall = -0.3 * np.exp(-np.arange(100) / 3)
    plain = Medium(chi=2.4, kappa=8.0)
    walled = Medium(chi=2.4, kappa=8.0, wall_potential=tuple(wall.tolist()))
    bound = Medium(chi=2.4, kappa=8.0, alpha=0.05)
    energy = free_energy(u, plain)
    assert free_energy(u, walled) - energy == pytest.approx((wall[:, None] * u).sum(), rel=1e-4)
    expected = 0.05 / 2 * (wave**2).sum() / k2
    assert free_energy(u, bound) - energy == pytest.approx(expected, rel=1e-3)
    np.testing.assert_allclose(
        potential(u, walled) - potential(u, plain),
        np.broadcast_to(wall[:, None], u.shape),
        atol=1e-6,
    )


def _mixing(chi: float):
    return lambda v: v * np.log(v) + (1 - v) * np.log(1 - v) + chi * v * (1 - v)
