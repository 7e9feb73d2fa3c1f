"""Zoo of other physics on the same film, overlapping with the plain blend in area fraction and L.

    du/dt = lap( f'(u) - (kappa_x d_xx + kappa_y d_yy) u + g(y) ) - alpha (u - phi) + noise

neutral        nothing but the blend of `cahn_hilliard`
wetting        g(y) = -h exp(-y / xi), y px from a wall: walls draw one phase (white for h > 0);
               S. Puri and K. Binder, Phys. Rev. A 46 (1992) R4487
anisotropic    kappa_x = kappa sqrt(ratio), kappa_y = kappa / sqrt(ratio): interfaces across x cost
               more where ratio > 1, so that stripes lie; they stand where it is below 1
ohta-kawasaki  alpha > 0: white and black are ends of one chain and cannot part far, so that
               coarsening stops; T. Ohta and K. Kawasaki, Macromolecules 19 (1986) 2621
noisy          thermal noise of temperature T all along; H. E. Cook, Acta Metall. 18 (1970) 297
random-field   no dynamics: frames of the neutral film with random phases, see `random_field`

All conserve mass. u, f, chi, phi and the scheme are those of `cahn_hilliard`; the free energy that
noiseless dynamics lower is `medium.free_energy`.
"""

from dataclasses import replace

import numpy as np

from morphcore.config import SimulationConfig
from morphcore.progress import Progress, ignore, part
from morphcore.simulation import cahn_hilliard, random_field
from morphcore.simulation.cells import BOTH, BOTTOM, TOP, ZooCell
from morphcore.simulation.fit import Scheme, fit
from morphcore.simulation.medium import Medium
from morphcore.types import FRAME_HEIGHT, Trajectory

NOISY_STEP = 2.7  # cost of a first-order step with noise, in plain ones
RANDOM_FRAME = 18  # cost of a random frame, in time steps


def medium(cell: ZooCell, scheme: Scheme = "bdf2") -> Medium:
    """Build the medium of a cell: its material parameters."""
    kappa = fit(cell.chi, scheme).kappa
    plain = Medium(chi=cell.chi, kappa=kappa)
    match cell.family:
        case "wetting":
            return replace(plain, wall_potential=_wall_potential(cell))
        case "anisotropic":
            root = float(np.sqrt(cell.ratio))
            return replace(plain, kappa=kappa * root, kappa_y=kappa / root)
        case "ohta-kawasaki":
            return replace(plain, alpha=cell.alpha)
        case "noisy":
            return replace(plain, temperature=cell.temperature)
        case _:
            return plain


def _wall_potential(cell: ZooCell) -> tuple[float, ...]:
    y = np.arange(FRAME_HEIGHT) + 0.5
    g = -cell.h * np.exp(-y / cell.xi)
    by_walls = {TOP: g, BOTH: g + g[::-1], BOTTOM: g[::-1]}
    return tuple(by_walls[cell.walls].tolist())


def cost(config: SimulationConfig, cell: ZooCell, scheme: Scheme = "bdf2") -> float:
    """Estimate the cost of simulating a cell, in time steps of the plain blend."""
    steps = cahn_hilliard.cost(config, medium(cell, scheme), scheme)
    if cell.family == "noisy" and scheme == "first-order":
        return NOISY_STEP * steps
    return steps + (RANDOM_FRAME * config.frames if cell.family == "random-field" else 0)


def simulate(
    config: SimulationConfig,
    cell: ZooCell,
    rng: np.random.Generator,
    progress: Progress = ignore,
    scheme: Scheme = "bdf2",
) -> Trajectory:
    """Simulate a cell's film from noise; `config` has its phi and chi, and the frames' steps."""
    film = medium(cell, scheme)
    random = cell.family == "random-field"
    share = cahn_hilliard.cost(config, film, scheme) / cost(config, cell, scheme) if random else 1.0
    trajectory = cahn_hilliard.simulate(config, rng, part(progress, 0.0, share), film, scheme)
    if random:
        rest = part(progress, share, 1.0)
        frames = random_field.without_dynamics(trajectory.array, rng, rest)
        trajectory = replace(trajectory, frames=frames)
    return replace(
        trajectory, name=cell.name, params=_params(cell, film), family=cell.family, cell=cell.name
    )


def _params(cell: ZooCell, film: Medium) -> dict[str, float]:
    params = {"phi": cell.phi, "chi": cell.chi, **cell.special}
    if film.kappa_y is None:
        return {**params, "kappa": film.kappa}
    return {**params, "kappa_x": film.kappa, "kappa_y": film.kappa_y}
