"""A film's morphology in five numbers that do not depend on its size, standardised.

fraction                   share of white
length                     ln L; L in px, no more than twice the film's height
euler                      Euler number in an area of L^2
connected_white, _black    share of a phase that is joined from the top to the bottom

They are standardised by mean and deviation over films that were annealed at random
(`targets.random_target`; `python -m benchmarks.annealing scales`), and weighed by the share of
their variance that the schedule explains: what differs between two films of one schedule says
little of it. So a distance of 1 is by how much these films differ. The constants are of films of
64 x 128 px up to step 60. Numbers that are not asked for are NaN.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float64

from morphcore.descriptors import measure, topology
from morphcore.errors import MorphError

NAMES = ("fraction", "length", "euler", "connected_white", "connected_black")
MOST = 10.0  # deviations; what is further away counts as that


class Standard(NamedTuple):
    """What a number is standardised and weighed by."""

    mean: float
    deviation: float
    explained: float  # share of the variance


STANDARD: Mapping[str, Standard] = {
    "fraction": Standard(0.58, 0.048, 0.99),
    "length": Standard(2.38, 0.31, 0.99),
    "euler": Standard(-0.09, 0.063, 0.79),
    "connected_white": Standard(0.92, 0.16, 0.78),
    "connected_black": Standard(0.18, 0.27, 0.12),
}
_MEAN, _DEVIATION, _WEIGHT = np.array([STANDARD[name] for name in NAMES]).T

Numbers = Float64[np.ndarray, "5"]


def measured(bits: Bool[np.ndarray, "h w"]) -> Numbers:
    """Measure a frame that is periodic in x; not yet standardised."""
    fraction = float(measure.fraction(bits[None])[0])
    length = float(measure.domain_length(bits[None])[0])
    euler = float(topology.euler(bits[None], periodic=True)[0])
    connected = [topology.phase(phase, periodic=True).connected for phase in (bits, ~bits)]
    return _numbers(fraction, length, euler, *connected, shape=bits.shape)


def asked(values: Mapping[str, float], shape: tuple[int, int]) -> Numbers:
    """The numbers of a target that is given by some of `NAMES`; L in px, Euler of the whole film.

    Raises:
        MorphError: if a name or a value is none that is accepted.
    """
    unknown = sorted(set(values) - set(NAMES))
    if unknown or not values:
        raise MorphError(
            f"A target cannot be given by {', '.join(unknown) or 'nothing'}; accepted are"
            f" {', '.join(NAMES)}."
        )
    for name, value in values.items():
        low, high = (0.0, 1.0) if name not in ("length", "euler") else (-np.inf, np.inf)
        if not np.isfinite(value) or not low <= value <= high or (name == "length" and value <= 0):
            raise MorphError(
                f"A target's {name} is {value}; accepted is a share from 0 to 1, for length a"
                " number of pixels above 0, for euler any number."
            )
    if "euler" in values and "length" not in values:
        raise MorphError("A target's euler needs its length beside it, which says on what area.")
    each = [values.get(name, float("nan")) for name in NAMES]
    return _numbers(*each, shape=shape)


def _numbers(
    fraction: float,
    length: float,
    euler: float,
    connected_white: float,
    connected_black: float,
    *,
    shape: tuple[int, int],
) -> Numbers:
    height, width = shape
    length = float(np.minimum(length, 2 * height))  # also of a film of one colour
    density = euler * length**2 / (height * width)
    return np.array([fraction, np.log(length), density, connected_white, connected_black])


def standardised(numbers: Numbers) -> Numbers:
    """Standardise, within `MOST` deviations."""
    out: np.ndarray = np.clip((numbers - _MEAN) / _DEVIATION, -MOST, MOST)
    return out


def distance(film: Numbers, target: Numbers) -> float:
    """The weighed root mean square difference in the numbers that the target asks for."""
    known = ~np.isnan(target)
    squares = (film[known] - target[known]) ** 2
    return float(np.sqrt(np.average(squares, weights=_WEIGHT[known])))
