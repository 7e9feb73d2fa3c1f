"""Patterns have the fraction and the domain size that they are asked for."""

import numpy as np
import pytest

from morphcore.descriptors import measure
from morphcore.patterns import PATTERNS, Pattern, PatternError, pattern

SHAPE = (100, 400)


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.parametrize(("fraction", "length"), [(0.5, 12.0), (0.38, 16.0), (0.6, 20.0)])
def test_a_pattern_has_the_fraction_and_the_size_asked_for(
    name: Pattern, fraction: float, length: float
):
    bits = pattern(name, SHAPE, fraction=fraction, length=length)[None]
    assert measure.fraction(bits)[0] == pytest.approx(fraction, abs=0.04)
    assert measure.domain_length(bits)[0] == pytest.approx(length, rel=0.25)


def test_patterns_are_what_their_names_say():
    made = {name: pattern(name, SHAPE, fraction=0.4, length=14.0) for name in PATTERNS}
    stripes, layers, droplets = made["stripes"], made["layers"], made["droplets"]
    assert (stripes == stripes[:1]).all()
    assert (layers == layers[:, :1]).all()
    whole = measure.measure(np.array([1, 2]), np.stack([droplets, made["labyrinth"]]))
    assert whole.connected_white[0] == 0  # discs are apart
    assert whole.connected_black[0] > 0.9
    assert whole.components_white[0] > 2 * whole.components_white[1]


@pytest.mark.parametrize("name", ["droplets", "labyrinth", "stripes"])
def test_a_periodic_pattern_goes_on_around_the_film(name: Pattern):
    bits = pattern(name, SHAPE, fraction=0.5, length=15.0)
    seam = np.mean(bits[:, 0] != bits[:, -1])
    inside = np.mean(bits[:, 1:] != bits[:, :-1], axis=0).max()
    assert seam <= inside


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.parametrize("shape", [(16, 16), (64, 64), (512, 512), (100, 900)])
@pytest.mark.parametrize("length", [0.5, 900.0])
def test_any_size_has_both_colours(name: Pattern, shape: tuple[int, int], length: float):
    bits = pattern(name, shape, fraction=0.5, length=length, periodic=False)
    assert bits.shape == shape
    assert bits.any()
    assert not bits.all()
    np.testing.assert_array_equal(
        bits, pattern(name, shape, fraction=0.5, length=length, periodic=False)
    )


@pytest.mark.parametrize(("fraction", "length"), [(0.0, 10.0), (1.0, 10.0), (0.5, 0.0)])
def test_what_cannot_be_made_is_refused(fraction: float, length: float):
    with pytest.raises(PatternError, match="accepted is"):
        pattern("stripes", SHAPE, fraction=fraction, length=length)
