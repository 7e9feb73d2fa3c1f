"""A table of properties: a row a frame or a trajectory, a column a number or a word known of it.

    file,JSC,batch
    data_0.514_2.4_000080.txt,-77.8,annealed

The first line names the columns. Some of them say which frame a row is of: `frame_id`; `file`; or
`trajectory` (or `name`), with `index` or `time` where it is of one frame. A column is of numbers
where each of its cells is one, else of words. An empty cell, `nan` and `inf` are not known.
"""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from morphcore.errors import MorphError

MOST_BYTES = 64_000_000
_UNKNOWN = {"", "nan", "na", "n/a", "none", "null", "-", "inf", "+inf", "-inf", "infinity"}
_ROLES: Mapping[str, tuple[str, ...]] = {
    "frame_id": ("frame_id",),
    "file": ("file", "filename", "file_name", "source_file", "picture", "image", "path"),
    "trajectory": ("trajectory", "name"),
    "index": ("index",),
    "time": ("time", "step"),
}


class UnreadableTable(MorphError):
    """The table cannot be read; the message says where, and what is accepted."""


@dataclass(frozen=True)
class Column:
    """A column of values: numbers, NaN where not known, or words, empty where not known."""

    name: str
    numbers: Float64[np.ndarray, " rows"] | None
    words: tuple[str, ...]  # the cells as they stand

    def value(self, row: int) -> float | str | None:
        """The value of a row; None where it is not known."""
        if self.numbers is None:
            return None if self.words[row].casefold() in _UNKNOWN else self.words[row]
        number = float(self.numbers[row])
        return number if math.isfinite(number) else None

    @property
    def known(self) -> int:
        """The number of rows that have a value."""
        return sum(self.value(row) is not None for row in range(len(self.words)))


@dataclass(frozen=True)
class PropertyTable:
    """Rows of a table: the cells that say what each is of, by their role, and columns of values.

    Roles: `frame_id`, `file`, `trajectory`, `index`, `time`.
    """

    lines: tuple[int, ...]  # of the file, of each row
    keys: Mapping[str, tuple[str, ...]]
    columns: tuple[Column, ...]

    def __len__(self) -> int:
        return len(self.lines)


def parse(data: bytes) -> PropertyTable:
    """Parse a table of text in UTF-8, its cells between commas, semicolons or tabs.

    Between semicolons or tabs, decimal commas are accepted.

    Raises:
        UnreadableTable: if it is no such table; the message names the line.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableTable("The table is above 64 MB; accepted are smaller ones.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise UnreadableTable(
            "The table is no text in UTF-8; accepted is one such as a spreadsheet saves as CSV."
        ) from err
    header, lines, rows = _rows(text)
    roles = _roles(header)
    if not roles.keys() & {"frame_id", "file", "trajectory"}:
        raise UnreadableTable(
            "No column says what its rows are of; accepted is one named file, trajectory or"
            f" frame_id. There are: {', '.join(header)}."
        )
    cells = list(zip(*rows, strict=True)) or [() for _ in header]
    comma = "," not in _delimiter(text)
    return PropertyTable(
        lines=tuple(lines),
        keys={role: tuple(cells[column]) for role, column in roles.items()},
        columns=tuple(
            _column(name, cells[column], comma)
            for column, name in enumerate(header)
            if column not in roles.values()
        ),
    )


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)  # of equals the first


def _rows(text: str) -> tuple[list[str], list[int], list[list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    header: list[str] = []
    lines: list[int] = []
    rows: list[list[str]] = []
    try:
        for raw in reader:
            cells = [cell.strip() for cell in raw]
            if not any(cells):
                continue
            if not header:
                header = cells
                if "" in header or len({cell.casefold() for cell in header}) < len(header):
                    raise UnreadableTable(
                        "The first line of the table has to give each column a name of its own."
                    )
                continue
            if len(cells) != len(header):
                raise UnreadableTable(
                    f"Line {reader.line_num} has {len(cells)} cells, the first line has"
                    f" {len(header)}; accepted are as many."
                )
            lines.append(reader.line_num)
            rows.append(cells)
    except csv.Error as err:
        raise UnreadableTable(
            f"Line {reader.line_num} of the table cannot be read: {err}."
        ) from err
    if not rows:
        raise UnreadableTable(
            "The table has no rows; its first line names the columns, such as file,JSC."
        )
    return header, lines, rows


def _roles(header: Sequence[str]) -> dict[str, int]:
    """The column of each role; of several that could have one, the most telling name."""
    lower = [name.casefold() for name in header]
    roles: dict[str, int] = {}
    for role, names in _ROLES.items():
        found = [lower.index(name) for name in names if name in lower]
        if found:
            roles[role] = found[0]
    if "trajectory" not in roles:  # an index or a time is of a trajectory; else it is a value
        roles = {role: at for role, at in roles.items() if role not in ("index", "time")}
    return roles


def _column(name: str, cells: Sequence[str], comma: bool) -> Column:
    numbers = np.full(len(cells), np.nan)
    found = False
    for row, cell in enumerate(cells):
        if cell.casefold() in _UNKNOWN:
            continue
        try:
            numbers[row] = float(cell.replace(",", ".") if comma else cell)
        except ValueError:
            return Column(name, None, tuple(cells))
        found = True
    return Column(name, numbers if found else None, tuple(cells))
