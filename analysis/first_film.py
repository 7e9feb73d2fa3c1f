"""A film simulated on the spot: to be seen in an empty store, and to tell a machine's pace."""

import time
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64, UInt8

from morphcore.config import SimulationConfig

CONFIG = SimulationConfig(phi=0.5, chi=3.4, frames=5, first_step=100, last_step=2500)


@dataclass(frozen=True)
class FirstFilm:
    """Frames of a film, gray, the steps that they are of, and what they took to compute."""

    frames: UInt8[np.ndarray, "time height width"]
    steps: Int64[np.ndarray, " time"]
    kappa: float  # px², gradient energy
    seconds: float
    time_steps: float  # expected ones of the scheme: what seconds of simulations are told by

    @property
    def seconds_a_time_step(self) -> float:
        """The measured pace of this machine, on one core."""
        return self.seconds / self.time_steps


def simulate(config: SimulationConfig = CONFIG) -> FirstFilm:
    """Simulate the film, always the same one; about a second on one core."""
    from morphcore.simulation import cahn_hilliard  # with SciPy

    cost = cahn_hilliard.cost(config)
    begun = time.perf_counter()
    film = cahn_hilliard.simulate(config, np.random.default_rng(0))
    return FirstFilm(
        frames=film.array,
        steps=film.times.astype(np.int64),
        kappa=film.params["kappa"],
        seconds=time.perf_counter() - begun,
        time_steps=cost,
    )
