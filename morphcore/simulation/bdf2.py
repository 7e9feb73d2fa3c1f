"""One time step of the film: stabilised semi-implicit BDF2, of second order, with any two lengths.

    b0 u(n+1) - b1 u(n) + b2 u(n-1) = dt ( lap( f'(v) + g + S (u(n+1) - v) - kappa lap u(n+1) )
                                           - alpha (u(n+1) - phi) ) + noise
    v = u(n) + w (u(n) - u(n-1)),   w = dt(n+1) / dt(n)
    b0 = (1 + 2 w) / (1 + w),   b1 = 1 + w,   b2 = w^2 / (1 + w)

All terms of u(n+1) are linear with constant coefficients, so a step costs one transform each way.
S, the stabiliser, is f'' in a pure phase: in a wave there the explicit potential and S cancel, and
from 3/4 of f'' on (by the roots of the recurrence, for long steps) the step is stable. S adds an
error of second order, S lap (u(n+1) - v), the larger part of what `Step.error` estimates. BDF2 of
variable steps: E. Hairer, S. P. Norsett and G. Wanner, Solving Ordinary Differential Equations I
(1993), III.5; the stabilisation: J. Shen and X. Yang, Discrete Contin. Dyn. Syst. 28 (2010) 1669.

What it lowers without noise is a modified energy, F[u(n)] + |u(n) - u(n-1)|^2 / (4 dt) in the
norm of `change`, as BDF2 does: `modified_energy`.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from jaxtyping import Float32

from morphcore.simulation import thermal_noise
from morphcore.simulation.film_modes import (
    Field,
    Modes,
    power,
    shape_of,
    to_field,
    to_modes,
    waves,
)
from morphcore.simulation.medium import Medium, free_energy, potential

# Error of BDF2 itself beside u(n+1) - v, a second difference: some third of it, at like steps.
TRUNCATION = 1 / 3

Rates = Float32[np.ndarray, "h k"]


@dataclass(frozen=True)
class FilmState:
    """The film after two steps: its modes now and one step before, and the length of that step.

    A film at rest before its first step has `dt` 0: that step is the semi-implicit Euler one.
    """

    modes: Modes
    before: Modes
    dt: float

    @property
    def u(self) -> Field:
        """The field."""
        return to_field(self.modes)


class Normal(Protocol):
    """A source of independent normal numbers, such as `numpy.random.Generator`."""

    def standard_normal(self, size: tuple[int, int], dtype: type[np.float32]) -> Any:
        """Draw an array of that size."""


@dataclass(frozen=True)
class Step:
    """A step that was tried: the state after it, its estimated error and its change.

    The error is in the norm |e|^2 = sum over waves of |e_k|^2 / k^2, that of the film's own
    descent (a Cahn-Hilliard film descends in F by it), which ignores short waves at rest.
    """

    state: FilmState
    error: float  # estimated, in that norm
    change: float  # of u(n+1) - u(n), in that norm
    size: float  # of u(n+1) - phi, in that norm


def begin(u: Field) -> FilmState:
    """Make the state of a field at rest."""
    modes = to_modes(u)
    return FilmState(modes, modes, 0.0)


def advance(
    state: FilmState,
    medium: Medium,
    dt: float,
    rng: Normal | None = None,
    *,
    stabiliser: float | None = None,
) -> Step:
    """Try one time step; the mode k = 0, the mass, is kept to the bit.

    `stabiliser` is S where the film is not near the phases of its medium; else f'' in these.

    Raises:
        ValueError: if the medium has a temperature and `rng` is None.
    """
    w, b0, b1, b2 = 0.0, 1.0, 1.0, 0.0
    if state.dt:
        w = dt / state.dt
        b0, b1, b2 = (1 + 2 * w) / (1 + w), 1 + w, w * w / (1 + w)
    # Python numbers leave arrays of float32 as they are.
    s = medium.curvature if stabiliser is None else stabiliser
    shape = shape_of(state.modes)
    k2, linear = _k2(shape), b0 + dt * _linear_rates(medium, shape)
    implicit = linear + (dt * s) * k2
    ahead = state.modes + w * (state.modes - state.before)
    drive = s * ahead - to_modes(potential(to_field(ahead), medium))
    history = b1 * state.modes - b2 * state.before
    # A product with the inverse: NumPy divides complex numbers at twice the cost.
    modes: Modes = (history + (dt * k2) * drive) * (1 / implicit)
    if medium.temperature:
        if rng is None:
            raise ValueError("a medium with a temperature needs rng")
        noise = thermal_noise.amplitude(b1 / implicit, -b2 / implicit, medium)
        modes += noise * to_modes(rng.standard_normal(shape, dtype=np.float32))
    modes[0, 0] = state.modes[0, 0]
    # The error of S, as if nothing but the linear terms held a wave: above what it can be.
    weight = TRUNCATION + (dt * s) * k2 / linear
    return Step(
        FilmState(modes, state.modes, dt),
        error=_norm(weight * (modes - ahead)),
        change=_norm(modes - state.modes),
        size=_norm(modes),
    )


def modified_energy(state: FilmState, medium: Medium) -> float:
    """Compute what a step without noise lowers: F[u(n)] + |u(n) - u(n-1)|^2 / (4 dt), in k_B T."""
    energy = free_energy(state.u, medium)
    if not state.dt:
        return energy
    squares = power(to_field(state.modes - state.before))
    k2 = waves(shape_of(state.modes)).k2
    reach = np.divide(squares, k2, out=np.zeros_like(squares), where=k2 > 0)
    return energy + float(reach.sum()) / (4 * state.dt)


@lru_cache(maxsize=8)
def _k2(shape: tuple[int, int]) -> Rates:
    return waves(shape).k2.astype(np.float32)


@lru_cache(maxsize=8)
def _linear_rates(medium: Medium, shape: tuple[int, int]) -> Rates:
    """The rates at which linear terms damp a wave: of gradients, and of the bond."""
    each = waves(shape)
    rates = medium.kappa * each.k2**2
    if medium.kappa_y is not None:
        rates += (medium.kappa_y - medium.kappa) * each.ky2 * each.k2
    rates += medium.alpha * (each.k2 > 0)  # u - phi has no mode k = 0
    return rates.astype(np.float32)


@lru_cache(maxsize=8)
def _norm_weights(shape: tuple[int, int]) -> Float32[np.ndarray, " parts"]:
    """1 / k^2 for the real and the imaginary part of every mode."""
    k2 = waves(shape).k2
    weights = np.full(k2.shape, 2.0)  # for the partner of negative kx
    weights[:, [0, -1]] = 1.0
    weights[0] /= 2  # a cosine mode of ky = 0 is twice as high
    weights = np.divide(weights, k2, out=np.zeros_like(weights), where=k2 > 0)
    return np.repeat(weights.ravel(), 2).astype(np.float32)


def _norm(modes: Modes) -> float:
    parts = modes.view(np.float32).ravel()
    return float(np.sqrt(np.dot(parts * parts, _norm_weights(shape_of(modes)))))
