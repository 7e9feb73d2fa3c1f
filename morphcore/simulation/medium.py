"""The film's material: its parameters, its chemical potential and its free energy.

    F[u] = sum over pixels of f(u) + kappa/2 |grad u|^2 + g(y) u + alpha/2 |k^-1 (u - phi)|^2

f(u) = u ln u + (1 - u) ln(1 - u) + chi u (1 - u) is the free energy of mixing per pixel, in units
of k_B T, of two polymers with chains of length 1. g is the walls' potential and alpha the bond of
T. Ohta and K. Kawasaki, Macromolecules 19 (1986) 2621; both are 0 in the plain blend.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from morphcore.simulation.film_modes import Field, power, waves

LOG_FLOOR = 0.002  # u is kept this far from 0 and 1 inside the logarithm


@lru_cache(maxsize=64)
def binodal(chi: float) -> float:
    """Compute the binodal m > 0: the two phases have u = (1 - m) / 2 and (1 + m) / 2 at rest.

    It solves m = tanh(chi m / 2), for chi > 2.
    """
    m = 1.0
    for _ in range(1000):  # contracts, if slowly near chi = 2
        m = float(np.tanh(chi * m / 2))
    return m


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
    def curvature(self) -> float:
        """f'' in a pure phase at rest."""
        return 4 / (1 - binodal(self.chi) ** 2) - 2 * self.chi


def potential(u: Field, medium: Medium) -> Field:
    """Compute f'(u) + g, in k_B T; gradients are left to the modes."""
    c = np.clip(u, np.float32(LOG_FLOOR), np.float32(1 - LOG_FLOOR))
    field: Field = np.log(c / (1 - c)) + np.float32(medium.chi) * (1 - 2 * u)
    if medium.wall_potential:
        field += np.array(medium.wall_potential, dtype=np.float32)[:, None]
    return field


def free_energy(u: Field, medium: Medium) -> float:
    """Compute the free energy F, summed over pixels, in k_B T; thermal noise is left out.

    Gradients are taken in the film's modes, and beyond `LOG_FLOOR` f goes on with the slope that
    the clipped logarithm gives it: so `potential` is the slope of this very sum.
    """
    field = u.astype(np.float64)
    c = np.clip(field, LOG_FLOOR, 1 - LOG_FLOOR)
    mixing = c * np.log(c) + (1 - c) * np.log(1 - c) + np.log(c / (1 - c)) * (field - c)
    mixing += medium.chi * field * (1 - field)
    energy, squares, each = float(mixing.sum()), power(u), waves(u.shape)
    kappa_y = medium.kappa if medium.kappa_y is None else medium.kappa_y
    energy += float(((medium.kappa * each.kx2 + kappa_y * each.ky2) * squares).sum()) / 2
    if medium.wall_potential:
        energy += float((np.array(medium.wall_potential)[:, None] * field).sum())
    reach = np.divide(squares, each.k2, out=np.zeros_like(squares), where=each.k2 > 0)
    return energy + medium.alpha / 2 * float(reach.sum())
