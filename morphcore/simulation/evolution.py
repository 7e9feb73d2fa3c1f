"""The film over time, in steps as long as their error allows.

A step's estimated error is held below a share of its change: so a wave that grows, an interface
that moves and a droplet that vanishes are each followed as closely. The share is smaller while
waves grow, as they carry an error on, and larger once the film coarsens, which forgets it.
`benchmarks/simulation.py` weighs these shares.

Thermal noise leaves no smooth change to measure. A noisy film takes the steps that the same film
takes without noise, each in `NOISY_PARTS` equal parts.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64

from morphcore.progress import Progress, ignore
from morphcore.simulation import bdf2
from morphcore.simulation.bdf2 import FilmState, Normal
from morphcore.simulation.film_modes import Field
from morphcore.simulation.medium import Medium

PROGRESS_EVERY = 16  # time steps; some 5 ms
FIRST = 0.05  # the first step, in tau
NOISY_PARTS = 4
GROWING_STEPS = 400  # that films take, about, until their waves have grown
COARSENING_STEPS = 38  # and for every unit of (t / tau)^(1/3) after it, at f'' = 1


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """The error that a step may have, as a share of its change."""

    growing: float = 0.02  # up to `growth_time`
    coarsening: float = 0.1
    growth_time: float = 30.0  # tau; waves are separated domains by then
    # As a share of u - phi: below what float32 leaves of a film at rest, which has no change.
    floor: float = 1e-5
    most_growth: float = 1.3  # of a step over the one before; BDF2 is stable up to 2.4
    rejected_from: float = 2.0  # times the accepted error: such a step is tried again, shorter


TOLERANCE = Tolerance()


def evolve(
    u: Field,
    medium: Medium,
    times: Float64[np.ndarray, " time"],
    progress: Progress = ignore,
    rng: Normal | None = None,
    tolerance: Tolerance = TOLERANCE,
) -> Iterator[Field]:
    """Yield the field at each of the increasing `times` > 0, begun with `u` at t = 0.

    `progress` gets the share of the time steps, every 16 of them, as far as that can be foreseen.
    """
    total, t = expected_steps(float(times[-1]), medium), 0.0
    for done, (state, end) in enumerate(states(u, medium, times, rng, tolerance), 1):
        t += state.dt
        if done % PROGRESS_EVERY == 0:
            progress(min(1.0, expected_steps(t, medium) / total))
        if end:
            yield state.u
    progress(1.0)


def states(
    u: Field,
    medium: Medium,
    times: Float64[np.ndarray, " time"],
    rng: Normal | None = None,
    tolerance: Tolerance = TOLERANCE,
) -> Iterator[tuple[FilmState, bool]]:
    """Yield the state after every time step, and whether it is at one of the `times`.

    Raises:
        ValueError: if the medium has a temperature and `rng` is None.
    """
    if not medium.temperature:
        yield from _adaptive(bdf2.begin(u), medium, times, tolerance)
        return
    if rng is None:
        raise ValueError("a medium with a temperature needs rng")
    state = bdf2.begin(u)
    calm = replace(medium, temperature=0.0)
    for without_noise, end in _adaptive(state, calm, times, tolerance):
        for part in range(1, NOISY_PARTS + 1):
            state = bdf2.advance(state, medium, without_noise.dt / NOISY_PARTS, rng).state
            yield state, end and part == NOISY_PARTS


def _adaptive(
    state: FilmState, medium: Medium, times: Float64[np.ndarray, " time"], tolerance: Tolerance
) -> Iterator[tuple[FilmState, bool]]:
    course = begin(state, medium)
    for end in times.tolist():
        for now in advance(course, medium, end, tolerance):
            course = now
            yield now.state, now.t == end


@dataclass(frozen=True)
class Course:
    """A film under way, between two of its time steps; it can go on in more than one way."""

    state: FilmState
    t: float  # since its medium is what it is
    longest: float  # that its next step may be
    # S of its steps (see `bdf2`), above that of its medium; None: that.
    stabiliser: float | None = None


def begin(state: FilmState, medium: Medium, stabiliser: float | None = None) -> Course:
    """Begin the course of a film in a medium, with a short first step."""
    return Course(state, 0.0, FIRST * medium.tau, stabiliser)


def advance(
    course: Course, medium: Medium, end: float, tolerance: Tolerance = TOLERANCE
) -> Iterator[Course]:
    """Yield the film after every time step until `t` is `end`; a medium without a temperature.

    Ends one after the other give the very steps that `states` takes to these times.
    """
    t, longest, state = course.t, course.longest, course.state
    left = end - t
    while left > 0:
        count = math.ceil(left / longest * (1 - 1e-9))
        dt = left / count  # so that the last one lands on the end, as long as the others
        step = bdf2.advance(state, medium, dt, stabiliser=course.stabiliser)
        growing = t < tolerance.growth_time * medium.tau
        share = tolerance.growing if growing else tolerance.coarsening
        accepted = share * step.change + tolerance.floor * step.size
        error = step.error / accepted if accepted > 0 else 0.0
        if state.dt and not error < tolerance.rejected_from:  # also where it is not a number
            shorter = 0.8 / math.sqrt(error) if math.isfinite(error) else 0.0
            longest = dt * max(0.3, shorter)
            continue
        if state.dt:
            longest = dt * min(tolerance.most_growth, max(0.5, 0.9 / max(error, 1e-3)))
        state = step.state
        left = 0.0 if count == 1 else left - dt
        t = end - left
        yield replace(course, state=state, t=t, longest=longest)


def expected_steps(time: float, medium: Medium) -> float:
    """Estimate the number of time steps up to a time; a simulation's seconds are in proportion.

    By what films of chi 2.2 to 4 took: a number while waves grow, then in proportion to t^(1/3), as
    domains coarsen, and to the root of f'', as interfaces are the sharper for it.
    """
    growth = TOLERANCE.growth_time
    periods = time / medium.tau
    steps = GROWING_STEPS * min(1.0, periods / growth)
    if periods > growth:
        each = COARSENING_STEPS * math.sqrt(medium.curvature)
        steps += each * (periods ** (1 / 3) - growth ** (1 / 3))
    # With noise: the steps without it, and their parts, each of which draws 40,000 numbers.
    return steps * (1 + 2.5 * NOISY_PARTS) if medium.temperature else steps
