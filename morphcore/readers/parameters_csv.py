"""`trajectories.csv`: parameters of the trajectories beside it, one line each.

    name,phi,chi,temperature
    run1,0.5,2.4,350

`name` is that of the folder or file; `phi`, `chi` and any other columns are numbers, an empty cell
sets nothing; a column `periodic` holds yes or no.
"""

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass

from morphcore.readers.results import UnreadableFrame

FILE_NAME = "trajectories.csv"
_YES = {"yes", "true", "1"}
_NO = {"no", "false", "0"}


@dataclass(frozen=True)
class Row:
    """A row of the table: the parameters of one trajectory."""

    line: int
    params: Mapping[str, float]
    periodic: bool | None


def parse(data: bytes) -> dict[str, Row]:
    """Parse the rows by name.

    A table with one bad line is not used at all, lest half of it is believed. Semicolons between
    cells are accepted, with decimal commas then.

    Raises:
        UnreadableFrame: if it is malformed; the message names the line.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise UnreadableFrame("The table is not text in UTF-8; no parameter was taken.") from err
    first = text.split("\n", 1)[0]
    semicolons = ";" in first and "," not in first
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if semicolons else ",")
    rows: dict[str, Row] = {}
    header: list[str] | None = None
    try:
        for cells in reader:
            line = reader.line_num
            cells = [cell.strip() for cell in cells]
            if not any(cells):
                continue
            if header is None:
                header = _header(cells, line)
                continue
            if len(cells) != len(header):
                raise _bad(line, f"it has {len(cells)} cells, the first line has {len(header)}")
            name = cells[header.index("name")]
            if not name:
                raise _bad(line, "the name is missing")
            if name in rows:
                raise _bad(line, f"{name!r} was named in line {rows[name].line} already")
            rows[name] = _row(header, cells, line, semicolons)
    except csv.Error as err:
        raise _bad(reader.line_num, str(err)) from err
    if header is None:
        raise _bad(1, "the table is empty; it begins with a line such as `name,phi,chi`")
    return rows


def _header(cells: list[str], line: int) -> list[str]:
    header = [cell.lower() for cell in cells]
    if "name" not in header:
        raise _bad(line, "there is no column `name`; it begins with a line such as `name,phi,chi`")
    if "" in header or len(set(header)) < len(header):
        raise _bad(line, "each column needs a name of its own")
    return header


def _row(header: list[str], cells: list[str], line: int, semicolons: bool) -> Row:
    params: dict[str, float] = {}
    periodic: bool | None = None
    for column, cell in zip(header, cells, strict=True):
        if column == "name" or not cell:
            continue
        if column == "periodic":
            if cell.lower() not in _YES | _NO:
                raise _bad(line, f"periodic is {cell!r}; accepted are yes and no")
            periodic = cell.lower() in _YES
            continue
        try:
            value = float(cell.replace(",", ".") if semicolons else cell)
        except ValueError as err:
            raise _bad(line, f"{column} is {cell!r}, which is not a number") from err
        if not math.isfinite(value):
            raise _bad(line, f"{column} is {cell!r}; a finite number is accepted")
        params[column] = value
    return Row(line, params, periodic)


def _bad(line: int, fault: str) -> UnreadableFrame:
    return UnreadableFrame(f"Line {line}: {fault}; no parameter was taken from this table.")
