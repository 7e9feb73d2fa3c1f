"""The grid that py-pde writes beside its fields: shape, bounds and periodicity, as JSON."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from morphcore.readers.arrays.fields import Facts

_DEPTH = 12  # of JSON within JSON in its attributes


def find(root: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Find the grid in py-pde's attributes: JSON, within which texts are JSON again."""
    return _within(dict(root), _DEPTH)


def _within(value: Any, depth: int) -> Mapping[str, Any] | None:
    if isinstance(value, str) and value[:1] in '{"[' and depth:
        try:
            return _within(json.loads(value), depth - 1)
        except (ValueError, RecursionError):
            return None
    if isinstance(value, dict) and depth:
        if isinstance(value.get("shape"), list) and ("bounds" in value or "periodic" in value):
            return value
        for inner in value.values():
            if (found := _within(inner, depth - 1)) is not None:
                return found
    return None


def add(facts: Facts, grid: Mapping[str, Any], shape: tuple[int, ...]) -> Facts:
    """Add what py-pde's Cartesian grid says; its axes are x, y, and y goes upwards."""
    cells = [int(side) for side in grid["shape"]]
    if len(cells) != 2 or list(shape[-2:]) != cells:
        return facts
    dims: tuple[str | None, ...] = ("t", *("c" for _ in shape[3:]), "x", "y")[-len(shape) :]
    facts = replace(facts, dims=dims, y_up=True)
    periodic = grid.get("periodic")
    if isinstance(periodic, bool):
        periodic = [periodic, periodic]
    if isinstance(periodic, list) and len(periodic) == 2:
        facts = replace(facts, periodic=(bool(periodic[0]), bool(periodic[1])))
    try:
        (x_low, x_high), (y_low, y_high) = grid["bounds"]
        size = ((x_high - x_low) / cells[0], (y_high - y_low) / cells[1])
    except (KeyError, TypeError, ValueError):
        return facts
    if not min(size) > 0:
        return facts
    # Lengths without a unit: what counts of them is whether cells are square.
    return replace(facts, pixel_size=size)
