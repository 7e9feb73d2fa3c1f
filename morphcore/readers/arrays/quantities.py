"""Quantities in one file: the composition is told from a chemical potential or a flow beside it."""

import re
from collections.abc import Sequence

from morphcore.readers.arrays.fields import Field

# What a film is made of; a name may go on after these, as in phi_A or concentration_field.
_COMPOSITIONS = ("phi", "conc", "comp", "order_par", "psi", "eta", "phase")
_COMPOSITION_NAMES = frozenset(["c", "u", "op", "cahn_hilliard"])
# What is computed beside it and has no phases of its own.
_OTHERS = frozenset(
    [
        "mu",
        "w",
        "p",
        "t",
        "ux",
        "uy",
        "vx",
        "vy",
        "pressure",
        "temperature",
        "temp",
        "potential",
        "energy",
        "noise",
        "vorticity",
        "streamfunction",
    ]
)
_OTHER_PARTS = (
    "chem_pot",
    "chemical_pot",
    "chempot",
    "velocity",
    "energy_dens",
    "free_en",
    "grad",
    "flux",
    "stress",
    "mobility",
    "laplac",
    "residual",
)
_COUNTED = re.compile(r"[\W_]*\d+$")


def other_quantities(fields: Sequence[Field]) -> list[Field]:
    """The arrays that have no phases to see, where the composition lies beside them.

    By their names, within each group of a file: mu beside phi. Names that are not known are kept.
    """
    found: list[Field] = []
    for group in dict.fromkeys(one.group for one in fields):
        names = {id(one): _name(one) for one in fields if one.group == group}
        flow = {"u", "v"} <= set(names.values())
        compositions = {name for name in names.values() if _is_composition(name, flow=flow)}
        if compositions:
            found += [one for one in fields if id(one) in names and _is_other(names[id(one)], flow)]
    return found


def _name(one: Field) -> str:
    return _COUNTED.sub("", one.last_name.lower()) or one.last_name.lower()


def _is_composition(name: str, *, flow: bool) -> bool:
    if flow and name == "u":
        return False
    return name in _COMPOSITION_NAMES or name.startswith(_COMPOSITIONS)


def _is_other(name: str, flow: bool) -> bool:
    if flow and name in ("u", "v"):
        return True
    return name in _OTHERS or any(part in name for part in _OTHER_PARTS)
