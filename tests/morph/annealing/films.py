"""Small films that are annealed in a few intervals."""

import numpy as np

from morph.annealing import targets
from morph.annealing.schedule import Annealing
from morph.annealing.targets import Target

FILM = Annealing(shape=(32, 64), intervals=4, first_step=4, last_step=30)


def drawn(count: int = 1, film: Annealing = FILM) -> list[Target]:
    """Random targets, the same each time."""
    rng = np.random.default_rng(5)
    return [targets.random_target(rng, film) for _ in range(count)]
