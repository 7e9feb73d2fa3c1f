"""Units of length: the ratio of two lengths, where it can be known."""

_METRES = {
    "m": 1.0,
    "cm": 1e-2,
    "mm": 1e-3,
    "µm": 1e-6,  # the micro sign
    "μm": 1e-6,  # the Greek letter
    "um": 1e-6,
    "micron": 1e-6,
    "microns": 1e-6,
    "nm": 1e-9,
    "Å": 1e-10,
    "å": 1e-10,
    "A": 1e-10,
    "angstrom": 1e-10,
    "pm": 1e-12,
}


def ratio(length: float, unit: str, other: float, other_unit: str) -> float | None:
    """`length` over `other`; None where their units cannot be converted into each other.

    >>> ratio(2.0, "µm", 500.0, "nm"), ratio(1.0, "R_g", 2.0, "R_g"), ratio(1.0, "px", 5.0, "nm")
    (4.0, 0.5, None)
    """
    if not (length > 0 and other > 0):
        return None
    if unit == other_unit:
        return length / other
    if unit not in _METRES or other_unit not in _METRES:
        return None
    return float(f"{length * _METRES[unit] / (other * _METRES[other_unit]):.12g}")
