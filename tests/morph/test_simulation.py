import numpy as np
import pytest

import morph
from morphcore.config import ConfigError, SimulationConfig
from morphcore.simulation import cahn_hilliard


def test_it_is_the_simulation_of_the_settings_and_the_seed() -> None:
    film = morph.simulate(phi=0.45, chi=3.0, frames=3, last_step=40, seed=7)
    config = SimulationConfig(phi=0.45, chi=3.0, frames=3, last_step=40)
    want = cahn_hilliard.simulate(config, np.random.default_rng(7))
    np.testing.assert_array_equal(film.array, want.array)
    assert film.params == want.params
    other = morph.simulate(phi=0.45, chi=3.0, frames=3, last_step=40, seed=8)
    assert (film.array != other.array).any()


def test_a_setting_out_of_its_range_is_said() -> None:
    with pytest.raises(ConfigError, match=r"accepted is 0\.35 to 0\.65"):
        morph.simulate(phi=0.9, chi=3.0)
