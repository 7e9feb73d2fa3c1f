"""How far a long computation is, told to its caller while it runs."""

from collections.abc import Callable

# Called now and then with the share of the work that is done: 0 to 1, never less than before. What
# it raises stops the work and goes through to the caller: that is how a job hears of a stop. It may
# be called with the same share again, where there is nothing new but the chance to stop.
Progress = Callable[[float], None]


def ignore(_share: float) -> None:
    """Progress that nobody asked for."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """The progress of a part of the work, whose 0 to 1 are `start` to `end` of the whole."""
    return lambda share: progress(start + (end - start) * share)
