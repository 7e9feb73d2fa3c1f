"""Cook's thermal noise of a film that conserves its mass.

    du/dt = ... + div( sqrt(2 M T) eta )

M = 1, so in a short time dt a wave of wave number k gains the variance 2 T k^2 dt exp(-k^2 l^2).
eta is white in time, and over distances above l = 1.5 px in space: a free energy of u stands for
averages over about the width of an interface, and noise that is white down to the pixel would
shift the phases by an amount that depends on the grid and the time step alone.
H. E. Cook, Acta Metall. 18 (1970) 297.
"""

import numpy as np
from jaxtyping import Float32

from morphcore.simulation.film_modes import shape_of, waves
from morphcore.simulation.medium import Medium

CORRELATION_LENGTH = 1.5  # l, px


def amplitude(
    keep: Float32[np.ndarray, "h k"],
    keep_before: Float32[np.ndarray, "h k"],
    medium: Medium,
) -> Float32[np.ndarray, "h k"]:
    """Compute the standard deviation of the noise of one time step by mode; nothing for k = 0.

    In a pure phase a step is modes <- keep * modes + keep_before * modes before + noise. Where dt
    is small this is Cook's noise. Where it is large, that would drive the short waves too little,
    since the step damps them as well; so a wave gets what keeps it at its variance at rest in a
    pure phase, T exp(-k^2 l^2) / (f'' + kappa k^2): that of a recurrence of two terms, of
    G. E. P. Box and G. M. Jenkins, Time Series Analysis (1970), 3.2.4.
    """
    a, b = keep.astype(np.float64), keep_before.astype(np.float64)
    k2 = waves(shape_of(keep)).k2
    stiffness = medium.curvature + medium.kappa * k2
    at_rest = medium.temperature * np.exp(-k2 * CORRELATION_LENGTH**2) / stiffness
    variance = at_rest * (1 + b) * ((1 - b) ** 2 - a**2) / (1 - b)
    variance[0, 0] = 0
    deviation: np.ndarray = np.sqrt(np.clip(variance, 0, None))
    return deviation.astype(np.float32)
