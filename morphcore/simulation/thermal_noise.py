"""Cook's thermal noise of a film that conserves its mass.

    du/dt = ... + div( sqrt(2 M T) eta )

eta is white in space and time, M = 1. So in a short time dt a wave of wave number k gains the
variance 2 T k^2 dt. H. E. Cook, Acta Metall. 18 (1970) 297.
"""

import numpy as np
from jaxtyping import Float32, Float64


def amplitude(
    keep: Float64[np.ndarray, "100 201"],
    drive: Float64[np.ndarray, "100 201"],
    temperature: float,
    curvature: float,
    gradient: Float64[np.ndarray, "100 201"],
) -> Float32[np.ndarray, "100 201"] | None:
    """Compute the standard deviation of the noise of one time step by mode; nothing for k = 0.

    The step is modes <- keep * modes - drive * F[f'(u)], `curvature` is f'' in a pure phase and
    `gradient` is kappa k^2. Where dt is small this is Cook's noise. Where it is large, that would
    drive the short waves too little, since the step damps them as well; so a wave gets what keeps
    it at its variance at rest in a pure phase, temperature / (f'' + kappa k^2).
    None where the temperature is 0.
    """
    if not temperature:
        return None
    decay = keep - drive * curvature  # factor of a wave in one step, in a pure phase
    variance = temperature * (1 - decay**2) / (curvature + gradient)
    deviation: np.ndarray = np.sqrt(np.clip(variance, 0, None))
    return deviation.astype(np.float32)
