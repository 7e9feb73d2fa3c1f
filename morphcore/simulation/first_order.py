"""The first scheme of the simulator, kept as it was for the data sets that it made.

Their twins must come from the same scheme; new data sets come from `bdf2`. It is a linearly
stabilised semi-implicit Euler step (D. J. Eyre, 1998), of lengths that follow the time alone. Its
long steps lag: late domains move at 0.8 (chi 2.4) to 0.4 (chi 4) of their speed.
Nothing here is ever changed: equal seeds give the frames that they gave.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Float64

from morphcore.progress import Progress, ignore
from morphcore.simulation.film_modes import K2, KY2, Field, Modes, to_field, to_modes
from morphcore.simulation.medium import Medium, binodal, potential
from morphcore.types import FRAME_SHAPE

PROGRESS_EVERY = 16  # time steps


class FilmState(NamedTuple):
    """The film at one moment, in pixels and in modes."""

    u: Field
    modes: Modes


class Coefficients(NamedTuple):
    """One step of a given length, by mode: keep * modes - drive * F[f'(u) + g] + noise * F[normal].

    `noise` is None where the temperature is 0.
    """

    keep: Float32[np.ndarray, "100 201"]
    drive: Float32[np.ndarray, "100 201"]
    noise: Float32[np.ndarray, "100 201"] | None


def begin(u: Field) -> FilmState:
    """Make the state of a field."""
    return FilmState(u, to_modes(u))


def coefficients(medium: Medium, dt: float) -> Coefficients:
    """Compute the first-order semi-implicit step; linear terms and S are on the implicit side."""
    stabilised = 1 + dt * _stabiliser(medium) * K2
    implicit = stabilised + dt * medium.kappa * K2**2
    if medium.kappa_y is not None:
        implicit += dt * (medium.kappa_y - medium.kappa) * KY2 * K2
    implicit += dt * medium.alpha * (K2 > 0)  # u - phi has no mode k = 0
    keep, drive = stabilised / implicit, dt * K2 / implicit
    noise = _noise(keep, drive, medium) if medium.temperature else None
    return Coefficients(keep.astype(np.float32), drive.astype(np.float32), noise)


def _stabiliser(medium: Medium) -> float:
    """S, half of f'' in the pure phases, which the implicit side adds to stay stable."""
    return max(1.0, min(30.0, 2 / (1 - binodal(medium.chi) ** 2)) - medium.chi)


def _noise(
    keep: Float64[np.ndarray, "100 201"], drive: Float64[np.ndarray, "100 201"], medium: Medium
) -> Float32[np.ndarray, "100 201"]:
    """The deviation of Cook's noise by mode, white down to the pixel.

    It keeps every wave at its variance at rest in a pure phase, T / (f'' + kappa k^2).
    """
    decay = keep - drive * medium.curvature  # factor of a wave in one step, in a pure phase
    variance = medium.temperature * (1 - decay**2) / (medium.curvature + medium.kappa * K2)
    deviation: np.ndarray = np.sqrt(np.clip(variance, 0, None))
    return deviation.astype(np.float32)


def advance(
    state: FilmState, medium: Medium, step: Coefficients, rng: np.random.Generator | None = None
) -> FilmState:
    """Advance by one time step; the mode k = 0, the mass, is kept to the bit.

    Raises:
        ValueError: if the medium has a temperature and `rng` is None.
    """
    modes = step.keep * state.modes - step.drive * to_modes(potential(state.u, medium))
    if step.noise is not None:
        if rng is None:
            raise ValueError("a medium with a temperature needs rng")
        modes += step.noise * to_modes(rng.standard_normal(FRAME_SHAPE, dtype=np.float32))
    return FilmState(to_field(modes), modes)


def time_steps(start: float, end: float, tau: float) -> Iterator[float]:
    """Yield the lengths of time steps from `start` to `end`, the last one cut to land there.

    A time step is g tau with g = 0.01 (t / tau)^(2/3), as domains coarsen ever more slowly, held
    between 0.2 and 4 and raised by 15 % at a time, so that coefficients are seldom rebuilt.
    """
    t = start
    while True:
        g = min(4.0, max(0.2, 0.01 * (t / tau) ** (2 / 3)))
        rung = int(np.log(g / 0.2) / np.log(1.15) + 1e-9)
        dt = 0.2 * 1.15**rung * tau
        if end - t <= dt * (1 + 1e-9):
            yield end - t
            return
        yield dt
        t += dt


def evolve(
    u: Field,
    medium: Medium,
    times: Float64[np.ndarray, " time"],
    progress: Progress = ignore,
    rng: np.random.Generator | None = None,
) -> Iterator[Field]:
    """Yield the field at each of the increasing `times` > 0, begun with `u` at t = 0.

    `progress` gets the share of the time steps, every 16 of them.
    """
    total, done = count_time_steps(times, medium.tau), 0
    state, t, dt = begin(u), 0.0, 0.0
    step = coefficients(medium, dt)
    for end in times.tolist():
        for length in time_steps(t, end, medium.tau):
            if length != dt:
                dt, step = length, coefficients(medium, length)
            state = advance(state, medium, step, rng)
            done += 1
            if done % PROGRESS_EVERY == 0 or done == total:
                progress(done / total)
        t = end
        yield state.u


def count_time_steps(times: Float64[np.ndarray, " time"], tau: float) -> int:
    """Count the time steps up to the last of the times."""
    starts = [0.0, *times.tolist()[:-1]]
    lengths = (time_steps(a, b, tau) for a, b in zip(starts, times.tolist(), strict=True))
    return sum(1 for interval in lengths for _ in interval)
