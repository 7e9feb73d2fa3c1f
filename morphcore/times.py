"""Times of frames as text: the steps of a simulation, an index, or a number with its unit."""

import numpy as np
from jaxtyping import Float64

from morphcore.types import TimeUnit

COUNTED: TimeUnit = "frame"  # the unit where no times are known
STEPS: TimeUnit = "step"


def known(unit: TimeUnit) -> bool:
    """Whether frames have times, and not only an order."""
    return unit != COUNTED


def plain(time: float) -> int | float:
    """A time as a whole number where it is one.

    >>> plain(4.0), plain(0.25)
    (4, 0.25)
    """
    return int(time) if float(time).is_integer() else float(time)


def number(time: float) -> str:
    """A time without its unit, to ten digits.

    >>> number(1000.0), number(0.1 + 0.2)
    ('1,000', '0.3')
    """
    return f"{time:,.10g}"


def when(time: float, unit: TimeUnit) -> str:
    """A time in words.

    >>> when(1000.0, "step"), when(3.0, "frame"), when(0.25, "s")
    ('step 1,000', 'frame 4', '0.25 s')
    """
    if unit == STEPS:
        return f"step {number(time)}"
    if not known(unit):
        return f"frame {number(counted(time, unit))}"
    return f"{number(time)} {unit}"


def counted(time: float, unit: TimeUnit) -> float:
    """A time as people read it: where frames are only counted, from 1 on, not from 0.

    >>> counted(3.0, "frame"), counted(3.0, "s")
    (4.0, 3.0)
    """
    return time if known(unit) else time + 1


def axis(unit: TimeUnit) -> str:
    """The name of a time axis with its unit.

    >>> axis("step"), axis("s")
    ('time (simulation steps)', 'time (s)')
    """
    if unit == STEPS:
        return "time (simulation steps)"
    return f"time ({unit})" if known(unit) else "time (number of the frame)"


def column(times: Float64[np.ndarray, " frames"]) -> np.ndarray:
    """Times for a table: whole numbers where all of them are whole."""
    whole = np.rint(times).astype(np.int64)
    return whole if (whole == times).all() else times
