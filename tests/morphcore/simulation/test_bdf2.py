"""One time step against theory: its order, mass, energy, growth of small waves, thermal noise."""

import numpy as np
import pytest

from morphcore.simulation import bdf2, cahn_hilliard, evolution, variants
from morphcore.simulation.cells import ZooCell
from morphcore.simulation.film_modes import K2, to_modes
from morphcore.simulation.medium import Medium, binodal, free_energy

WALL = tuple((-0.2 * np.exp(-np.arange(100) / 3)).tolist())
FILMS = {
    "plain": Medium(chi=2.8, kappa=8.0),
    "sharp": Medium(chi=4.0, kappa=8.0),
    "wall": Medium(chi=2.8, kappa=8.0, wall_potential=WALL),
    "anisotropic": Medium(chi=2.8, kappa=16.0, kappa_y=4.0),
    "bond": Medium(chi=2.8, kappa=8.0, alpha=0.01),
}


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def blobs() -> np.ndarray:
    """A smooth field of two phases, so that its modes are few and its steps have an order."""
    y, x = np.mgrid[:100, :400]
    wave = np.sin(2 * np.pi * 3 / 400 * x) * np.cos(np.pi * 2 / 100 * (y + 0.5))
    return (0.53 + 0.3 * np.tanh(2 * wave)).astype(np.float32)


def march(medium: Medium, steps: list[float]) -> bdf2.FilmState:
    state = bdf2.begin(blobs())
    for dt in steps:
        state = bdf2.advance(state, medium, dt).state
    return state


@pytest.mark.parametrize("ratio", [1.0, 1.3], ids=["equal steps", "unequal steps"])
@pytest.mark.parametrize("film", FILMS)
def test_halved_steps_have_a_quarter_of_the_error(film, ratio):
    medium = FILMS[film]
    longest = 0.2 * medium.tau

    def run(parts: int) -> np.ndarray:
        first = 2 * longest / (1 + ratio)
        # A short start: the first step alone is of first order.
        lengths = [longest * each for each in (1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3)]
        lengths += [first, first * ratio] * 6
        return march(medium, [length / parts for length in lengths for _ in range(parts)]).u

    reference = run(16)
    coarse, fine = (np.sqrt(((run(parts) - reference) ** 2).mean()) for parts in (1, 2))
    assert coarse > 2e-6  # above what float32 leaves
    assert 3.3 < coarse / fine < 5.5


@pytest.mark.parametrize("film", FILMS)
def test_mass_is_conserved_to_the_bit_and_neither_energy_rises(film):
    medium = FILMS[film]
    u = cahn_hilliard.initial_field(0.543, rng())
    energies, modified, longest = [free_energy(u, medium)], [], 0.0
    mass = to_modes(u)[0, 0]
    for state, _ in evolution.states(u, medium, np.array([30.0, 150.0]) * medium.tau):
        assert state.modes[0, 0] == mass
        energies.append(free_energy(state.u, medium))
        modified.append(bdf2.modified_energy(state, medium))
        longest = max(longest, state.dt)
    assert longest > medium.tau  # long steps, too
    rounding = 1e-6 * abs(energies[0])  # float32
    assert np.diff(energies).max() < rounding
    assert np.diff(modified).max() < rounding
    assert energies[-1] < energies[0] - 100  # it did separate


def test_the_modified_energy_is_the_energy_and_a_quarter_of_the_way_per_time():
    medium = FILMS["plain"]
    y, x = np.mgrid[:100, :400]
    k2 = (2 * np.pi * 5 / 400) ** 2 + (np.pi * 3 / 100) ** 2
    wave = 0.01 * np.cos(2 * np.pi * 5 / 400 * x) * np.cos(np.pi * 3 / 100 * (y + 0.5))
    before, after = blobs(), (blobs() + wave).astype(np.float32)
    state = bdf2.FilmState(to_modes(after), to_modes(before), 0.5)
    way = (wave**2).sum() / k2
    expected = free_energy(after, medium) + way / (4 * 0.5)
    assert bdf2.modified_energy(state, medium) == pytest.approx(expected, rel=1e-6)
    assert bdf2.modified_energy(bdf2.begin(after), medium) == free_energy(state.u, medium)


@pytest.mark.parametrize(("i", "j"), [(20, 0), (0, 10), (12, 5)])
@pytest.mark.parametrize("film", ["plain", "sharp", "anisotropic", "bond"])
def test_small_waves_grow_at_the_rate_of_linear_theory(film, i, j):
    medium = FILMS[film]
    y, x = np.mgrid[:100, :400]
    wave = np.cos(2 * np.pi * i / 400 * x) * np.cos(np.pi * j / 100 * (y + 0.5))
    kx2, ky2 = (2 * np.pi * i / 400) ** 2, (np.pi * j / 100) ** 2
    state = bdf2.begin((0.5 + 1e-3 * wave).astype(np.float32))
    dt, steps = 0.02 * medium.tau, 100
    for _ in range(steps):
        state = bdf2.advance(state, medium, dt).state
    amplitude = ((state.u - 0.5) * wave).sum() / (wave * wave).sum()
    rate = np.log(amplitude / 1e-3) / (steps * dt)
    kappa_y = medium.kappa if medium.kappa_y is None else medium.kappa_y
    gradients = medium.kappa * kx2 + kappa_y * ky2
    expected = -(kx2 + ky2) * (4 - 2 * medium.chi + gradients) - medium.alpha
    assert rate == pytest.approx(expected, rel=0.02)


def test_the_estimated_error_bounds_the_true_one_and_falls_with_it():
    """Of one step after a smooth start, against the same step in 16 parts."""
    medium = FILMS["plain"]
    start = march(medium, [1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 0.3, 0.3])
    ratios = []
    for dt in (0.3, 0.6):
        step = bdf2.advance(start, medium, dt)
        fine = start
        for _ in range(16):
            fine = bdf2.advance(fine, medium, dt / 16).state
        true = bdf2._norm(step.state.modes - fine.modes)
        assert true < step.error
        ratios.append(step.error / step.change)
    assert ratios[1] > 1.5 * ratios[0]


# Thermal noise


@pytest.mark.parametrize("g", [0.05, 0.5, 2.0])
def test_a_pure_phase_fluctuates_as_theory_says_whatever_the_time_step(g):
    """Every wave of a resting phase has the variance T exp(-k^2 l^2) / (f'' + kappa k^2)."""
    temperature = 1e-5  # so little that f'' does not vary over it
    film = variants.medium(ZooCell(family="noisy", phi=0.543, chi=3.4, temperature=temperature))
    m = binodal(film.chi)
    state = bdf2.begin(np.full((100, 400), (1 + m) / 2, dtype=np.float32))
    generator, power = rng(), np.zeros((100, 201))
    for step in range(240):
        state = bdf2.advance(state, film, g * film.tau, generator).state
        if step >= 120:
            power += np.abs(state.modes) ** 2 / 120
    stiffness = 4 / (1 - m**2) - 2 * film.chi + film.kappa * K2
    white = np.abs(to_modes(rng(1).standard_normal((100, 400)).astype(np.float32))) ** 2
    for low, high in ((0.1, 0.3), (0.3, 0.6), (0.6, 1.0)):
        band = (low < K2) & (high > K2)
        variance = power[band].mean() / white[band].mean()
        expected = temperature * (np.exp(-2.25 * K2) / stiffness)[band].mean()
        assert variance == pytest.approx(expected, rel=0.1)


def test_a_medium_with_a_temperature_needs_chance():
    film = Medium(chi=3.4, kappa=8.0, temperature=0.2)
    with pytest.raises(ValueError, match="needs rng"):
        bdf2.advance(bdf2.begin(blobs()), film, 0.1)
    with pytest.raises(ValueError, match="needs rng"):
        next(evolution.states(blobs(), film, np.array([1.0])))
