"""Simulate a trajectory of the thin film."""

import numpy as np

from morphcore.config import Schedule, SimulationConfig
from morphcore.types import Trajectory


def simulate(
    phi: float,
    chi: float,
    *,
    frames: int = 255,
    schedule: Schedule = "geometric",
    first_step: int = 4,
    last_step: int = 5100,
    seed: int = 0,
) -> Trajectory:
    """Simulate a film of two polymers from noise: gray frames, uint8 [time 100 400], and times.

    `phi` is the mean fraction of the white component, 0.35 to 0.65; `chi` the interaction, 2.1 to
    4.5. Times are steps, the last of them `last_step`; equal seeds give equal frames. 255 frames
    take seconds to minutes.

    >>> film = simulate(phi=0.5, chi=3.2, frames=3, last_step=40)
    >>> film.array.shape, film.times.tolist(), film.periodic
    ((3, 100, 400), [4.0, 13.0, 40.0], True)

    Raises:
        ConfigError: if a setting is outside its accepted range.
    """
    # With scipy: not before it is needed.
    from morphcore.simulation import cahn_hilliard

    config = SimulationConfig(
        phi=phi,
        chi=chi,
        frames=frames,
        schedule=schedule,
        first_step=first_step,
        last_step=last_step,
    )
    return cahn_hilliard.simulate(config, np.random.default_rng(seed))
