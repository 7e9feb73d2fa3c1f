"""Parameters of the simulator fitted to the published frames."""

from typing import NamedTuple


class Fit(NamedTuple):
    """Parameters fitted so that frames look like the published ones of the same chi and step."""

    kappa: float  # px^2
    time_per_step: float  # units of t in one "step" of the published trajectories


def fit(chi: float) -> Fit:
    """Return the fit to one of the two batches of the published set, unlike in domain size."""
    return Fit(kappa=12.0, time_per_step=10.0) if chi < 3 else Fit(kappa=5.0, time_per_step=2.0)
