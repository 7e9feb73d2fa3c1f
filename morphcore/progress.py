"""Progress of a long computation, reported to its caller while it runs."""

from collections.abc import Callable

# Called now and then with the share of the work that is done: 0 to 1, never less than before. An
# exception from it stops the work and goes through to the caller: that is how a job is stopped. It
# may be called with the same share again, where there is nothing new but the chance to stop.
Progress = Callable[[float], None]


def ignore(_share: float) -> None:
    """Discard progress."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """Scale the progress of a part of the work: its 0 to 1 are `start` to `end` of the whole."""
    return lambda share: progress(start + (end - start) * share)
