"""Labels, units and number formats of descriptors."""

from collections.abc import Mapping
from math import isfinite
from typing import NamedTuple

from wording.numbers import formatted, percent


class Descriptor(NamedTuple):
    """A descriptor's label, and the form and unit of its values."""

    label: str
    form: str = ".1f"
    unit: str = ""


DESCRIPTORS: Mapping[str, Descriptor] = {
    "fraction": Descriptor("Area fraction of white", ".1%"),
    "length": Descriptor("Domain size L", ".1f", " px"),
    "euler": Descriptor("Euler number", ".0f"),
    "components_white": Descriptor("White domains", ".0f"),
    "components_black": Descriptor("Black domains", ".0f"),
    "connected_white": Descriptor("White joined top to bottom", ".0%"),
    "connected_black": Descriptor("Black joined top to bottom", ".0%"),
    "chord_x": Descriptor("Mean chord along the film", ".1f", " px"),
    "chord_y": Descriptor("Mean chord across the film", ".1f", " px"),
    "first_zero": Descriptor("First zero of the two-point function", ".1f", " px"),
    "chord_ratio": Descriptor("Chords along over across, border corrected", ".2f"),
    "contrast": Descriptor("Contrast", ".2f"),
}
LENGTHS = tuple(name for name, descriptor in DESCRIPTORS.items() if descriptor.unit == " px")


def value(
    name: str, number: float, pixel_size: float | None = None, length_unit: str = "px"
) -> str:
    """A descriptor's value with its unit; a length in the data set's own unit, too, if known."""
    descriptor = DESCRIPTORS[name]
    if name in LENGTHS:
        return length(number, pixel_size, length_unit)
    return formatted(number, descriptor.form) + descriptor.unit


def length(pixels: float, pixel_size: float | None = None, length_unit: str = "px") -> str:
    """A length in pixels and, where the size of a pixel is known, in its unit.

    >>> length(11.14), length(11.14, 2.5, "nm")
    ('11.1 px', '11.1 px (27.9 nm)')
    """
    if pixel_size is None or not isfinite(pixels):
        return f"{pixels:.1f} px"
    return f"{pixels:.1f} px ({pixels * pixel_size:.3g} {length_unit})"


def fraction_and_length(
    fraction: float,
    pixels: float,
    *,
    unseparated: bool,
    contrast: float,
    pixel_size: float | None = None,
    length_unit: str = "px",
) -> str:
    """Area fraction and domain size of a frame in a line; before separation they mean nothing.

    >>> fraction_and_length(0.5, 14.2, unseparated=True, contrast=0.008)
    'not yet separated (contrast 0.01) · area fraction — · L —'
    """
    if unseparated:
        known = f" (contrast {contrast:.2f})" if isfinite(contrast) else ""
        return f"not yet separated{known} · area fraction — · L —"
    return f"area fraction {percent(fraction, 1)} · L {length(pixels, pixel_size, length_unit)}"
