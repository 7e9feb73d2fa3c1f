"""Latent speed of a trajectory, and its events: where it moves fastest.

    speed(t) = | dz / d ln t |

z  the latent of the frame at time t
t  time; coarsening follows power laws, so ln t is the clock on which it goes on evenly. Where no
   times are known, the frame's index takes the place of ln t

The derivative is the slope of a straight line, fitted by least squares to the frames of about the
same time: neighbouring frames alone would mostly show the noise of single pixels.
"""

import numpy as np
from jaxtyping import Float, Float64, Int64

HALF_WIDTH = 0.1  # of the fit, in ln t: frames within 10 % of the time
PROMINENCE = 0.2  # of the range of the speed: how far an event stands out of the valleys beside it
MOST_EVENTS = 5


def speed(
    mean: Float[np.ndarray, "time latent"],
    clock: Float64[np.ndarray, " time"],
    *,
    half_width: float = HALF_WIDTH,
) -> Float64[np.ndarray, " time"]:
    """The norm of the latent's change per unit of a rising clock, >= 0, at every frame.

    The line at a frame is fitted to all frames within `half_width` of it, and to the frame before
    and after it in any case. NaN where there is no second frame.
    """
    count = len(clock)
    if count < 2:
        return np.full(count, np.nan)
    index = np.arange(count)
    first = np.minimum(np.searchsorted(clock, clock - half_width), index - 1).clip(0)
    end = np.maximum(np.searchsorted(clock, clock + half_width, side="right"), index + 2)
    end = end.clip(max=count)
    x = clock - clock.mean()  # centred, so that the differences of sums below stay exact enough
    z = mean.astype(np.float64) - mean.mean(axis=0, dtype=np.float64)
    frames = (end - first).astype(np.float64)
    sum_x, sum_xx = _within(x, first, end), _within(x * x, first, end)
    sum_z, sum_xz = _within(z, first, end), _within(x[:, None] * z, first, end)
    slope = (sum_xz - (sum_x / frames)[:, None] * sum_z) / (sum_xx - sum_x**2 / frames)[:, None]
    out: np.ndarray = np.linalg.norm(slope, axis=1)
    return out


def events(speed: Float64[np.ndarray, " time"]) -> Int64[np.ndarray, " events"]:
    """The frames where the speed has a local maximum that stands out, in time order.

    It stands out by `PROMINENCE` of the range of the whole curve above the higher of the valleys
    that part it from higher maxima; of more than `MOST_EVENTS` the most prominent are taken.
    """
    if len(speed) < 3 or not np.isfinite(speed).all() or np.ptp(speed) == 0:
        return np.empty(0, dtype=np.int64)
    from scipy.signal import (
        find_peaks,  # only here: pages that show a speed need nothing else of it
    )

    peaks, properties = find_peaks(speed, prominence=PROMINENCE * np.ptp(speed))
    most = np.argsort(-properties["prominences"], kind="stable")[:MOST_EVENTS]
    out: np.ndarray = np.sort(peaks[most]).astype(np.int64)
    return out


def _within(
    values: Float64[np.ndarray, "time ..."],
    first: Int64[np.ndarray, " time"],
    end: Int64[np.ndarray, " time"],
) -> Float64[np.ndarray, "time ..."]:
    """The sum over the frames `first` to before `end`, for every frame."""
    sums = np.concatenate([np.zeros_like(values[:1]), np.cumsum(values, axis=0)])
    out: np.ndarray = sums[end] - sums[first]
    return out
