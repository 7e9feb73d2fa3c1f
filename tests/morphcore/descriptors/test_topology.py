"""Topology: known pictures, and invariance under rolls and mirrors."""

import numpy as np
import pytest

from morphcore.descriptors import measure, topology
from morphcore.types import FRAME_SHAPE
from tests.factory import blobs


def picture(*rows: str) -> np.ndarray:
    return np.array([[letter == "#" for letter in row] for row in rows])


SEAM = picture(
    "#.......#",
    ".........",
    "..###....",
    "..#.#...#",
    "..###....",
)


def test_components_are_joined_over_the_seam() -> None:
    assert topology.phase(SEAM, periodic=True).components == 3
    assert topology.phase(SEAM, periodic=False).components == 4
    # Black: the ground and the hole of the ring; corners do not open the ring.
    assert topology.phase(~SEAM, periodic=True).components == 2


def test_one_piece_that_meets_the_seam_many_times_is_one() -> None:
    comb = picture(
        "##.....##",
        "#.......#",
        "##.....##",
        "#########",
        "#.......#",
    )
    assert topology.phase(comb, periodic=True).components == 1
    diagonal = picture("........#", "#........")
    assert topology.phase(diagonal, periodic=True).components == 1
    assert topology.phase(diagonal, periodic=False).components == 2


def test_the_share_that_reaches_from_top_to_bottom() -> None:
    film = picture(
        "#..##",
        "#....",
        "#..#.",
    )
    assert topology.phase(film, periodic=False).connected == pytest.approx(3 / 6)
    # Around the film the upper right corner hangs together with the column.
    assert topology.phase(film, periodic=True).connected == pytest.approx(5 / 6)
    assert topology.reaching(film, 0, periodic=False) == pytest.approx(5 / 6)
    nothing = np.zeros((3, 4), dtype=bool)
    assert topology.phase(nothing, periodic=True) == (0, 0.0)


@pytest.mark.parametrize(
    ("rows", "number"),
    [
        (("......", "..##..", "..##..", "......"), 1.0),  # a droplet
        ((".......", ".#####.", ".#...#.", ".#...#.", ".#####.", "......."), 0.0),  # with a hole
        (("..##..", "..##..", "......"), 0.5),  # at a wall
        (("......", "######", "......"), 0.0),  # around the film
        (("#....#", "#....#", "......", "......"), 0.5),  # over the seam, at a wall
    ],
)
def test_euler_numbers_of_known_pictures(rows: tuple[str, ...], number: float) -> None:
    bits = picture(*rows)[None]
    assert topology.euler(bits).tolist() == [number]
    assert topology.euler(~bits).tolist() == [-number]


def test_nothing_changes_when_a_film_is_rolled_or_mirrored() -> None:
    bits = np.concatenate([blobs(4, phi=phi, seed=7)[1:] > 127 for phi in (0.4, 0.5, 0.6)])
    ids = np.arange(len(bits))
    expected = measure.standard_set(measure.measure(ids, bits))
    assert expected.std(axis=0).min() > 0  # each varies
    for moved in (np.roll(bits, 117, axis=2), bits[:, :, ::-1], bits[:, ::-1]):
        measured = measure.standard_set(measure.measure(ids, moved))
        np.testing.assert_allclose(measured, expected, atol=1e-5)


def test_colours_swap_with_the_phases() -> None:
    bits = blobs(4, phi=0.6, seed=2)[1:] > 127
    ids = np.arange(len(bits))
    straight, inverted = (measure.measure(ids, each) for each in (bits, ~bits))
    np.testing.assert_array_equal(straight.components_white, inverted.components_black)
    np.testing.assert_array_equal(straight.connected_white, inverted.connected_black)
    np.testing.assert_array_equal(straight.euler, -inverted.euler)
    np.testing.assert_allclose(straight.first_zero, inverted.first_zero, rtol=1e-4)
    np.testing.assert_array_equal(straight.chord_x, inverted.chord_x)


def test_mean_chords_of_stripes() -> None:
    bits = (np.arange(FRAME_SHAPE[1]) // 10 % 2 == 0)[None, None] & np.ones((1, *FRAME_SHAPE), bool)
    x, y = measure.mean_chords(bits)
    assert (x[0], y[0]) == (10, 100)
    x, y = measure.mean_chords(bits.swapaxes(1, 2), periodic=False)
    assert (x[0], y[0]) == (100, 10)


def test_the_share_near_the_interface_knows_the_seam() -> None:
    bits = np.zeros((20, 100), dtype=bool)
    bits[:, :40] = True  # 40 px wide; around the film both of its sides have an interface
    assert measure.near_interface(bits, 10.0) == pytest.approx(20 / 40)
    assert measure.near_interface(bits, 10.0, periodic=False) == pytest.approx(10 / 40)
    assert measure.near_interface(~bits, 100.0) == 1.0
    assert measure.near_interface(np.ones((5, 9), dtype=bool)) == 0.0
