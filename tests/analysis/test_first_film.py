"""The film of an empty store: always the same, and it tells this machine's pace."""

import numpy as np

from analysis import first_film
from morphcore.config import SimulationConfig


def test_the_film_separates_and_tells_its_pace():
    config = SimulationConfig(phi=0.5, chi=3.4, frames=3, first_step=20, last_step=200)
    film, again = first_film.simulate(config), first_film.simulate(config)
    np.testing.assert_array_equal(film.frames, again.frames)
    assert film.steps.tolist() == [20, 63, 200]
    contrast = film.frames.astype(np.float64).std(axis=(1, 2))
    assert contrast[0] < contrast[-1]
    assert film.seconds_a_time_step == film.seconds / film.time_steps > 0
