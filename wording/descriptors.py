"""Labels, units and number formats of descriptors."""

from collections.abc import Mapping
from typing import NamedTuple

from morphcore.types import Descriptors


class Descriptor(NamedTuple):
    """A descriptor's label, and the form and unit of its values."""

    label: str
    form: str = ".1f"
    unit: str = ""


DESCRIPTORS: Mapping[str, Descriptor] = {
    "fraction": Descriptor("White fraction", ".1%"),
    "length": Descriptor("Domain size L", ".1f", " px"),
    "euler": Descriptor("Euler number", ".0f"),
    "components_white": Descriptor("White domains", ".0f"),
    "components_black": Descriptor("Black domains", ".0f"),
    "connected_white": Descriptor("White joined top to bottom", ".0%"),
    "connected_black": Descriptor("Black joined top to bottom", ".0%"),
    "chord_x": Descriptor("Mean chord along the film", ".1f", " px"),
    "chord_y": Descriptor("Mean chord across the film", ".1f", " px"),
    "first_zero": Descriptor("First zero of the two-point function", ".1f", " px"),
}


def value(name: str, number: float) -> str:
    """A descriptor's value with its unit."""
    descriptor = DESCRIPTORS[name]
    return f"{number:{descriptor.form}}{descriptor.unit}"


def fraction_and_length(descriptors: Descriptors) -> str:
    """White fraction and domain size of the first of some frames, in a line."""
    return f"white {descriptors.fraction[0]:.1%} · L {descriptors.length[0]:.1f} px"
