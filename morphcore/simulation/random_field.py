"""Level cuts of Gaussian fields: the two-point statistics of frames without their dynamics.

A frame's power spectrum with random phases is a field that keeps the size of its domains, but not
their positions and connectivity: cut at the frame's fraction, it has other topology. J. W. Cahn,
J. Chem. Phys. 42 (1965) 93 (level cuts of random waves).

The sharp interfaces of a film are correlations between phases, too: without these, the power of
short waves is left as ragged edges, and L falls to a half. So short waves are damped by
exp(-s^2 k^2 / 2), with s such that L is the frame's own again.
"""

import numpy as np
from jaxtyping import Complex64, Float32, UInt8

from morphcore import frames
from morphcore.descriptors.measure import interface_length
from morphcore.progress import Progress, ignore
from morphcore.simulation.film_modes import K2, to_field, to_modes
from morphcore.types import FRAME_SHAPE

HALVINGS = 12  # of the range of s, so that L is met to some thousandths
LONGEST = 30.0  # s, px


def without_dynamics(
    gray: UInt8[np.ndarray, "time 100 400"],
    rng: np.random.Generator,
    progress: Progress = ignore,
) -> UInt8[np.ndarray, "time 100 400"]:
    """Randomise the phases of each frame, with its gray levels (so its fraction) and L kept.

    Its two-point statistics are kept, but for the damped short waves. The phases are drawn once, so
    that the random frames change over time as their originals do. A frame of one colour stays as it
    is. Periodic in x, without flux at the walls, as the films are.
    """
    phases = to_modes(rng.standard_normal(FRAME_SHAPE, dtype=np.float32))
    phases /= np.abs(phases)
    out = gray.copy()
    unseparated = frames.is_unseparated(frames.binarise(gray))
    for index, frame in enumerate(gray):
        if not unseparated[index]:
            out[index] = _randomised(frame, phases)
        progress((index + 1) / len(gray))
    return out


def _randomised(
    frame: UInt8[np.ndarray, "100 400"], phases: Complex64[np.ndarray, "100 201"]
) -> UInt8[np.ndarray, "100 400"]:
    modes = np.abs(to_modes(frame.astype(np.float32))) * phases
    modes[0, 0] = 0
    bits = frames.binarise(frame)
    black, wanted = int((~bits).sum()), float(interface_length(bits[None])[0])
    low, high = 0.0, LONGEST
    for _ in range(HALVINGS):
        s = (low + high) / 2
        field = _field(modes, s)
        white = field > np.partition(field, black - 1, axis=None)[black - 1]
        if float(interface_length(white[None])[0]) > wanted:
            low = s
        else:
            high = s
    out = np.empty_like(frame)
    # The gray levels in the order of the field: the fraction is kept at every threshold.
    out.reshape(-1)[np.argsort(_field(modes, high), axis=None)] = np.sort(frame, axis=None)
    return out


def _field(modes: Complex64[np.ndarray, "100 201"], s: float) -> Float32[np.ndarray, "100 400"]:
    return to_field(modes * np.exp(-(s**2) / 2 * K2).astype(np.float32))
