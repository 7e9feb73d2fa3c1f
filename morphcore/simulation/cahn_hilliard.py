"""Cahn-Hilliard equation of a thin film of two polymers, with a Flory-Huggins free energy.

    du/dt = M lap( f'(u) - kappa lap u ),    f'(u) = ln(u / (1 - u)) + chi (1 - 2 u)

u      local fraction of the white component, 0 to 1
t      time; M, the mobility, is 1 and so sets the unit of time
f      free energy of mixing per pixel, in units of k_B T, both chains of length 1:
       f(u) = u ln u + (1 - u) ln(1 - u) + chi u (1 - u)
chi    interaction of the two components; they separate where chi > 2
kappa  gradient energy, px^2: a wide interface where it is large
lap    the Laplacian; the pixel is the unit of length
phi    mean of u over the film; it never changes

The film is periodic in x (Fourier modes, kx = 2 pi i / 400), so that a roll is an exact symmetry,
and has walls without flux at top and bottom (cosine modes, ky = pi j / 100). J. W. Cahn and
J. E. Hilliard, J. Chem. Phys. 28 (1958) 258; the linearly stabilised step: D. J. Eyre (1998).

`Medium` has further terms, for the physics of `variants`; at its defaults it is the above:

    du/dt = lap( f'(u) - (kappa d_xx + kappa_y d_yy) u + g(y) ) - alpha (u - phi) + noise
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.fft
from jaxtyping import Complex64, Float32, Float64, Int64

from morphcore.config import SimulationConfig
from morphcore.progress import Progress, ignore
from morphcore.simulation import thermal_noise
from morphcore.simulation.cells import cell_name
from morphcore.simulation.fit import fit
from morphcore.types import FRAME_HEIGHT, FRAME_SHAPE, FRAME_WIDTH, Trajectory

LOG_FLOOR = 0.002  # u is kept this far from 0 and 1 inside the logarithm
NOISE = 0.01  # the film begins as phi + NOISE U(-1, 1)
PROGRESS_EVERY = 16  # time steps; some 10 ms

_KX = 2 * np.pi * np.fft.rfftfreq(FRAME_WIDTH)
_KY = np.pi * np.arange(FRAME_HEIGHT) / FRAME_HEIGHT
KX2: Float64[np.ndarray, "1 201"] = _KX[None, :] ** 2
KY2: Float64[np.ndarray, "100 1"] = _KY[:, None] ** 2
K2: Float64[np.ndarray, "100 201"] = KX2 + KY2

Field = Float32[np.ndarray, "100 400"]
Modes = Complex64[np.ndarray, "100 201"]


def binodal(chi: float) -> float:
    """Compute the binodal m > 0: the two phases have u = (1 - m) / 2 and (1 + m) / 2 at rest.

    It solves m = tanh(chi m / 2), for chi > 2.
    """
    m = 1.0
    for _ in range(1000):  # contracts, if slowly near chi = 2
        m = float(np.tanh(chi * m / 2))
    return m


def free_energy(u: Field, chi: float, kappa: float) -> float:
    """Compute the Ginzburg-Landau energy: sum over pixels of f(u) + kappa/2 |grad u|^2, in k_B T.

    It is the very functional that the scheme lowers: gradients are taken in the film's modes, and
    beyond `LOG_FLOOR` f goes on with the slope that the clipped logarithm gives it.
    """
    field = u.astype(np.float64)
    c = np.clip(field, LOG_FLOOR, 1 - LOG_FLOOR)
    mixing = c * np.log(c) + (1 - c) * np.log(1 - c) + np.log(c / (1 - c)) * (field - c)
    mixing += chi * field * (1 - field)
    modes = scipy.fft.rfft(scipy.fft.dct(field, axis=0, norm="ortho"), axis=1, norm="ortho")
    power = np.abs(modes) ** 2
    power[:, 1:-1] *= 2  # modes of negative kx, which rfft leaves out
    return float(mixing.sum()) + kappa / 2 * float((K2 * power).sum())


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


def initial_field(phi: float, rng: np.random.Generator) -> Field:
    """Draw a mixed film: phi, and uniform noise whose mean is zero."""
    noise = rng.uniform(-NOISE, NOISE, FRAME_SHAPE)
    field: Field = (phi + noise - noise.mean()).astype(np.float32)
    return field


@dataclass(frozen=True, kw_only=True)
class Medium:
    """Material parameters of the film."""

    chi: float
    kappa: float  # px^2; of gradients in x where kappa_y is given
    kappa_y: float | None = None  # px^2
    alpha: float = 0.0  # 1 / time: strength of the bond between white and black
    wall_potential: tuple[float, ...] = ()  # g in every row; it draws white where negative
    temperature: float = 0.0  # of the noise; k_B T of a pixel's volume, so far below 1

    @property
    def tau(self) -> float:
        """Time in which the first waves grow: kappa / (2 chi - 4)^2, of the smaller kappa."""
        return min(self.kappa, self.kappa_y or self.kappa) / (2 * self.chi - 4) ** 2

    @property
    def stabiliser(self) -> float:
        """S, half of f'' in the pure phases, which the implicit side adds to stay stable."""
        return max(1.0, min(30.0, 2 / (1 - binodal(self.chi) ** 2)) - self.chi)


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
    stabilised = 1 + dt * medium.stabiliser * K2
    implicit = stabilised + dt * medium.kappa * K2**2
    if medium.kappa_y is not None:
        implicit += dt * (medium.kappa_y - medium.kappa) * KY2 * K2
    implicit += dt * medium.alpha * (K2 > 0)  # u - phi has no mode k = 0
    keep, drive = stabilised / implicit, dt * K2 / implicit
    curvature = 4 / (1 - binodal(medium.chi) ** 2) - 2 * medium.chi  # f'' in a pure phase
    noise = thermal_noise.amplitude(keep, drive, medium.temperature, curvature, medium.kappa * K2)
    return Coefficients(keep.astype(np.float32), drive.astype(np.float32), noise)


def advance(
    state: FilmState, medium: Medium, step: Coefficients, rng: np.random.Generator | None = None
) -> FilmState:
    """Advance by one time step; the mode k = 0, the mass, is kept to the bit.

    Raises:
        ValueError: if the medium has a temperature and `rng` is None.
    """
    potential = _potential(state.u, medium.chi)
    if medium.wall_potential:
        potential += np.array(medium.wall_potential, dtype=np.float32)[:, None]
    modes = step.keep * state.modes - step.drive * to_modes(potential)
    if step.noise is not None:
        if rng is None:
            raise ValueError("a medium with a temperature needs rng")
        modes += step.noise * to_modes(rng.standard_normal(FRAME_SHAPE, dtype=np.float32))
    return FilmState(to_field(modes), modes)


def time_steps(start: float, end: float, tau: float) -> Iterator[float]:
    """Yield the lengths of time steps from `start` to `end`, the last one cut to land there.

    A time step is g tau with g = 0.01 (t / tau)^(2/3), as domains coarsen ever more slowly, held
    between 0.2 and 4 and raised by 15 % at a time, so that coefficients are seldom rebuilt.

    Such long steps lag: late domains move at 0.8 (chi 2.4) to 0.4 (chi 4) of the speed that
    25-fold finer ones give (`benchmarks.simulation`). `fit` was made with these steps.
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
    total, done = _count_time_steps(times, medium.tau), 0
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


def cost(config: SimulationConfig, medium: Medium | None = None) -> int:
    """Count the time steps of a simulation; its seconds are in proportion to them."""
    medium = medium or medium_of(config)
    return _count_time_steps(_times(config), medium.tau)


def _count_time_steps(times: Float64[np.ndarray, " time"], tau: float) -> int:
    starts = [0.0, *times.tolist()[:-1]]
    lengths = (time_steps(a, b, tau) for a, b in zip(starts, times.tolist(), strict=True))
    return sum(1 for interval in lengths for _ in interval)


def simulate(
    config: SimulationConfig,
    rng: np.random.Generator,
    progress: Progress = ignore,
    medium: Medium | None = None,
) -> Trajectory:
    """Simulate the film from noise; of another `medium` where one is given.

    Gray is u: 0 is u <= 0, 255 is u >= 1, so that a threshold at one half is u = 1/2. Early frames
    of phi > 1/2 are white everywhere, until the lowest u falls below 1/2.
    """
    medium = medium or medium_of(config)
    frames = np.empty((config.frames, *FRAME_SHAPE), dtype=np.uint8)
    fields = evolve(initial_field(config.phi, rng), medium, _times(config), progress, rng)
    for index, u in enumerate(fields):
        frames[index] = np.rint(255 * np.clip(u, 0, 1))
    return Trajectory(
        name=name_of(config),
        frames=frames,
        times=frame_steps(config).astype(np.float64),
        params={"phi": config.phi, "chi": config.chi, "kappa": medium.kappa},
        family="neutral",
        cell=name_of(config),
    )


def medium_of(config: SimulationConfig) -> Medium:
    """Return the plain blend of a chi, fitted to the published frames."""
    return Medium(chi=config.chi, kappa=fit(config.chi).kappa)


def _times(config: SimulationConfig) -> Float64[np.ndarray, " time"]:
    return frame_steps(config).astype(np.float64) * fit(config.chi).time_per_step


def _potential(u: Field, chi: float) -> Field:
    c = np.clip(u, np.float32(LOG_FLOOR), np.float32(1 - LOG_FLOOR))
    field: Field = np.log(c / (1 - c)) + np.float32(chi) * (1 - 2 * u)
    return field


def to_modes(field: Field) -> Modes:
    """Transform to cosine modes in y and Fourier modes in x; not normalised."""
    modes: Modes = scipy.fft.rfft(scipy.fft.dct(field, axis=0, workers=1), axis=1, workers=1)
    return modes


def to_field(modes: Modes) -> Field:
    """Invert `to_modes`."""
    rows = scipy.fft.irfft(modes, n=FRAME_WIDTH, axis=1, workers=1)
    field: Field = scipy.fft.idct(rows, axis=0, workers=1)
    return field
