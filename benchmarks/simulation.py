"""The simulator's step against the plain way to do it, on this machine, in one run.

The peer is explicit Euler with five-point finite differences, in NumPy: what one writes first.
Its step is the largest that is stable, bound by the fourth derivative: it is what costs. Both
begin with the same field, after separation. The ratio is of seconds per simulated time, not at
equal accuracy: so what our long steps cost in speed of coarsening is printed beside it.

    python -m benchmarks.simulation
"""

import time
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Float64

from morphcore.config import SimulationConfig
from morphcore.simulation import cahn_hilliard
from morphcore.simulation.cahn_hilliard import LOG_FLOOR, Medium
from morphcore.simulation.cells import CELLS
from morphcore.simulation.fit import fit

FULL_FRAMES = 255
CASES = ((0.5, 2.4), (0.5, 4.0))
PEER_STEPS = 1500  # at least
FINER = 25


class Timed(NamedTuple):
    """The field after a stretch of simulated time, and the seconds it took."""

    u: Float32[np.ndarray, "100 400"]
    seconds: float


def laplacian(u: Float64[np.ndarray, "100 400"]) -> Float64[np.ndarray, "100 400"]:
    """The five-point Laplacian; periodic in x, no flux through the walls in y."""
    out: np.ndarray = np.roll(u, 1, axis=1) + np.roll(u, -1, axis=1) - 2 * u
    step = np.diff(u, axis=0)
    out[:-1] += step
    out[1:] -= step
    return out


def largest_stable_step(medium: Medium) -> float:
    """The largest stable step of explicit Euler, with a tenth in reserve.

    dt k2 (f'' + kappa k2) <= 2 for the shortest wave, k2 = 8, in a pure phase.
    """
    m = cahn_hilliard.binodal(medium.chi)
    curvature = 4 / (1 - m**2) - 2 * medium.chi
    return 0.9 * 2 / (8 * (curvature + 8 * medium.kappa))


def explicit(u: Float32[np.ndarray, "100 400"], medium: Medium, dt: float, steps: int) -> Timed:
    """Integrate by explicit Euler: the peer."""
    field = u.astype(np.float64)
    began = time.perf_counter()
    for _ in range(steps):
        c = np.clip(field, LOG_FLOOR, 1 - LOG_FLOOR)
        potential = np.log(c / (1 - c)) + medium.chi * (1 - 2 * field)
        field = field + dt * laplacian(potential - medium.kappa * laplacian(field))
    return Timed(field.astype(np.float32), time.perf_counter() - began)


def ours(u: Float32[np.ndarray, "100 400"], medium: Medium, t: float, span: float) -> Timed:
    """Integrate by our scheme from time t on, with the steps that it takes at that time."""
    state = cahn_hilliard.begin(u)
    began = time.perf_counter()
    dt = 0.0
    for length in cahn_hilliard.time_steps(t, t + span, medium.tau):
        if length != dt:
            dt, coefficients = length, cahn_hilliard.coefficients(medium, length)
        state = cahn_hilliard.advance(state, medium, coefficients)
    return Timed(state.u, time.perf_counter() - began)


def compare(phi: float, chi: float) -> None:
    """Print the ratio early and late in one trajectory."""
    medium = Medium(chi=chi, kappa=fit(chi).kappa)
    unit = fit(chi).time_per_step
    dt = largest_stable_step(medium)
    steps = np.array([100.0, 2000.0])
    start = cahn_hilliard.initial_field(phi, np.random.default_rng(0))
    for step, u in zip(steps, cahn_hilliard.evolve(start, medium, steps * unit), strict=True):
        length = next(cahn_hilliard.time_steps(step * unit, np.inf, medium.tau))
        count = max(PEER_STEPS, round(length / dt))  # so that one of our steps fits in whole
        span = count * dt
        peer = explicit(u, medium, dt, count)
        # The clock needs more than the few steps that we take over this stretch.
        mine = ours(u, medium, step * unit, 200 * length)
        ratio = (peer.seconds / span) / (mine.seconds / (200 * length))
        print(
            f"chi {chi}, step {step:5.0f}: steps of {length:7.3f} in {mine.seconds / 0.2:.2f} ms"
            f" against {dt:.4f} in {peer.seconds / count * 1e3:.2f} ms:"
            f" {ratio:,.0f} times less per simulated time;"
            f" coarsening at {speed(u, medium, length):.2f} of the speed of {FINER}-fold"
            " finer steps"
        )


def speed(u: Float32[np.ndarray, "100 400"], medium: Medium, length: float) -> float:
    """The speed of coarsening with our steps, as a share of that with much finer ones.

    A stabilised step of first order drags: this is the price of our speed.
    """
    coarse = _uniform(u, medium, length, 10) - u
    fine = _uniform(u, medium, length / FINER, 10 * FINER) - u
    return float((coarse * fine).sum() / (fine * fine).sum())


def _uniform(
    u: Float32[np.ndarray, "100 400"], medium: Medium, dt: float, steps: int
) -> Float32[np.ndarray, "100 400"]:
    state, coefficients = cahn_hilliard.begin(u), cahn_hilliard.coefficients(medium, dt)
    for _ in range(steps):
        state = cahn_hilliard.advance(state, medium, coefficients)
    return state.u


def main() -> None:
    """Print the ratios, the seconds of whole trajectories, and of the full set."""
    for phi, chi in CASES:
        compare(phi, chi)
    per_step = []
    for phi, chi in ((0.543, 2.2), (0.543, 4.0)):
        config = SimulationConfig(phi=phi, chi=chi, frames=FULL_FRAMES)
        began = time.perf_counter()
        cahn_hilliard.simulate(config, np.random.default_rng(0))
        seconds, count = time.perf_counter() - began, cahn_hilliard.cost(config)
        per_step.append(seconds / count)
        print(f"a trajectory, chi {chi}: {seconds:.1f} s on one core, {count:,} time steps")
    total = sum(
        cahn_hilliard.cost(SimulationConfig(phi=phi, chi=chi, frames=FULL_FRAMES))
        for phi, chi in CELLS
    )
    minutes = total * float(np.mean(per_step)) / 60
    print(
        f"the full set, {len(CELLS)} x {FULL_FRAMES}: {total:,} time steps,"
        f" about {minutes:.1f} minutes on one core"
    )


if __name__ == "__main__":
    main()
