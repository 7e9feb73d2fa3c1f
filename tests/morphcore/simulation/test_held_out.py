"""The cells that are always held out: of the whole thin film, and of either whole zoo."""

from morphcore.simulation import held_out
from morphcore.simulation.cells import (
    CELLS,
    FIRST_ZOO_CELLS,
    FIRST_ZOO_HELD_OUT_CELLS,
    HELD_OUT_CELLS,
    ZOO_CELLS,
    ZOO_HELD_OUT_CELLS,
    ZooCell,
)


def names(cells: tuple[ZooCell, ...] | frozenset[ZooCell]) -> set[str]:
    return {cell.name for cell in cells}


def test_either_whole_zoo_has_its_own_held_out_cells():
    assert held_out.of_zoo(names(ZOO_CELLS)) == names(ZOO_HELD_OUT_CELLS)
    assert held_out.of_zoo(names(FIRST_ZOO_CELLS)) == names(FIRST_ZOO_HELD_OUT_CELLS)
    assert held_out.of_zoo(names(ZOO_CELLS) | {"a film of my own"}) == names(ZOO_HELD_OUT_CELLS)


def test_a_part_of_a_zoo_has_none():
    for part in (ZOO_CELLS[:-1], ZOO_CELLS[1:], FIRST_ZOO_CELLS[:-1], ()):
        assert held_out.of_zoo(names(part)) is None


def test_the_whole_thin_film_has_eleven_however_far_its_names_say_a_blend():
    blurred = {held_out.rounded(phi + 1e-5, chi - 1e-4) for phi, chi in CELLS}
    expected = {held_out.rounded(*cell) for cell in HELD_OUT_CELLS}
    assert held_out.of_thin_film(blurred) == expected
    assert len(expected) == 11
    assert held_out.of_thin_film(set(CELLS[1:])) is None
