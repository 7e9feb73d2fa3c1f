"""The cells that a split by trajectory always holds out, where a data set is a whole world."""

from collections.abc import Set

from morphcore.simulation.cells import (
    CELLS,
    FIRST_ZOO_CELLS,
    FIRST_ZOO_HELD_OUT_CELLS,
    HELD_OUT_CELLS,
    ZOO_CELLS,
    ZOO_HELD_OUT_CELLS,
)


def of_zoo(names: Set[str]) -> frozenset[str] | None:
    """The names of the held-out cells of the zoo whose cells have these names.

    None where they are not all of a zoo's: neither of today's 120 nor of the 60 of older data sets.
    """
    every = {cell.name for cell in ZOO_CELLS}
    if every <= names:
        return frozenset(cell.name for cell in ZOO_HELD_OUT_CELLS)
    if names & every == {cell.name for cell in FIRST_ZOO_CELLS}:
        return frozenset(cell.name for cell in FIRST_ZOO_HELD_OUT_CELLS)
    return None


def of_thin_film(blends: Set[tuple[float, float]]) -> frozenset[tuple[float, float]] | None:
    """The held-out (phi, chi) of the thin film, `rounded`; None where not all 57 are there."""
    if {rounded(*cell) for cell in CELLS} <= blends:
        return frozenset(rounded(*cell) for cell in HELD_OUT_CELLS)
    return None


def rounded(phi: float, chi: float) -> tuple[float, float]:
    """A blend as it is compared: as far as names of files say it."""
    return round(phi, 3), round(chi, 2)
