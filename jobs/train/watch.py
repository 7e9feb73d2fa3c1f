"""A training that is watched: what is seen of it after every step, and how it is ended early."""

from collections.abc import Callable
from typing import NamedTuple

from morphcore.training.state import TrainingState


class EndedEarly(Exception):
    """A training is not worth going on with; what it was is saved."""


class Watched(NamedTuple):
    """A training under way, as who watches it sees it after a step."""

    state: TrainingState
    total: int | None  # steps of the whole; None while its minutes are not a number of steps yet
    measure: Callable[[int], float]  # -ELBO of up to so many frames that it is measured on, nats


# May end a training by raising `EndedEarly`; no number of it depends on being watched.
Watch = Callable[[Watched], None]
