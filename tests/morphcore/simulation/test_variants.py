"""Every family against its physics: mass, energy, growth, walls, stripes, spacing."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import label

from morphcore.config import ConfigError, SimulationConfig
from morphcore.descriptors import measure
from morphcore.frames import binarise
from morphcore.simulation import cahn_hilliard, random_field, variants
from morphcore.simulation.cells import (
    FAMILIES,
    ZOO_CELLS,
    ZOO_HELD_OUT_CELLS,
    ZooCell,
    spread_zoo_cells,
)
from morphcore.types import Trajectory

SPECIAL = {
    "neutral": {},
    "wetting": {"h": 0.3, "walls": 2},
    "anisotropic": {"ratio": 4.0},
    "ohta-kawasaki": {"alpha": 0.03},
    "noisy": {"temperature": 0.2},
    "random-field": {},
}


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def cell(family: str, phi: float = 0.543, chi: float = 3.4, **special: float) -> ZooCell:
    return ZooCell(family=family, phi=phi, chi=chi, **(special or SPECIAL[family]))


def run(zoo_cell: ZooCell, steps: tuple[int, int] = (20, 100), seed: int = 0) -> Trajectory:
    """Simulate three frames between these steps."""
    config = SimulationConfig(
        phi=zoo_cell.phi, chi=zoo_cell.chi, frames=3, first_step=steps[0], last_step=steps[1]
    )
    return variants.simulate(config, zoo_cell, rng(seed))


# What all have in common


@pytest.mark.parametrize("family", [each for each in FAMILIES if each != "random-field"])
def test_mass_is_conserved(family):
    film = variants.medium(cell(family))
    start = cahn_hilliard.initial_field(0.543, rng())
    *_, u = cahn_hilliard.evolve(start, film, np.array([100.0, 200.0]) * film.tau, rng=rng(1))
    assert np.ptp(u) > 0.5  # it did separate
    assert u.mean(dtype=np.float64) == pytest.approx(start.mean(dtype=np.float64), abs=2e-7)


@pytest.mark.parametrize("family", ["wetting", "anisotropic", "ohta-kawasaki"])
def test_the_energy_does_not_rise(family):
    film = variants.medium(cell(family))
    u = cahn_hilliard.initial_field(0.543, rng())
    later = cahn_hilliard.evolve(u, film, np.arange(1, 61) * 4 * film.tau)
    energies = [variants.free_energy(each, film) for each in (u, *later)]
    assert np.diff(energies).max() < 1e-6 * abs(energies[0])
    assert energies[-1] < energies[0] - 100


@pytest.mark.parametrize("family", FAMILIES)
def test_equal_seeds_give_equal_frames_and_others_do_not(family):
    first, same, unlike = (run(cell(family), (4, 12), seed) for seed in (3, 3, 4))
    assert np.array_equal(first.frames, same.frames)
    assert not np.array_equal(first.frames[-1], unlike.frames[-1])


def test_the_neutral_film_is_the_thin_film():
    config = SimulationConfig(phi=0.543, chi=3.4, frames=3, last_step=30)
    neutral = variants.simulate(config, cell("neutral"), rng(2))
    thin_film = cahn_hilliard.simulate(config, rng(2))
    assert np.array_equal(neutral.frames, thin_film.frames)
    assert (neutral.family, thin_film.family) == ("neutral", "neutral")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_trajectory_says_what_it_is_and_progress_ends_at_one(family):
    shares: list[float] = []
    zoo_cell = cell(family)
    config = SimulationConfig(phi=zoo_cell.phi, chi=zoo_cell.chi, frames=2, last_step=12)
    made = variants.simulate(config, zoo_cell, rng(), shares.append)
    assert (made.family, made.cell, made.name) == (family, zoo_cell.name, zoo_cell.name)
    assert made.params.items() >= {"phi": 0.543, "chi": 3.4, **SPECIAL[family]}.items()
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


# The linear terms: small waves grow at the rate of theory


@pytest.mark.parametrize(("i", "j"), [(20, 0), (0, 10)])
@pytest.mark.parametrize("family", ["anisotropic", "ohta-kawasaki"])
def test_small_waves_grow_at_the_rate_of_linear_theory(family, i, j):
    film = variants.medium(cell(family))
    y, x = np.mgrid[:100, :400]
    wave = np.cos(2 * np.pi * i / 400 * x) * np.cos(np.pi * j / 100 * (y + 0.5))
    kx2, ky2 = (2 * np.pi * i / 400) ** 2, (np.pi * j / 100) ** 2
    state = cahn_hilliard.begin((0.5 + 1e-3 * wave).astype(np.float32))
    dt, steps = 0.01 * film.tau, 200
    coefficients = cahn_hilliard.coefficients(film, dt)
    for _ in range(steps):
        state = cahn_hilliard.advance(state, film, coefficients)
    amplitude = ((state.u - 0.5) * wave).sum() / (wave * wave).sum()
    rate = np.log(amplitude / 1e-3) / (steps * dt)
    kappa_y = film.kappa if film.kappa_y is None else film.kappa_y
    gradients = film.kappa * kx2 + kappa_y * ky2
    expected = -(kx2 + ky2) * (4 - 2 * film.chi + gradients) - film.alpha
    assert rate == pytest.approx(expected, rel=0.03)


# One family at a time


@pytest.mark.parametrize(("h", "colour"), [(0.4, True), (-0.4, False)])
@pytest.mark.parametrize("walls", [1, 2])
def test_a_wall_draws_a_layer_of_its_phase_and_leaves_the_other_behind_it(h, colour, walls):
    made = run(cell("wetting", 0.5, h=h, walls=walls))
    share = (binarise(made.frames[-1]) == colour).mean(axis=1)  # by row, from the top
    assert share[0] > 0.99
    assert share[8:16].min() < 0.2  # depleted
    assert 0.35 < share[40:60].mean() < 0.65
    assert (share[-1] > 0.99) == (walls == 2)


@pytest.mark.parametrize(("ratio", "lie"), [(3, True), (1 / 3, False)])
def test_stripes_lie_or_stand(ratio, lie):
    bits = binarise(run(cell("anisotropic", 0.5, ratio=ratio)).frames[-1])
    across_x = (bits != np.roll(bits, 1, axis=1)).mean()  # the mean chord in x is its inverse
    across_y = (bits[1:] != bits[:-1]).mean()
    longer = across_y / across_x if lie else across_x / across_y
    assert longer > 3


def test_bound_ends_stop_coarsening_where_free_ones_go_on():
    def growth(zoo_cell: ZooCell) -> float:
        length = measure.domain_length(binarise(run(zoo_cell, (250, 1000)).frames))
        return float(length[-1] / length[0])

    assert growth(cell("ohta-kawasaki", 0.5, alpha=0.06)) < 1.08
    assert growth(cell("neutral", 0.5)) > 1.25


@pytest.mark.parametrize("g", [0.05, 0.5, 4.0])
def test_a_pure_phase_fluctuates_as_theory_says_whatever_the_time_step(g):
    """Every wave of a resting phase has the variance T / (f'' + kappa k^2)."""
    temperature = 1e-5  # so little that f'' does not vary over it
    film = variants.medium(cell("noisy", temperature=temperature))
    m = cahn_hilliard.binodal(film.chi)
    state = cahn_hilliard.begin(np.full((100, 400), (1 + m) / 2, dtype=np.float32))
    coefficients, generator = cahn_hilliard.coefficients(film, g * film.tau), rng()
    power = np.zeros((100, 201))
    for step in range(240):
        state = cahn_hilliard.advance(state, film, coefficients, generator)
        if step >= 120:
            power += np.abs(state.modes) ** 2 / 120
    stiffness = 4 / (1 - m**2) - 2 * film.chi + film.kappa * cahn_hilliard.K2
    white = (
        np.abs(cahn_hilliard.to_modes(rng(1).standard_normal((100, 400)).astype(np.float32))) ** 2
    )
    for low, high in ((0.3, 1.0), (1.0, 3.0), (3.0, 9.0)):
        band = (low < cahn_hilliard.K2) & (high > cahn_hilliard.K2)
        variance = power[band].mean() / white[band].mean()
        assert variance == pytest.approx(temperature * (1 / stiffness[band]).mean(), rel=0.06)


def test_a_medium_with_a_temperature_needs_chance():
    film = variants.medium(cell("noisy"))
    with pytest.raises(ValueError, match="needs rng"):
        next(cahn_hilliard.evolve(cahn_hilliard.initial_field(0.5, rng()), film, np.array([1.0])))


def test_noise_roughens_interfaces():
    plain, hot = (
        binarise(run(cell(family, 0.5), (20, 60)).frames[-1]) for family in ("neutral", "noisy")
    )

    def specks(bits: np.ndarray) -> int:
        """Pixels that stick out: unlike the pixels to both sides."""
        return int(((bits[:, 1:-1] != bits[:, 2:]) & (bits[:, 1:-1] != bits[:, :-2])).sum())

    assert specks(hot) > 10 + 5 * specks(plain)


# Random fields


def covariance(bits: np.ndarray) -> np.ndarray:
    """Two-point covariance at lags up to 15 px in y and 30 px in x, as a share of the variance."""
    field = bits - bits.mean()
    products = [
        (field[dy:] * np.roll(field, dx, axis=1)[: 100 - dy]).mean()
        for dy in range(0, 16, 3)
        for dx in range(0, 31, 3)
    ]
    return np.array(products) / field.var()


def test_a_random_field_has_its_films_fraction_length_and_two_point_content():
    neutral = run(cell("neutral", 0.615), (20, 150), seed=1)
    made = random_field.without_dynamics(neutral.frames, rng(5))
    originals, randomised = binarise(neutral.frames), binarise(made)
    assert np.array_equal(originals.sum(axis=(1, 2)), randomised.sum(axis=(1, 2)))
    lengths = measure.domain_length(originals), measure.domain_length(randomised)
    np.testing.assert_allclose(*lengths, rtol=0.01)
    for original, random in zip(originals, randomised, strict=True):
        differ = covariance(original) - covariance(random)
        assert np.sqrt((differ**2).mean()) < 0.1
        assert abs(np.corrcoef(original.ravel(), random.ravel())[0, 1]) < 0.2  # elsewhere
    assert label(~randomised[-1])[1] < 0.7 * label(~originals[-1])[1]  # droplets hang together


def test_a_random_field_moves_on_as_smoothly_as_its_film():
    neutral = run(cell("neutral", 0.5), (95, 100))
    made = random_field.without_dynamics(neutral.frames, rng(5))
    changes = [(binarise(each[1]) != binarise(each[0])).mean() for each in (neutral.frames, made)]
    assert changes[1] < 4 * changes[0] < 0.1


def test_what_has_not_separated_stays_of_one_colour():
    gray = np.full((2, 100, 400), 200, dtype=np.uint8)
    gray[1, :, ::2] = 210
    shares: list[float] = []
    assert np.array_equal(random_field.without_dynamics(gray, rng(), shares.append), gray)
    assert shares == [0.5, 1.0]


# The cells


def test_the_zoo_has_sixty_cells_of_which_a_tenth_is_held_out():
    assert Counter(zoo_cell.family for zoo_cell in ZOO_CELLS) == dict.fromkeys(FAMILIES, 10)
    assert len({zoo_cell.name for zoo_cell in ZOO_CELLS}) == len(ZOO_CELLS) == 60
    assert set(ZOO_CELLS) > ZOO_HELD_OUT_CELLS
    assert Counter(zoo_cell.family for zoo_cell in ZOO_HELD_OUT_CELLS) == dict.fromkeys(FAMILIES, 1)


def test_all_families_have_the_same_blends_and_ratios_of_two_to_six():
    blends = {
        family: {
            (zoo_cell.phi, zoo_cell.chi) for zoo_cell in ZOO_CELLS if zoo_cell.family == family
        }
        for family in FAMILIES
    }
    assert len({frozenset(each) for each in blends.values()}) == 1
    ratios = [each.ratio for each in ZOO_CELLS if each.family == "anisotropic"]
    assert all(2 <= max(each, 1 / each) <= 6 for each in ratios)
    assert min(ratios) < 1 < max(ratios)


def test_some_of_the_cells_are_of_all_families():
    assert spread_zoo_cells(60) == ZOO_CELLS
    assert {each.family for each in spread_zoo_cells(6)} == set(FAMILIES)
    with pytest.raises(ConfigError, match="0 to 60"):
        spread_zoo_cells(61)


def test_names_tell_physics_apart():
    assert cell("neutral").name == "neutral-phi0.543-chi3.4"
    assert cell("wetting").name == "wetting-phi0.543-chi3.4-h0.3-xi3-walls2"
    assert cell("wetting").name != replace(cell("wetting"), walls=1).name


@pytest.mark.parametrize(
    "family", ["wetting", "anisotropic", "ohta-kawasaki", "noisy", "no such family"]
)
def test_a_cell_without_what_makes_its_family_is_refused(family):
    with pytest.raises(ConfigError, match=family):
        ZooCell(family=family, phi=0.5, chi=3.4)
