"""A film whose chi changes: exactly the plain one where it does not, and as right where it does."""

from dataclasses import replace

import numpy as np
import pytest

from morphcore.config import SimulationConfig
from morphcore.descriptors import measure
from morphcore.simulation import annealing, cahn_hilliard
from morphcore.simulation.evolution import TOLERANCE
from morphcore.simulation.fit import fit
from morphcore.simulation.medium import Medium, free_energy

SHAPE = (32, 64)
STEPS = (5, 9, 17, 30)


def mixed(phi: float = 0.53, seed: int = 3, shape=SHAPE) -> annealing.AnnealedFilm:
    return annealing.mixed(phi, np.random.default_rng(seed), shape)


@pytest.mark.parametrize("chi", [2.4, 3.4])
def test_a_constant_chi_gives_the_frames_of_the_plain_simulation_bit_for_bit(chi):
    config = SimulationConfig(phi=0.53, chi=chi, frames=4, first_step=5, last_step=30)
    plain = cahn_hilliard.simulate(config, np.random.default_rng(3), shape=SHAPE)
    assert plain.times.tolist() == list(STEPS)
    films = list(annealing.anneal(mixed(), [(chi, step) for step in STEPS]))
    np.testing.assert_array_equal(np.stack([film.gray for film in films]), plain.array)
    assert [film.since for film in films] == [0] * 4


def test_one_film_goes_on_in_two_ways():
    film = annealing.hold(mixed(), 3.0, 8)
    before = film.u.copy()
    one, other = annealing.hold(film, 2.4, 20), annealing.hold(film, 3.8, 20)
    np.testing.assert_array_equal(film.u, before)
    assert np.abs(one.u - other.u).max() > 0.05
    np.testing.assert_array_equal(annealing.hold(film, 2.4, 20).u, one.u)


@pytest.mark.parametrize("chis", [(4.0, 2.2, 2.2, 2.2), (2.4, 2.4, 4.0, 4.0), (2.6, 4.0, 2.5, 3.5)])
def test_a_film_that_is_taken_to_another_chi_is_right(chis):
    """Against steps of a tenth of the error; as a film of constant chi, of this size, by itself."""
    schedule = list(zip(chis, (20, 30, 45, 60), strict=True))
    fine = replace(TOLERANCE, growing=0.002, coarsening=0.01, floor=1e-6)
    start = mixed(shape=(64, 128))
    *_, film = annealing.anneal(start, schedule)
    *_, right = annealing.anneal(start, schedule, fine)
    assert right.time_steps > 2 * film.time_steps
    white = np.stack([film.u, right.u]) > 0.5
    assert abs(np.diff(np.log(measure.domain_length(white)))) < 0.03
    assert abs(np.diff(measure.fraction(white))) < 0.007
    assert film.u.mean() == pytest.approx(0.53, abs=1e-5)


@pytest.mark.parametrize(("first", "then"), [(4.0, 2.2), (2.2, 4.0)])
def test_the_free_energy_of_the_new_chi_falls_from_the_change_on(first, then):
    film = annealing.hold(mixed(), first, 40)
    medium = Medium(chi=then, kappa=fit(then).kappa)
    energies = [free_energy(film.u, medium)]
    for step in range(41, 60):
        film = annealing.hold(film, then, step)
        energies.append(free_energy(film.u, medium))
    assert (np.diff(energies) < 0).all()


def test_a_film_that_relaxes_reaches_the_phases_of_its_new_chi():
    deep = annealing.hold(mixed(0.5), 4.0, 60)
    film = annealing.hold(deep, 2.4, 61)
    assert film.course.stabiliser is not None
    for step in range(80, 300, 20):
        film = annealing.hold(film, 2.4, step)
    shallow = annealing.hold(mixed(0.5), 2.4, 300)
    assert float(film.u.max()) == pytest.approx(float(shallow.u.max()), abs=0.03)
    assert float(film.u.max()) < float(deep.u.max()) - 0.1


def test_time_does_not_stand_still():
    film = annealing.hold(mixed(), 3.0, 8)
    with pytest.raises(ValueError, match="at step 8"):
        annealing.hold(film, 3.0, 8)


def test_a_film_of_an_odd_width_or_of_the_first_scheme_is_refused():
    config = SimulationConfig(phi=0.53, chi=3.0, frames=2, last_step=20)
    with pytest.raises(ValueError, match="even"):
        cahn_hilliard.simulate(config, np.random.default_rng(0), shape=(32, 65))
    with pytest.raises(ValueError, match="first scheme"):
        cahn_hilliard.simulate(
            config, np.random.default_rng(0), scheme="first-order", shape=(32, 64)
        )
