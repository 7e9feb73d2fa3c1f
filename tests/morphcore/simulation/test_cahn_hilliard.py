"""The film against theory: phases, interface, symmetry, coarsening; schedules, trajectories."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq

from morphcore.config import SimulationConfig
from morphcore.descriptors import measure
from morphcore.frames import binarise
from morphcore.simulation import cahn_hilliard, evolution
from morphcore.simulation.cells import CELLS
from morphcore.simulation.fit import fit
from morphcore.simulation.medium import Medium, binodal


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def medium(chi: float) -> Medium:
    return Medium(chi=chi, kappa=fit(chi).kappa)


def fields(u: np.ndarray, chi: float, last: float, count: int) -> list[np.ndarray]:
    """The film at `count` times up to `last`, in units of tau."""
    film = medium(chi)
    return list(evolution.evolve(u, film, np.linspace(last / count, last, count) * film.tau))


# Phases and interface


@pytest.mark.parametrize("chi", [2.4, 3.6])
def test_a_relaxed_stripe_has_the_phases_and_the_interface_of_theory(chi):
    film, m = medium(chi), binodal(chi)
    x = np.arange(400)
    start = np.where((x >= 100) & (x < 300), 0.75, 0.25)
    start = np.broadcast_to(start, (100, 400)).astype(np.float32)
    u = fields(start, chi, 500, 1)[0]
    assert np.ptp(u, axis=0).max() < 1e-4  # nothing but the walls' no-flux could break this
    row = CubicSpline(x, u[0].astype(np.float64))
    assert row(200) == pytest.approx((1 + m) / 2, rel=0.01)
    assert row(0) == pytest.approx((1 - m) / 2, abs=0.01)
    # At rest kappa/2 u'^2 = f(u) - f(binodal): x as an integral over u, from the middle outwards.
    f = _mixing(chi)
    high = (1 + m) / 2

    def slope(v: float) -> float:
        return np.sqrt(2 * (f(v) - f(high)) / film.kappa)

    middle = brentq(lambda position: row(position) - 0.5, 95, 105)
    assert row(middle, 1) == pytest.approx(slope(0.5), rel=0.02)
    levels = 0.5 + m / 2 * np.array([0.2, 0.4, 0.6, 0.8, 0.9, 0.95])
    positions = [middle + quad(lambda v: 1 / slope(v), 0.5, v)[0] for v in levels]
    np.testing.assert_allclose(row(positions), levels, atol=0.01 * m)


@pytest.mark.parametrize(("phi", "chi", "step"), [(0.543, 2.4, 2000), (0.572, 2.8, 1000)])
def test_the_white_fraction_follows_the_lever_rule(phi, chi, step):
    bits = _bits(phi, chi, last_step=step, frames=2)
    lever = 0.5 + (phi - 0.5) / binodal(chi)
    assert lever > phi + 0.015  # so that the rule differs from none
    assert measure.fraction(bits)[-1] == pytest.approx(lever, abs=0.01)


def test_before_it_separates_the_film_is_white_above_one_half():
    bits = _bits(0.6, 2.4, last_step=20, frames=4)
    assert bits.all()


# Symmetry and chance


@pytest.mark.parametrize(
    "move",
    [lambda u: np.roll(u, 137, axis=1), lambda u: u[::-1, ::-1].copy()],
    ids=["roll", "mirror"],
)
def test_rolling_or_mirroring_the_noise_does_the_same_to_the_frames(move):
    start = cahn_hilliard.initial_field(0.528, rng())
    straight = fields(start, 3.2, 100, 3)
    moved = fields(move(start), 3.2, 100, 3)
    for before, after in zip(straight, moved, strict=True):
        np.testing.assert_allclose(move(before), after, atol=5e-3)
    assert np.ptp(straight[-1]) > 0.8  # it did separate, so that rounding could have grown


def test_walls_let_nothing_through():
    """A bump at the top wall is not felt at the bottom one, as it would be if y wrapped."""
    start = np.full((100, 400), 0.5, dtype=np.float32)
    start[:3] = 0.53
    start += np.float32(0.5) - start.mean()
    u = fields(start, 2.4, 1, 1)[0]
    assert abs(u[0] - u[50]).max() > 1e-3
    assert abs(u[99] - u[50]).max() < 1e-4


def test_equal_seeds_give_equal_frames_and_others_do_not():
    config = SimulationConfig(phi=0.528, chi=3.2, frames=6, last_step=20)
    first, same = (cahn_hilliard.simulate(config, rng(3)) for _ in range(2))
    unlike = cahn_hilliard.simulate(config, rng(4))
    assert np.array_equal(first.frames, same.frames)
    assert not np.array_equal(first.frames[-1], unlike.frames[-1])


# Coarsening


def test_domains_grow_with_an_exponent_near_one_third():
    exponents = []
    for seed, phi in enumerate((0.528, 0.558)):
        config = SimulationConfig(phi=phi, chi=3.2, frames=20, first_step=30, last_step=500)
        frames = cahn_hilliard.simulate(config, rng(seed))
        length = measure.domain_length(binarise(frames.frames))
        exponents.append(np.polyfit(np.log(frames.times), np.log(length), 1)[0])
    assert 0.25 < np.mean(exponents) < 0.36


# Schedules and the trajectory


def test_linear_steps_are_those_of_the_published_set():
    config = SimulationConfig(phi=0.5, chi=2.4, schedule="linear")
    assert cahn_hilliard.frame_steps(config).tolist() == list(range(20, 5101, 20))


def test_geometric_steps_have_equal_ratios():
    config = SimulationConfig(phi=0.5, chi=2.4)
    steps = cahn_hilliard.frame_steps(config)
    assert (len(steps), steps[0], steps[-1]) == (255, 4, 5100)
    late = steps[steps > 1000]
    np.testing.assert_allclose(late[1:] / late[:-1], (5100 / 4) ** (1 / 254), rtol=0.001)


@pytest.mark.parametrize("schedule", ["geometric", "linear"])
@pytest.mark.parametrize(
    ("frames", "first", "last"),
    [(2, 1, 2), (97, 4, 100), (96, 4, 100), (2000, 1, 2000), (50, 1, 60)],
)
def test_steps_always_rise_and_end_at_the_last(schedule, frames, first, last):
    config = SimulationConfig(
        phi=0.5, chi=2.4, frames=frames, schedule=schedule, first_step=first, last_step=last
    )
    steps = cahn_hilliard.frame_steps(config)
    assert len(steps) == frames
    assert steps[-1] == last
    assert np.diff(steps).min() >= 1
    assert steps[0] == first if schedule == "geometric" else steps[0] >= 1


def test_the_trajectory_says_what_it_is():
    config = SimulationConfig(phi=0.543, chi=2.4, frames=3, last_step=30)
    trajectory = cahn_hilliard.simulate(config, rng())
    assert trajectory.name == "phi0.543-chi2.4"
    assert trajectory.params == {"phi": 0.543, "chi": 2.4, "kappa": 8.0}
    assert trajectory.periodic
    assert trajectory.time_unit == "step"
    assert trajectory.times.tolist() == [4, 11, 30]


def test_gray_is_the_field():
    config = SimulationConfig(phi=0.528, chi=3.2, frames=2, last_step=30)
    start = cahn_hilliard.initial_field(0.528, rng(5))
    *_, u = evolution.evolve(start, medium(3.2), cahn_hilliard.times_of(config))
    gray = cahn_hilliard.simulate(config, rng(5)).frames[-1]
    assert np.abs(gray / 255 - np.clip(u, 0, 1)).max() <= 0.5 / 255 + 1e-6
    assert np.array_equal(binarise(gray), u >= 0.5)


def test_names_are_short_and_unlike_for_unlike_cells():
    def name(phi: float, chi: float) -> str:
        return cahn_hilliard.name_of(SimulationConfig(phi=phi, chi=chi))

    assert name(0.5, 4.0) == "phi0.500-chi4.0"
    assert name(0.5001, 2.45) == "phi0.5001-chi2.45"
    assert len({name(*cell) for cell in CELLS}) == 57


def test_progress_rises_to_one_and_may_stop_the_run():
    config = SimulationConfig(phi=0.5, chi=2.4, frames=4, last_step=60)
    shares: list[float] = []
    cahn_hilliard.simulate(config, rng(), shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) > 4

    class Enough(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0.5:
            raise Enough

    with pytest.raises(Enough):
        cahn_hilliard.simulate(config, rng(), stop)


def _mixing(chi: float):
    return lambda v: v * np.log(v) + (1 - v) * np.log(1 - v) + chi * v * (1 - v)


def _bits(phi: float, chi: float, *, last_step: int, frames: int) -> np.ndarray:
    config = SimulationConfig(phi=phi, chi=chi, frames=frames, last_step=last_step)
    return binarise(cahn_hilliard.simulate(config, rng(1)).frames)
