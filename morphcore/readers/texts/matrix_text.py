"""Texts of matrices: a row of the picture a line, its first row at the top.

Numbers are separated by white space, commas, semicolons or tabs, with decimal commas where the
separator leaves them free; rows of 0 and 1 may have no separator at all. Lines that begin with # or
% are comments. Blocks between blank lines are frames in time, and so are blocks that begin with a
line of one number, their time; `# t = 0.1` above each block is its time too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from morphcore.progress import Progress
from morphcore.readers import units
from morphcore.readers.arrays.checks import check_frames
from morphcore.readers.files.listing import File, opened
from morphcore.readers.limits import MIN_SIDE, ReadLimits
from morphcore.readers.results import Stack, UnreadableFrame, Values3D
from morphcore.readers.texts import coordinate_table

_COMMENTS = (b"#", b"%", b"//")
_LONGEST_LINE = 1 << 26  # bytes
_NUMBER = re.compile(rb"[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?|[+-]?nan|[+-]?inf", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(rb"[+-]?\d+,\d+([eE][+-]?\d+)?")
_TIME = re.compile(
    r"\b(t|time|times|step|iteration|zeit)\b\s*[=:]?\s*([+-]?[\d.]+(?:e[+-]?\d+)?)\s*([a-zµ]*)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Format:
    separator: bytes | None  # None: white space
    decimal_comma: bool = False
    joined: bool = False  # digits without a separator
    header_lines: int = 0  # column names before the numbers
    index_column: bool = False  # a number of the row before its values

    def tokens(self, line: bytes) -> list[bytes]:
        """The values of a line as texts."""
        if self.joined:
            return [line[at : at + 1] for at in range(len(line))]
        tokens = line.split(self.separator)
        if self.separator is not None and tokens and not tokens[-1].strip():
            tokens.pop()  # a separator ends the line
        return tokens[1:] if self.index_column else tokens

    def numbers(self, line: bytes, width: int) -> np.ndarray:
        """The values of a line of `width` values.

        Raises:
            ValueError: if one of them is no number.
        """
        if self.joined:
            return (np.frombuffer(line, dtype=np.uint8) - np.uint8(ord("0"))).astype(np.float64)
        letters = np.frombuffer(line, dtype=np.uint8)
        if len(letters) == 2 * width - 1:  # single digits, as in a mask
            digits, between = letters[::2] - np.uint8(ord("0")), letters[1::2]
            if (digits < 10).all() and (between == ord(self.separator or b" ")).all():
                return digits.astype(np.float64)
        plain = line.replace(b",", b".") if self.decimal_comma else line
        if b"D" in plain or b"d" in plain:  # Fortran's exponents
            plain = plain.replace(b"D", b"e").replace(b"d", b"e")
        try:
            fast = np.fromstring(plain, sep=(self.separator or b" ").decode())
        except ValueError:
            fast = np.empty(0)
        if len(fast) == width and not self.index_column:
            return fast
        return np.array([float(token) for token in self.tokens(plain)])


@dataclass
class _Block:
    """Lines of one frame, and what the lines before it say of its time."""

    rows: list[tuple[int, bytes]] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    time: float | None = None


def looks_like(head: bytes) -> bool:
    """Whether a text begins with lines of numbers, as many in the second as in the first."""
    return _sniff(head) is not None


def count_blocks(file: File, head: bytes) -> int:
    """The number of frames of a text: 2 for any number above 1."""
    form = _sniff(head)
    if form is None:
        return 0
    for count, _ in enumerate(_blocks(file, form), 1):
        if count > 1:
            return 2
    return 1


def stack(file: File, head: bytes, progress: Progress, limits: ReadLimits) -> Stack:
    """Read the matrices of a text as one trajectory; `head` is its beginning.

    Raises:
        UnreadableFrame: if it holds no matrix, or matrices of several sizes.
    """
    form = _sniff(head)
    if form is None:
        if columns := coordinate_table.columns(head):
            raise UnreadableFrame(
                f"It is a table of {columns} columns, such as x, y and a value; accepted are"
                " matrices, a row of the picture a line."
            )
        raise UnreadableFrame(
            "It is not a matrix of numbers, a row a line, nor a GraSPI text with `width height` in"
            f" its first line; accepted are rows of one length of at least {MIN_SIDE}."
        )
    shape: tuple[int, int] | None = None
    times: list[tuple[float, str | None] | None] = []
    with_numbers = False
    alone: np.ndarray | None = None
    for block in _blocks(file, form):
        limits.check_count(len(times) + 1)
        width = len(form.tokens(block.rows[0][1]))
        if shape is None:
            limits.check_size(width, len(block.rows))
            alone = _matrix(block, form)
            with_numbers = len(alone) > MIN_SIDE and _counts(alone[0]) and not _counts(alone[1])
            shape = (len(block.rows), width)
        elif shape != (len(block.rows), width):
            raise UnreadableFrame(
                f"Its matrix {len(times) + 1} has {len(block.rows)} rows of {width} values, but the"
                f" first has {shape[0]} of {shape[1]}."
            )
        times.append(_time_of(block))
        progress(0.0)
    assert shape is not None  # the head has a row
    done = []
    if with_numbers:
        shape = (shape[0] - 1, shape[1])
        done.append("Its first line, which counts the columns, is left out.")
    if form.header_lines:
        done.append("Its first line, the names of the columns, is left out.")
    if form.index_column:
        done.append("Its first column, which counts the rows, is left out.")
    if form.decimal_comma:
        done.append("Commas are taken as decimal commas.")
    known, unit = _times(times)
    skip = 1 if with_numbers else 0
    whole = (len(times), *shape)
    check_frames(whole, limits)

    def frames() -> Iterator[np.ndarray]:
        if len(times) == 1:
            yield alone[skip:]  # type: ignore[index]
            return
        for block in _blocks(file, form):
            yield _matrix(block, form)[skip:]

    return Stack(
        Values3D(whole, np.dtype(np.float64), frames),
        times=known,
        time_unit=unit,
        done=tuple(done),
    )


def _counts(row: np.ndarray) -> bool:
    return bool(np.array_equal(np.diff(row), np.ones(len(row) - 1))) and row[0] in (0, 1)


def _sniff(head: bytes) -> _Format | None:
    """Find how the numbers of a text are separated by its first lines; None if it has none."""
    if b"\0" in head:
        return None
    lines = [
        line.strip(b" \r")
        for line in head.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        if line.strip() and not line.lstrip().startswith(_COMMENTS)
    ]
    if not lines:
        return None
    complete = len(lines) > 1
    # A line of one number before the matrix is its time.
    start = 1 if complete and _NUMBER.fullmatch(lines[0].strip()) and len(lines[0]) < 30 else 0
    if start and all(re.fullmatch(rb"[01]{8,}", line) for line in lines[:2]):
        start = 0
    candidates = lines[start : start + 3]
    for header_lines in (0, 1) if _is_names(candidates[0]) else (0,):
        rows = candidates[header_lines : header_lines + 2]
        form = _format_of(rows, candidates[0] if header_lines else None, header_lines)
        if form is not None:
            return form
    return None


def _is_names(line: bytes) -> bool:
    """Whether a line may name columns: its first cell is empty, or most are no numbers."""
    cells = [cell.strip(b' "\t') for cell in re.split(rb"[;\t, ]", line)]
    words = sum(_NUMBER.fullmatch(cell) is None for cell in cells)
    return cells[0] == b"" or 2 * words > len(cells)


def _format_of(rows: list[bytes], names: bytes | None, header_lines: int) -> _Format | None:
    if not rows:
        return None
    first = rows[0]
    if re.fullmatch(rb"[01]+", first) and len(first) >= MIN_SIDE:
        return _Format(None, joined=True, header_lines=header_lines)
    separators: tuple[bytes | None, ...] = (b";", b"\t", b",", None)
    for separator in separators:
        if separator is not None and separator not in first:
            continue
        cells = [cell.strip() for cell in first.split(separator)]
        comma = separator != b"," and any(_DECIMAL_COMMA.fullmatch(cell) for cell in cells)
        index = names is not None and names.split(separator)[0].strip(b' "') == b""
        form = _Format(separator, comma, False, header_lines, index)
        if _fits(form, rows):
            return form
    return None


def _fits(form: _Format, rows: list[bytes]) -> bool:
    """Whether all values of the first rows are numbers, and rows are of one length."""
    widths: list[int] = []
    for number, row in enumerate(rows):
        plain = row.replace(b",", b".") if form.decimal_comma else row
        tokens = [token.strip() for token in form.tokens(plain)]
        if number == len(rows) - 1:
            tokens = tokens[:-1] or tokens  # the head may end within a number
        if not tokens or not all(_NUMBER.fullmatch(token) for token in tokens):
            return number > 0 and len(widths) > 0 and widths[0] >= MIN_SIDE
        widths.append(len(tokens))
    return widths[0] >= MIN_SIDE - 1 and len(form.tokens(rows[0])) >= MIN_SIDE


def _lines(file: File) -> Iterator[tuple[int, bytes]]:
    with opened(file) as stream:
        number = 0
        while line := stream.readline(_LONGEST_LINE):
            number += 1
            if len(line) == _LONGEST_LINE:
                raise UnreadableFrame(f"Its line {number} is too long to be a row of a picture.")
            yield number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line


def _blocks(file: File, form: _Format) -> Iterator[_Block]:
    block = _Block()
    to_skip = form.header_lines
    for number, raw in _lines(file):
        line = raw.strip(b" \r\n") if form.separator == b"\t" else raw.strip()
        comment = line.startswith(_COMMENTS)
        alone = not comment and not form.joined and _NUMBER.fullmatch(line) is not None
        if not line or comment or alone:
            if block.rows:
                yield block
                block = _Block()
            if comment:
                block.comments.append(line.decode("utf-8", "replace"))
            elif alone:
                block.time = float(line)
        elif to_skip:
            to_skip -= 1
        else:
            block.rows.append((number, line))
    if block.rows:
        yield block


def _matrix(block: _Block, form: _Format) -> np.ndarray:
    width = len(form.tokens(block.rows[0][1]))
    matrix = np.empty((len(block.rows), width))
    for row, (number, line) in enumerate(block.rows):
        try:
            values = form.numbers(line, width)
        except ValueError as err:
            word = str(err).rpartition(": ")[2].removeprefix("b")
            raise UnreadableFrame(f"Its line {number} has {word}, which is no number.") from err
        if len(values) != width:
            raise UnreadableFrame(
                f"Its line {number} has {len(values)} values, but the first row has {width}."
            )
        matrix[row] = values
    return matrix


def _time_of(block: _Block) -> tuple[float, str | None] | None:
    if block.time is not None:
        return block.time, None
    for comment in block.comments:
        if match := _TIME.search(comment):
            stepped = match[1].lower() in ("step", "iteration")
            try:
                return float(match[2]), "step" if stepped else units.time_unit(match[3])
            except ValueError:
                return None
    return None


def _times(
    found: list[tuple[float, str | None] | None],
) -> tuple[np.ndarray | None, str | None]:
    known = [each for each in found if each is not None]
    times = np.array([time for time, _ in known])
    if not known or len(known) < len(found) or not (np.diff(times) > 0).all():
        return None, None
    return times, known[0][1]
