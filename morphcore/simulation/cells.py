"""Cells of the thin film and of the zoo: physics and their parameters."""

from dataclasses import dataclass
from typing import Literal

from morphcore.config import ConfigError

# The 57 cells (phi, chi) of the full set. The data set of the proof of concept has 57
# trajectories over this grid; which cells it lacks is not published, so these are our choice.
_GRID: dict[float, tuple[float, ...]] = {
    2.2: (0.500, 0.514, 0.528, 0.543, 0.558, 0.586, 0.600),
    2.4: (0.500, 0.514, 0.543, 0.572, 0.600, 0.615),
    2.6: (0.514, 0.528, 0.558, 0.572, 0.586, 0.615),
    2.8: (0.500, 0.514, 0.528, 0.572),
    3.2: (0.500, 0.514, 0.543, 0.558, 0.586, 0.615),
    3.4: (0.500, 0.514, 0.528, 0.543, 0.558, 0.572, 0.586, 0.615),
    3.6: (0.500, 0.528, 0.543, 0.558, 0.572, 0.600, 0.615),
    3.8: (0.500, 0.514, 0.528, 0.558, 0.572, 0.600, 0.615),
    4.0: (0.500, 0.514, 0.572, 0.586, 0.600, 0.615),
}


CELLS: tuple[tuple[float, float], ...] = tuple(
    (phi, chi) for chi, phis in _GRID.items() for phi in phis
)


def cell_name(phi: float, chi: float) -> str:
    """Format the name of a cell, such as phi0.543-chi2.4."""
    return f"phi{_number(phi, 3)}-chi{_number(chi, 1)}"


def _number(value: float, decimals: int) -> str:
    """Format a number with this many decimals, or with all it needs where that would change it."""
    short = f"{value:.{decimals}f}"
    return short if float(short) == value else repr(value)


def spread_cells(count: int) -> tuple[tuple[float, float], ...]:
    """Choose `count` of the 57 cells, evenly over their order: by chi, then phi.

    Raises:
        ConfigError: if there are not that many.
    """
    if not 0 <= count <= len(CELLS):
        raise ConfigError(f"cells is {count}; accepted is 0 to {len(CELLS)}")
    return tuple(CELLS[int((index + 0.5) * len(CELLS) / count)] for index in range(count))


# Held out in a split by trajectory of the full set, whatever the seed: another choice of 11
# moves the retrieval figures more than a better model does.
HELD_OUT_CELLS: frozenset[tuple[float, float]] = frozenset(
    {
        (0.543, 2.2),
        (0.600, 2.4),
        (0.528, 2.6),
        (0.615, 2.6),
        (0.514, 2.8),
        (0.558, 3.2),
        (0.500, 3.4),
        (0.586, 3.4),
        (0.615, 3.6),
        (0.528, 3.8),
        (0.572, 4.0),
    }
)


# The demo's six: both batches of chi, droplets and labyrinths.
DEMO_CELLS: tuple[tuple[float, float], ...] = (
    (0.500, 2.4),
    (0.543, 2.4),
    (0.615, 2.6),
    (0.500, 3.4),
    (0.558, 3.6),
    (0.615, 4.0),
)

Family = Literal["neutral", "wetting", "anisotropic", "ohta-kawasaki", "noisy", "random-field"]
FAMILIES: tuple[Family, ...] = (
    "neutral",
    "wetting",
    "anisotropic",
    "ohta-kawasaki",
    "noisy",
    "random-field",
)


# Which walls draw a phase, as a wetting cell's name and parameters say it.
TOP, BOTH, BOTTOM = 1, 2, 3


@dataclass(frozen=True, kw_only=True)
class ZooCell:
    """Parameters of a film of the zoo: its family, its blend, and those that the family adds.

    Parameters of other families keep their defaults, at which they do nothing.
    """

    family: Family
    phi: float
    chi: float
    h: float = 0.0  # wetting: strength with which a wall draws white, or black below 0
    xi: float = 3.0  # wetting: range of that, px
    walls: int = TOP  # wetting: which of them do so: 1 the top one, 2 both, 3 the bottom one
    ratio: float = 1.0  # anisotropic: kappa_x / kappa_y
    alpha: float = 0.0  # ohta-kawasaki: 1 / time
    temperature: float = 0.0  # noisy: k_B T of a pixel's volume

    def __post_init__(self) -> None:
        needs = {
            "wetting": self.h != 0 and self.xi > 0 and self.walls in (TOP, BOTH, BOTTOM),
            "anisotropic": self.ratio > 0 and self.ratio != 1,
            "ohta-kawasaki": self.alpha > 0,
            "noisy": self.temperature > 0,
        }
        if self.family not in FAMILIES:
            raise ConfigError(f"family is {self.family!r}; accepted are {', '.join(FAMILIES)}")
        if not needs.get(self.family, True):
            raise ConfigError(f"a {self.family} cell lacks its own parameter")

    @property
    def special(self) -> dict[str, float]:
        """The parameters that the family adds, by name."""
        names = {
            "wetting": ("h", "xi", "walls"),
            "anisotropic": ("ratio",),
            "ohta-kawasaki": ("alpha",),
            "noisy": ("temperature",),
        }
        return {name: float(getattr(self, name)) for name in names.get(self.family, ())}

    @property
    def name(self) -> str:
        """The name, such as wetting-phi0.543-chi2.6-h0.3-xi3-walls2; equal for equal physics."""
        special = [f"{name}{value:g}" for name, value in self.special.items()]
        return "-".join([self.family, cell_name(self.phi, self.chi), *special])


# Steps of the first and last frame of a zoo, by default. Before step 40 the waves still grow and
# all families but the anisotropic one look alike; long after 2000 many films are stripes at rest.
ZOO_FIRST_STEP = 40
ZOO_LAST_STEP = 2000

# All families over the same twenty blends, so that area fraction and L overlap. The first ten are
# those of the zoo of 60 cells, which older data sets have.
_BLENDS = [(phi, chi) for chi in (2.8, 3.4) for phi in (0.5, 0.528, 0.558, 0.586, 0.615)]
_BLENDS += [(phi, chi) for chi in (2.6, 3.8) for phi in (0.5, 0.514, 0.543, 0.572, 0.6)]
# (h, walls), weak where separation is slow, else the whole film is laid in layers from the start.
_WALLS = [(0.02, TOP), (-0.02, TOP), (0.04, TOP), (-0.04, TOP), (0.02, TOP)]
_WALLS += [(0.2, TOP), (-0.2, BOTH), (0.4, BOTH), (-0.4, TOP), (0.2, BOTH)]
_WALLS += [(-0.02, BOTTOM), (0.03, BOTTOM), (-0.03, BOTTOM), (0.02, TOP), (0.03, BOTTOM)]
_WALLS += [(-0.3, BOTTOM), (0.3, BOTTOM), (-0.4, BOTH), (0.4, BOTTOM), (-0.2, BOTTOM)]
# Weak where stripes stand: they would be at rest at once.
_RATIOS = [2, 3, 0.5, 0.5, 3, 4, 6, 0.3, 0.5, 0.25]
_RATIOS += [3, 0.5, 2, 3, 0.5, 0.5, 5, 4, 0.3, 3]
# Weak enough that domains coarsen for a while, strong enough that all of them stop.
_ALPHAS = [0.001, 0.003, 0.0015, 0.002, 0.001, 0.008, 0.004, 0.006, 0.015, 0.01]
_ALPHAS += [0.0015, 0.001, 0.002, 0.0008, 0.0015, 0.015, 0.008, 0.012, 0.02, 0.008]
_TEMPERATURES = [0.08, 0.12, 0.16, 0.08, 0.12, 0.15, 0.3, 0.2, 0.15, 0.3]
_TEMPERATURES += [0.1, 0.06, 0.08, 0.1, 0.06, 0.2, 0.35, 0.25, 0.4, 0.2]


def _family(family: Family) -> tuple[ZooCell, ...]:
    return tuple(
        ZooCell(
            family=family,
            phi=phi,
            chi=chi,
            h=_WALLS[blend][0] if family == "wetting" else 0.0,
            walls=_WALLS[blend][1] if family == "wetting" else TOP,
            ratio=_RATIOS[blend] if family == "anisotropic" else 1.0,
            alpha=_ALPHAS[blend] if family == "ohta-kawasaki" else 0.0,
            temperature=_TEMPERATURES[blend] if family == "noisy" else 0.0,
        )
        for blend, (phi, chi) in enumerate(_BLENDS)
    )


ZOO_CELLS: tuple[ZooCell, ...] = tuple(cell for family in FAMILIES for cell in _family(family))
# Held out in a split by trajectory of the whole zoo, whatever the seed: a fifth, four a family,
# one at each chi, each with neighbours in phi on both sides among the rest.
_HELD_OUT: dict[Family, tuple[int, ...]] = {
    "neutral": (3, 7, 11, 17),
    "wetting": (2, 8, 12, 16),
    "anisotropic": (1, 6, 13, 18),
    "ohta-kawasaki": (1, 6, 12, 17),
    "noisy": (3, 8, 11, 18),
    "random-field": (2, 7, 13, 16),
}
ZOO_HELD_OUT_CELLS: frozenset[ZooCell] = frozenset(
    _family(family)[blend] for family, blends in _HELD_OUT.items() for blend in blends
)

# The zoo as it was before it had 120 cells, ten a family; older data sets have its cells.
FIRST_ZOO_CELLS: tuple[ZooCell, ...] = tuple(
    cell for family in FAMILIES for cell in _family(family)[:10]
)
FIRST_ZOO_HELD_OUT_CELLS: frozenset[ZooCell] = frozenset(
    _family(family)[blend] for family, blend in zip(FAMILIES, (7, 8, 1, 6, 3, 2), strict=True)
)
ZOOS: dict[int, tuple[ZooCell, ...]] = {
    len(FIRST_ZOO_CELLS): FIRST_ZOO_CELLS,
    len(ZOO_CELLS): ZOO_CELLS,
}


def spread_zoo_cells(count: int, cells: tuple[ZooCell, ...] = ZOO_CELLS) -> tuple[ZooCell, ...]:
    """Choose `count` of a zoo's cells, evenly over their order: by family, then blend.

    Raises:
        ConfigError: if there are not that many.
    """
    if not 0 <= count <= len(cells):
        raise ConfigError(f"cells is {count}; accepted is 0 to {len(cells)}")
    return tuple(cells[int((index + 0.5) * len(cells) / count)] for index in range(count))
