"""Parameters of the simulator fitted to the published frames, one set for each scheme.

393 frames of 17 cells, of both batches of the published set, against two films of each cell: kappa
on a grid from 3 to 15 px^2, the time of a step by its best value, by the median over times of
|d ln L|. Means over cells, of films that the fit did not see:

| scheme | chi | kappa, px^2 | time of a step | d ln L, absolute | d f, absolute |
|---|---|---|---|---|---|
| bdf2 | below 3 | 8 | 12 | .047 | .0095 |
| bdf2 | from 3 on | 8 | 1.2 | .039 | .0079 |
| first-order | below 3 | 12 | 10 | .059 | .0098 |
| first-order | from 3 on | 5 | 2 | .059 | .0078 |

One kappa serves both batches: 8 px^2 is best for each, and the minimum is flat (3 to 15 px^2 have
.041 to .056 below chi 3, .028 to .046 above). So the batches differ in their clock, by a factor of
10. The area fraction tells no kappa.
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
