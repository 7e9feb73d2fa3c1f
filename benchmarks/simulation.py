"""The simulator's error against its cost: this scheme, the first one, and py-pde, in one run.

The error is |ln L - ln L of a run with 25 times finer steps|, the median over films and over times
from step 40 on: the reference takes every step of the film in 25 parts, by the same noise. So it
is the error of time alone; the first scheme and py-pde are held against the same reference. Seconds
are on one core, and count no reference.

    python -m benchmarks.simulation accuracy [--films 8] [--last-step 5100] [--only noisy]
    python -m benchmarks.simulation cost [--last-step 300]

`cost` varies the tolerance of this scheme and the steps of the first one, and adds py-pde, where it
is installed, on one film: explicit, with five-point finite differences; its error is of space, too.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from morphcore.config import SimulationConfig
from morphcore.descriptors.measure import domain_length
from morphcore.simulation import bdf2, cahn_hilliard, evolution, first_order, variants
from morphcore.simulation.cells import ZOO_CELLS
from morphcore.simulation.evolution import TOLERANCE
from morphcore.simulation.film_modes import Field
from morphcore.simulation.fit import fit
from morphcore.simulation.medium import Medium

FIRST_STEP, TIMES = 40, 25
LINES = ((0.528, 2.2), (0.543, 2.8), (0.572, 3.4), (0.5, 4.0))
FAMILIES = ("wetting", "anisotropic", "ohta-kawasaki", "noisy")  # the rest are neutral films
LnL = Float64[np.ndarray, " time"]


class Film(NamedTuple):
    """A film to be simulated: its name, its blend, its material, the times of its frames."""

    name: str
    phi: float
    medium: Medium
    times: Float64[np.ndarray, " time"]


def films(last_step: int) -> Iterator[Film]:
    """Yield the films: four blends of the thin film, two cells of every family of the zoo."""
    steps = np.geomspace(FIRST_STEP, last_step, TIMES)
    for phi, chi in LINES:
        medium = cahn_hilliard.medium_of(SimulationConfig(phi=phi, chi=chi))
        yield Film(f"neutral, chi {chi}", phi, medium, steps * fit(chi).time_per_step)
    for family in FAMILIES:
        for cell in [each for each in ZOO_CELLS if each.family == family][2:10:5]:
            times = steps * fit(cell.chi).time_per_step
            yield Film(f"{family}, chi {cell.chi}", cell.phi, variants.medium(cell), times)


def start(film: Film, seed: int) -> Field:
    """Draw the film's first field."""
    return cahn_hilliard.initial_field(film.phi, np.random.default_rng(seed))


def log_length(u: Field) -> float:
    """ln L of a field; not a number before the film has separated."""
    bits = (u >= 0.5)[None]
    return float(np.log(domain_length(bits)[0])) if 0 < bits.mean() < 1 else float("nan")


class SumOfParts:
    """Noise of a step as the sum of that of its parts, so that both follow the same chance."""

    def __init__(self, seed: int, parts: int) -> None:
        self.rng, self.parts = np.random.default_rng(seed), parts
        self.drawn: list[Field] = []

    def standard_normal(self, size: tuple[int, int], dtype: type[np.float32]) -> Field:
        """Draw a step's noise: that of all its parts, at the same variance."""
        self.drawn = [self.rng.standard_normal(size, dtype=dtype) for _ in range(self.parts)]
        total: Field = np.sum(self.drawn, axis=0) / np.float32(np.sqrt(self.parts))
        return total


class OnePart:
    """Noise of the next part of the step that was drawn last."""

    def __init__(self, whole: SumOfParts) -> None:
        self.whole = whole

    def standard_normal(self, size: tuple[int, int], dtype: type[np.float32]) -> Field:
        """Take a part's noise."""
        assert size == self.whole.drawn[0].shape
        assert dtype is np.float32
        return self.whole.drawn.pop(0)


def against_finer(film: Film, seed: int, finer: int) -> tuple[LnL, LnL, int]:
    """Simulate a film and, in parts of each of its steps, its reference; ln L of both, steps."""
    noise = SumOfParts(seed, finer)
    coarse: list[float] = []
    fine: list[float] = []
    reference, count = bdf2.begin(start(film, seed)), 0
    for state, end in evolution.states(start(film, seed), film.medium, film.times, noise):
        count += 1
        for _ in range(finer):
            part = state.dt / finer
            reference = bdf2.advance(reference, film.medium, part, OnePart(noise)).state
        if end:
            coarse.append(log_length(state.u))
            fine.append(log_length(reference.u))
    return np.array(coarse), np.array(fine), count


class Case(NamedTuple):
    """One film of one seed, against its reference."""

    film: Film
    seed: int
    finer: int


def run_case(case: Case) -> tuple[LnL, LnL, int]:
    """Run `against_finer` in a worker."""
    return against_finer(*case)


def print_accuracy(count: int, last_step: int, finer: int, only: str) -> None:
    """Print each film's error, and the exponent with which its domains grow late."""
    with ProcessPoolExecutor(2) as pool:
        for film in [each for each in films(last_step) if only in each.name]:
            results = list(pool.map(run_case, [Case(film, seed, finer) for seed in range(count)]))
            errors = np.array([coarse - fine for coarse, fine, _ in results])
            late = film.times > film.times[-1] / 10
            mean = np.nanmean([coarse for coarse, _, _ in results], axis=0)
            slope = np.polyfit(np.log(film.times[late]), mean[late], 1)[0]
            steps = np.mean([steps for *_, steps in results])
            print(
                f"{film.name:24} |d ln L| {np.nanmedian(np.abs(errors)):.4f}, of the mean over"
                f" films {np.nanmedian(np.abs(np.nanmean(errors, axis=0))):.4f};"
                f" L ~ t^{slope:.2f} over the last decade; {steps:,.0f} steps",
                flush=True,
            )


Run = Callable[[Film, int], Iterator[Field]]  # of a film and a seed, the field at its times
COST_SEEDS = 4


def print_cost(last_step: int) -> None:
    """Print error and seconds of every scheme on three blends."""
    shown = ("neutral, chi 2.2", "neutral, chi 2.8", "neutral, chi 4.0")
    for film in [each for each in films(last_step) if each.name in shown]:
        reference = [against_finer(film, seed, 25)[1] for seed in range(COST_SEEDS)]
        ours = {
            factor: _report(film, reference, f"bdf2, tolerances x {factor}", _bdf2(factor))
            for factor in (0.5, 1, 2, 4, 8)
        }
        for parts in (1, 4, 16):
            _report(film, reference, f"first-order, steps in {parts}", _first(parts))
        try:
            slow = _report(film, reference[:1], "py-pde, numba, adaptive", _py_pde)
        except ImportError as err:
            print(f"{film.name}, py-pde is left out: {err}")
        else:
            print(f"{film.name}: py-pde takes {slow / ours[1]:,.0f} times as long")


def _report(film: Film, reference: list[LnL], name: str, run: Run) -> float:
    """Print a scheme's error and seconds; the seconds a film are returned.

    Those of a run of next to no time are taken off: py-pde compiles itself anew for each film.
    """
    began = time.perf_counter()
    for _ in run(film._replace(times=film.times[:1] / 1000), 0):
        pass
    setup = time.perf_counter() - began
    began = time.perf_counter()
    lines = [np.array([log_length(u) for u in run(film, seed)]) for seed in range(len(reference))]
    seconds = (time.perf_counter() - began) / len(reference) - setup
    error = np.nanmedian([np.abs(a - b) for a, b in zip(lines, reference, strict=True)])
    print(f"{film.name}, {name:26} |d ln L| {error:.4f}, {seconds:8.2f} s", flush=True)
    return seconds


def _bdf2(factor: float) -> Run:
    """This scheme, with its tolerances times a factor."""
    tolerance = replace(
        TOLERANCE, growing=TOLERANCE.growing * factor, coarsening=TOLERANCE.coarsening * factor
    )

    def run(film: Film, seed: int) -> Iterator[Field]:
        return evolution.evolve(start(film, seed), film.medium, film.times, tolerance=tolerance)

    return run


def _first(parts: int) -> Run:
    """The first scheme, each of its steps in some parts."""

    def run(film: Film, seed: int) -> Iterator[Field]:
        state, t = first_order.begin(start(film, seed)), 0.0
        for end in film.times.tolist():
            for dt in first_order.time_steps(t, end, film.medium.tau):
                step = first_order.coefficients(film.medium, dt / parts)
                for _ in range(parts):
                    state = first_order.advance(state, film.medium, step)
            t = end
            yield state.u

    return run


def _py_pde(film: Film, seed: int) -> Iterator[Field]:
    """py-pde's explicit adaptive Runge-Kutta with the numba backend."""
    import pde  # type: ignore[import-not-found]  # no requirement

    grid = pde.CartesianGrid([[0, 400], [0, 100]], [400, 100], periodic=[True, False])
    # Without the clip of the logarithm, which no film here comes near to.
    right = (
        f"laplace(log(u / (1 - u)) + {film.medium.chi} * (1 - 2 * u)"
        f" - {film.medium.kappa} * laplace(u))"
    )
    equation = pde.PDE({"u": right}, bc="auto_periodic_neumann")
    field = pde.ScalarField(grid, start(film, seed).T.astype(np.float64))
    storage = pde.MemoryStorage()
    equation.solve(
        field,
        t_range=float(film.times[-1]),
        solver="runge-kutta",
        adaptive=True,
        tolerance=1e-4,
        backend="numba",
        tracker=[storage.tracker(pde.FixedInterrupts(film.times.tolist()))],
    )
    for values in storage.data[-len(film.times) :]:
        yield values.T.astype(np.float32)


def main() -> None:
    """Print the figures that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("accuracy", "cost"))
    parser.add_argument("--films", type=int, default=8)
    parser.add_argument("--last-step", type=int)
    parser.add_argument("--finer", type=int, default=25)
    parser.add_argument("--only", default="", help="films whose names hold this text")
    given = parser.parse_args()
    if given.what == "accuracy":
        print_accuracy(given.films, given.last_step or 5100, given.finer, given.only)
    else:
        print_cost(given.last_step or 300)


if __name__ == "__main__":
    main()
