"""Units of length and of time as files write them, brought to one spelling each."""

_LENGTHS = {
    "pm": "pm picometer picometre",
    "Å": "å angstrom angstroms ang",
    "nm": "nm nanometer nanometre nanometers nanometres",
    "µm": "µm um μm \\u00b5m micron microns micrometer micrometre micrometers micrometres",
    "mm": "mm millimeter millimetre millimeters millimetres",
    "cm": "cm centimeter centimetre centimeters centimetres",
    "m": "m meter metre meters metres",
    "inch": "inch inches in",
}
_TIMES = {
    "ns": "ns nanosecond nanoseconds nsec",
    "µs": "µs us μs microsecond microseconds usec",
    "ms": "ms msec millisecond milliseconds",
    "s": "s sec secs second seconds",
    "min": "min mins minute minutes",
    "h": "h hr hrs hour hours",
    "d": "d day days",
    "step": "step steps iteration iterations timestep timesteps",
    "frame": "frame frames",
}
_NO_UNIT = {"", "1", "none", "unknown", "pixel", "pixels", "px", "dimensionless", "-", "a.u.", "au"}
_LENGTH = {word: unit for unit, words in _LENGTHS.items() for word in words.split()}
_TIME = {word: unit for unit, words in _TIMES.items() for word in words.split()}
_METRES = {"m": 1.0, "cm": 1e-2, "mm": 1e-3, "inch": 0.0254}
_MOST_LETTERS = 12


def length_unit(text: str) -> str | None:
    """The usual spelling of a unit of length; None for a pixel or for no unit.

    >>> length_unit("micron"), length_unit("pixel"), length_unit("R_g")
    ('µm', None, 'R_g')
    """
    return _unit(text, _LENGTH)


def time_unit(text: str) -> str | None:
    """The usual spelling of a unit of time, without the moment that it is counted from.

    >>> time_unit("seconds since 2024-03-01"), time_unit("steps"), time_unit("")
    ('s', 'step', None)
    """
    return _unit(text.split(" since ")[0], _TIME)


def _unit(text: str, known: dict[str, str]) -> str | None:
    plain = text.strip().strip("\0[]()").strip()
    if plain.lower() in _NO_UNIT:
        return None
    found = known.get(plain) or known.get(plain.lower())
    return found or (plain if len(plain) <= _MOST_LETTERS else None)


def handy(size: tuple[float, float], unit: str) -> tuple[tuple[float, float], str]:
    """Bring the sides of a pixel from metres, centimetres or inches to nm, µm or mm.

    Sizes in other units stay as they are.

    >>> handy((5e-9, 5e-9), "m")
    ((5.0, 5.0), 'nm')
    """
    if unit not in _METRES or not 0 < size[0] < 1e-2 / _METRES[unit]:
        return size, unit
    metres = size[0] * _METRES[unit]
    name, factor = next(
        (name, factor)
        for name, factor, least in (("mm", 1e3, 1e-3), ("µm", 1e6, 1e-6), ("nm", 1e9, 0.0))
        if metres >= least * 0.999
    )
    along_x, along_y = (_rounded(side * _METRES[unit] * factor) for side in size)
    return (along_x, along_y), name


def named(
    size: tuple[float, float] | None, unit: str | None
) -> tuple[tuple[float, float] | None, str | None]:
    """A pixel's sides with their unit: "units", those of the simulation, where the file has none.

    Sides of 1 without a unit are pixels, and no size.

    >>> named((0.5, 0.5), None), named((1.0, 1.0), None), named((5.0, 5.0), "nm")
    (((0.5, 0.5), 'units'), (None, None), ((5.0, 5.0), 'nm'))
    """
    if size is None or (unit is None and size == (1.0, 1.0)):
        return None, None
    return size, unit or "units"


def _rounded(size: float) -> float:
    return float(f"{size:.9g}")  # 5.000000000000001 nm is the float's doing, not the file's
