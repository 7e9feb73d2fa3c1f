"""Cahn-Hilliard equation of a thin film of two polymers, with a Flory-Huggins free energy.

    du/dt = M lap( f'(u) - kappa lap u ),    f'(u) = ln(u / (1 - u)) + chi (1 - 2 u)

u      local fraction of the white component, 0 to 1
t      time; M, the mobility, is 1 and so sets the unit of time
f      free energy of mixing, see `medium`
chi    interaction of the two components; they separate where chi > 2
kappa  gradient energy, px^2: a wide interface where it is large
lap    the Laplacian; the pixel is the unit of length
phi    mean of u over the film; it never changes

The film is periodic in x, so that a roll is an exact symmetry, and has walls without flux at top
and bottom (`film_modes`). J. W. Cahn and J. E. Hilliard, J. Chem. Phys. 28 (1958) 258.

`Medium` has further terms, for the physics of `variants`; at its defaults it is the above:

    du/dt = lap( f'(u) - (kappa d_xx + kappa_y d_yy) u + g(y) ) - alpha (u - phi) + noise

`bdf2` is one step of the scheme, `evolution` chooses their lengths. Data sets from before it were
made by `first_order`, and their twins are, too.
"""

import numpy as np
from jaxtyping import Float64, Int64, UInt8

from morphcore.config import SimulationConfig
from morphcore.progress import Progress, ignore
from morphcore.simulation import evolution, first_order
from morphcore.simulation.cells import cell_name
from morphcore.simulation.film_modes import Field
from morphcore.simulation.fit import Scheme, fit
from morphcore.simulation.medium import Medium
from morphcore.types import FRAME_SHAPE, Trajectory

NOISE = 0.01  # the film begins as phi + NOISE U(-1, 1)


def frame_steps(config: SimulationConfig) -> Int64[np.ndarray, " time"]:
    """Compute the steps of the frames; strictly increasing, the last is `last_step`.

    Linear: evenly spaced, the first after last_step / frames. Geometric: by equal ratios from
    `first_step` on; where that asks twice for the same step, the next whole one is taken.
    """
    index = np.arange(config.frames)
    steps: np.ndarray
    if config.schedule == "linear":
        steps = np.rint(config.last_step / config.frames * (index + 1))
    else:
        steps = np.geomspace(config.first_step, config.last_step, config.frames)
        steps = np.maximum.accumulate(np.floor(steps + 0.5) - index) + index
    return steps.astype(np.int64)


def name_of(config: SimulationConfig) -> str:
    """Format the name of a trajectory of these parameters, such as phi0.543-chi2.4."""
    return cell_name(config.phi, config.chi)


def initial_field(
    phi: float, rng: np.random.Generator, shape: tuple[int, int] = FRAME_SHAPE
) -> Field:
    """Draw a mixed film: phi, and uniform noise whose mean is zero.

    Raises:
        ValueError: if the film's width is odd.
    """
    if shape[1] % 2:
        raise ValueError(f"the film is {shape[1]} px wide; accepted is an even number")
    noise = rng.uniform(-NOISE, NOISE, shape)
    field: Field = (phi + noise - noise.mean()).astype(np.float32)
    return field


def gray(u: Field) -> UInt8[np.ndarray, "h w"]:
    """Gray levels of a field: 0 is u <= 0, 255 is u >= 1, so a threshold at one half is u = 1/2."""
    levels: np.ndarray = np.rint(255 * np.clip(u, 0, 1))
    return levels.astype(np.uint8)


def cost(config: SimulationConfig, medium: Medium | None = None, scheme: Scheme = "bdf2") -> float:
    """Estimate the time steps of a simulation; its seconds are in proportion to them."""
    medium = medium or medium_of(config, scheme)
    times = times_of(config, scheme)
    if scheme == "first-order":
        return float(first_order.count_time_steps(times, medium.tau))
    return evolution.expected_steps(float(times[-1]), medium)


def simulate(
    config: SimulationConfig,
    rng: np.random.Generator,
    progress: Progress = ignore,
    medium: Medium | None = None,
    scheme: Scheme = "bdf2",
    shape: tuple[int, int] = FRAME_SHAPE,
) -> Trajectory:
    """Simulate the film from noise; of another `medium`, or of another size, where one is given.

    Gray is u: see `gray`. Early frames of phi > 1/2 are white everywhere, until the lowest u falls
    below 1/2.

    Raises:
        ValueError: if a film of another size has an odd width, or is asked of the first scheme.
    """
    if scheme == "first-order" and shape != FRAME_SHAPE:
        raise ValueError(f"the first scheme knows films of {FRAME_SHAPE} alone")
    medium = medium or medium_of(config, scheme)
    frames = np.empty((config.frames, *shape), dtype=np.uint8)
    start, times = initial_field(config.phi, rng, shape), times_of(config, scheme)
    evolve = first_order.evolve if scheme == "first-order" else evolution.evolve
    for index, u in enumerate(evolve(start, medium, times, progress, rng)):
        frames[index] = gray(u)
    return Trajectory(
        name=name_of(config),
        frames=frames,
        times=frame_steps(config).astype(np.float64),
        params={"phi": config.phi, "chi": config.chi, "kappa": medium.kappa},
        family="neutral",
        cell=name_of(config),
    )


def medium_of(config: SimulationConfig, scheme: Scheme = "bdf2") -> Medium:
    """Return the plain blend of a chi, fitted to the published frames."""
    return Medium(chi=config.chi, kappa=fit(config.chi, scheme).kappa)


def times_of(config: SimulationConfig, scheme: Scheme = "bdf2") -> Float64[np.ndarray, " time"]:
    """Compute the times t of the frames, from their steps."""
    steps = frame_steps(config).astype(np.float64)
    return steps * fit(config.chi, scheme).time_per_step
