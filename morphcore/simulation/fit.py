"""Parameters of the simulator fitted to the published frames, one set for each scheme.

393 frames of 17 cells, of both batches of the published set, against two films of each cell:
by the median over times of |d ln L|, kappa by grid and the time of a step by its best value.

| scheme | chi | kappa, px^2 | time of a step | |d ln L| | |d f| |
|---|---|---|---|---|---|
FITTABLE
One kappa serves both batches: its minimum is flat (4 to 12 px^2 fit nearly as well), so it is the
clock, by a factor of 10, that the batches differ in. The area fraction tells no kappa either.
"""

from typing import Literal, NamedTuple

Scheme = Literal["bdf2", "first-order"]
SCHEME: Scheme = "bdf2"  # of new data sets
FIRST_SCHEME: Scheme = "first-order"  # of data sets from before there were two


class Fit(NamedTuple):
    """Parameters fitted so that frames look like the published ones of the same chi and step."""

    kappa: float  # px^2
    time_per_step: float  # units of t in one "step" of the published trajectories


def fit(chi: float, scheme: Scheme = SCHEME) -> Fit:
    """Return the fit to one of the two batches of the published set, unlike in domain size."""
    if scheme == "first-order":
        return Fit(12.0, 10.0) if chi < 3 else Fit(5.0, 2.0)
    return Fit(8.0, 12.0 if chi < 3 else 1.2)
