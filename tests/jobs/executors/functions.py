"""Pure functions for executors to do."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from morphcore.errors import MorphError
from morphcore.progress import Progress


def scaled(factor: float, row: np.ndarray, progress: Progress) -> np.ndarray:
    """A row times a factor; in place, as a function may do with what is its own."""
    progress(0.5)
    row *= factor
    return row


def refuse(_: None, what: str, progress: Progress) -> None:  # noqa: ARG001
    raise MorphError(f"{what} is refused.")


def sleep(folder: str, number: int, progress: Progress) -> int:
    """Leave its process's number in a file, and sleep for long where there was none before."""
    file = Path(folder) / f"{number}-{os.getpid()}"
    first = not list(Path(folder).glob(f"{number}-*"))
    file.touch()
    for step in range(600 if first and number == 1 else 1):
        time.sleep(0.1)
        progress(step / 600)
    return number


def die(_: None, number: int, progress: Progress) -> None:  # noqa: ARG001
    os.kill(os.getpid(), 9)


class Heard:
    """What was reported."""

    def __init__(self) -> None:
        self.shares: list[list[float]] = []
        self.notes: list[str] = []

    def __call__(self, shares: list[float], note: str | None = None) -> None:
        self.shares.append(list(shares))
        if note:
            self.notes.append(note)


def quiet(shares: list[float], note: str | None = None) -> None:
    """Hear nothing."""


def eventually(look: Callable[[], object]) -> object:
    for _ in range(300):
        if value := look():
            return value
        time.sleep(0.1)
    raise AssertionError("it did not happen within 30 s")
