"""Tables of text: separators, encodings and decimal commas as programs write them, by column."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from morphcore.readers.results import UnreadableFrame

_UNKNOWN = {"", "na", "n/a", "n.a.", "null", "none", "-", "--", "?", "unknown"}
_SHOWN = 3  # lines named in a sentence


@dataclass(frozen=True)
class Columns:
    """A table: the cells of each line by column, stripped, and what was left out of it.

    `faults` are whole sentences.
    """

    names: tuple[str, ...]  # as in the first line
    lines: tuple[int, ...]  # of the rows, counted from 1
    cells: tuple[tuple[str, ...], ...]  # row by row
    decimal_comma: bool
    faults: tuple[str, ...]

    def column(self, name: str) -> list[str]:
        """The cells of a column."""
        at = self.names.index(name)
        return [row[at] for row in self.cells]


@dataclass(frozen=True)
class Values:
    """A column as numbers or words, by the number of its row; what is not there is unknown."""

    numbers: Mapping[int, float]
    words: Mapping[int, str]
    faults: tuple[str, ...]


def parse(data: bytes) -> Columns:
    """Parse a table of comma, semicolon or tab separated values, its first line the names.

    UTF-8, UTF-16 with a mark, and Latin-1 are accepted. Lines of another length are left out and
    named, and so are columns without a name, or with one that an earlier column has.

    Raises:
        UnreadableFrame: if it is empty or no text.
    """
    text = _without_comments(_decoded(data))
    first = next((line for line in text.splitlines() if line.strip()), "")
    if first.lower().startswith("sep=") and len(first.strip()) == 5:  # a spreadsheet's own mark
        separator = first.strip()[4]
        text = text.replace(first, "", 1)
    else:
        separator = max(",;\t", key=lambda each: (first.count(each), each == ","))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    header: list[str] | None = None
    rows: list[tuple[int, list[str]]] = []
    faults: list[str] = []
    try:
        for read in reader:
            cells = [cell.strip() for cell in read]
            if not any(cells):
                continue
            if header is None:
                header = [cells[0].lstrip("# "), *cells[1:]]
            elif len(cells) == len(header):
                rows.append((reader.line_num, cells))
            else:
                faults.append(
                    f"Line {reader.line_num} has {len(cells)} cells where the first line has"
                    f" {len(header)}; it was left out."
                )
    except csv.Error as err:
        raise UnreadableFrame(f"Line {reader.line_num} of the table is broken: {err}.") from err
    if header is None:
        raise UnreadableFrame("The table is empty; it begins with a line such as `name,phi,chi`.")
    kept: list[int] = []
    for at, name in enumerate(header):
        if name and name not in [header[other] for other in kept]:
            kept.append(at)
        elif name or any(cells[at] for _, cells in rows):
            which = f"There is a second column {name!r}" if name else f"Column {at + 1} has no name"
            faults.append(f"{which}; it was left out.")
    return Columns(
        tuple(header[at] for at in kept),
        tuple(line for line, _ in rows),
        tuple(tuple(cells[at] for at in kept) for _, cells in rows),
        separator != ",",
        tuple(faults[:_SHOWN]) + _more(len(faults) - _SHOWN),
    )


def check_names(columns: Columns) -> None:
    """Refuse a table whose first line has numbers where names of columns are needed.

    Raises:
        UnreadableFrame: if all of its names but the first are numbers.
    """
    others = columns.names[1:]
    if others and all(_number(each, decimal_comma=True) is not None for each in others):
        raise UnreadableFrame(
            f"Its first line has numbers ({', '.join(others[:_SHOWN])}) where columns are named; it"
            " begins with a line such as `name,phi,chi`."
        )


def values(columns: Columns, name: str, *, numeric: bool = False) -> Values:
    """The values of a column: numbers if most of its cells are (or `numeric`), else words.

    Empty cells and `n/a` are unknown; so are `inf`, `nan` and words among numbers, which are named.
    """
    numbers: dict[int, float] = {}
    words: dict[int, str] = {}
    cells = columns.column(name)
    for row, cell in enumerate(cells):
        if cell.lower() in _UNKNOWN:
            continue
        number = _number(cell, decimal_comma=columns.decimal_comma)
        if number is None:
            words[row] = cell
        else:
            numbers[row] = number
    if not numeric and len(numbers) <= len(words):
        return Values({}, words | {row: cells[row] for row in numbers}, ())
    endless = {row: cells[row] for row in numbers if not math.isfinite(numbers[row])}
    left_out = words | endless
    faults: tuple[str, ...] = ()
    if left_out:
        shown = ", ".join(
            f"{left_out[row]!r} in line {columns.lines[row]}" for row in sorted(left_out)[:_SHOWN]
        )
        more = f" and {len(left_out) - _SHOWN} more" if len(left_out) > _SHOWN else ""
        faults = (f"{name} is {shown}{more}: no finite number, so it counts as unknown there.",)
    finite = {row: value for row, value in numbers.items() if row not in endless}
    return Values(finite, {}, faults)


def named(columns: Columns, accepted: Sequence[str]) -> str | None:
    """The column with one of these names, in their order, whatever its case."""
    lower = {name.lower(): name for name in reversed(columns.names)}
    return next((lower[name] for name in accepted if name in lower), None)


def _number(cell: str, *, decimal_comma: bool) -> float | None:
    if "_" in cell:  # Python's 1_000, which no table means
        return None
    cell = cell.removesuffix("%").rstrip()
    plain = cell.replace(",", ".") if decimal_comma and "." not in cell else cell
    try:
        return float(plain)
    except ValueError:
        return None


def _without_comments(text: str) -> str:
    """A table without the remarks above it; `# name,phi` is its line of names."""
    lines = text.splitlines(keepends=True)
    for at, line in enumerate(lines):
        if line.strip() and not (line.startswith("#") and not any(each in line for each in ",;\t")):
            return "\n" * at + "".join(lines[at:])  # lines are still counted from the first one
    return text


def _decoded(data: bytes) -> str:
    encodings = ["utf-8-sig", "cp1252", "latin-1"]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableFrame("The table is no text.")


def _more(count: int) -> tuple[str, ...]:
    return (f"And so are {count} more.",) if count > 0 else ()
