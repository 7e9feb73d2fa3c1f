"""Structures as hypothesis builds them: tables, arrays, options, addresses of pages, names."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis
import numpy as np
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays

from benchmarks.fuzz import readers, seeds
from benchmarks.fuzz.tally import Tally
from morphcore.readers.options import AXES, ImportOptions
from morphcore.readers.tables import parameters_csv, property_table
from ui import links
from wording.escapes import csv_cell, file_name, plain

_HEADS = (
    *("file", "trajectory", "index", "time", "frame", "phi", "chi", "pixel_size", "length_unit"),
    *("periodic", "time_unit", "current", "=a", "", " ", "α"),
)
_CELL = some.one_of(
    some.floats().map(str),
    some.integers().map(str),
    some.sampled_from(["", "nan", "1,5", '"', "r", "r.npy", "0.5", "true", "x", "²", "1e999"]),
    some.text(max_size=8),
)


@some.composite
def _table(draw: some.DrawFn) -> bytes:
    head = draw(some.lists(some.sampled_from(_HEADS), min_size=1, max_size=6))
    wide = len(head) + draw(some.integers(-1, 1))
    row = some.lists(_CELL, min_size=max(0, wide), max_size=max(0, wide))
    rows = [head, *draw(some.lists(row, max_size=6))]
    between, end = draw(some.sampled_from([",", ";", "\t", "|"])), draw(some.sampled_from("\n\r"))
    text = end.join(between.join(cells) for cells in rows)
    return text.encode(draw(some.sampled_from(["utf-8", "utf-16", "utf-8-sig"])), "replace")


_SHAPE = arrays.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=20)
_DTYPE = some.sampled_from(
    ["?", "u1", "i1", ">i2", "u2", "i4", "u8", "f2", ">f4", "f8", "c8", "U3", "S2", "M8[s]"]
)
_ARRAY = _DTYPE.flatmap(
    lambda kind: arrays.arrays(kind, _SHAPE, elements=arrays.from_dtype(np.dtype(kind)), fill=None)
)
_FILM = some.builds(
    lambda seed, count, high, wide, scale, off: (
        np.random.default_rng(seed).random((count, high, wide)) * scale + off
    ),
    some.integers(0, 99),
    some.integers(0, 4),
    some.integers(15, 40),
    some.integers(15, 40),
    some.sampled_from([0.0, 1.0, 255.0, 65535.0, 1e-300, 1e300, np.nan, np.inf]),
    some.sampled_from([0.0, -0.5, 1e6, -1e300]),
)
_MEMBERS = some.dictionaries(
    some.sampled_from(["u", "time", "t", "x", "phi", "pixel_size", "../a", "dx"]),
    some.one_of(_ARRAY, _FILM, some.just(np.arange(3.0))),
    min_size=1,
    max_size=4,
)
_PIXELS = some.one_of(some.integers(-5, 300), some.sampled_from([2**40]))
_SIZES = some.floats(allow_nan=True) | some.sampled_from([1.0, 2.5])
_OPTIONS = some.fixed_dictionaries(
    {},
    optional={
        "threshold": some.sampled_from(["half", "otsu"]) | some.floats(),
        "swap": some.booleans(),
        "value_range": some.lists(some.floats(), min_size=2, max_size=2),
        "crop": some.sampled_from(["auto", "none"]) | some.lists(_PIXELS, min_size=4, max_size=4),
        "window": some.lists(_PIXELS, min_size=2, max_size=2),
        "axes": some.sampled_from(AXES) | some.text(max_size=4),
        "flip": some.sampled_from(["none", "x", "y", "xy"]),
        "channel": some.integers(-3, 9),
        "pixel_size": some.lists(_SIZES, min_size=2, max_size=2),
        "length_unit": some.sampled_from(["nm", "px", "µm"]) | some.text(max_size=5),
        "time_unit": some.sampled_from(["step", "frame", "s"]) | some.text(max_size=5),
        "time_step": some.floats(),
        "periodic": some.sampled_from(["none", "x", "y", "xy"]),
        "names": some.sampled_from(["(?P<time>\\d+)", "(?P<trajectory>.*)_(?P<time>\\d+)", "(", ""])
        | some.text(max_size=12),
    },
)
_JSON = some.recursive(
    some.none() | some.booleans() | some.floats() | some.integers() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=3), inner),
    max_leaves=6,
)
_ANY_OPTIONS = some.dictionaries(some.sampled_from(list(ImportOptions.__annotations__)), _JSON)
_ADDRESS = some.text() | some.lists(_CELL).map(",".join)
_VTK_LINES = """DATASET STRUCTURED_POINTS
DATASET RECTILINEAR_GRID
DIMENSIONS 4 4 1
DIMENSIONS 99999999999 4 1
DIMENSIONS -4 4 1
POINT_DATA 16
CELL_DATA 16
SCALARS u float 1
LOOKUP_TABLE default
SPACING 1 1 1
FIELD f 1
u 1 16 float
X_COORDINATES 4 float
VECTORS v double
METADATA
ASCII
BINARY
0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1
nan 1e999
""".splitlines()
_VTK = some.lists(some.sampled_from(_VTK_LINES), max_size=14).map(
    lambda lines: ("# vtk DataFile Version 3.0\nc\n" + "\n".join(lines)).encode()
)


def run(tally: Tally, count: int, seed: int) -> None:
    """Build so many structures, each kind as many as the others."""
    files = seeds.files()
    with TemporaryDirectory() as name:
        folder = Path(name)
        kinds: dict[str, tuple[Any, Callable[[Any], bool]]] = {
            "property table": (_table(), _parsed(property_table.parse)),
            "trajectories.csv": (
                _table(),
                lambda data: bool(parameters_csv.parse_trajectories(data)),
            ),
            "frames.csv": (_table(), lambda data: bool(parameters_csv.parse_frames(data))),
            "npz": (_MEMBERS, partial(_npz, folder)),
            "film and options": (some.tuples(_FILM, _OPTIONS), partial(_film, folder)),
            "stack and options": (_OPTIONS, partial(_stack, folder, files["a.tif"])),
            "options as JSON": (_ANY_OPTIONS, lambda given: bool(ImportOptions.from_json(given))),
            "vtk": (_VTK, lambda data: readers.taken(folder, "a.vtk", data)),
            "address": (_ADDRESS, _address),
            "name": (some.text(), _name),
        }
        for number, (kind, (strategy, act)) in enumerate(kinds.items()):
            share = count // len(kinds) + (number < count % len(kinds))
            _try(tally, kind, strategy, act, share, seed)


def _try(
    tally: Tally, kind: str, strategy: Any, act: Callable[[Any], bool], count: int, seed: int
) -> None:
    """Give so many values to what reads them."""
    if not count:
        return

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(strategy)
    def one(value: Any) -> None:
        tally.count(lambda: act(value), f"{kind}: {value!r}")

    one()


def _parsed(parse: Callable[[bytes], object]) -> Callable[[bytes], bool]:
    return lambda data: parse(data) is not None


def _npz(folder: Path, members: dict[str, np.ndarray]) -> bool:
    path = folder / "made.npz"
    np.savez(path, **members)  # type: ignore[arg-type]
    return readers.taken(folder, "a.npz", path.read_bytes())


def _film(folder: Path, given: tuple[np.ndarray, dict[str, Any]]) -> bool:
    film, options = given
    path = folder / "made.npy"
    np.save(path, film)
    return readers.taken(folder, "a.npy", path.read_bytes(), ImportOptions.from_json(options))


def _stack(folder: Path, data: bytes, options: dict[str, Any]) -> bool:
    return readers.taken(folder, "a_1.tif", data, ImportOptions.from_json(options))


def _address(text: str) -> bool:
    """Read a parameter in all ways; ids that are no SQLite integer are an error of ours."""
    number = links.as_id(text)
    assert all(0 <= each < 2**63 for each in [*links.as_ids(text), number or 0])
    assert all(map(np.isfinite, links.as_numbers(text)))
    return number is not None


def _name(text: str) -> bool:
    """Write a name in all media; one that comes out of its escape is an error of ours."""
    assert "\n" not in plain(text)
    plain(text).encode()
    file = file_name(text)
    assert file
    assert not {"/", "\\", "\0"} & set(file)
    assert file.strip(".")
    cell = csv_cell(text)
    assert cell == text or cell == f"'{text}"
    return True
