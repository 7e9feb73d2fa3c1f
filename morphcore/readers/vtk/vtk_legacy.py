"""Legacy VTK files of image data: structured points or a rectilinear grid, as text or binary."""

import re
from dataclasses import dataclass

import numpy as np

from morphcore.readers.arrays.coordinates import spacing
from morphcore.readers.results import UnreadableFrame
from morphcore.readers.vtk.vtk_grid import Grid, GridArray

_TYPES = {
    "bit": "bit",
    "unsigned_char": "u1",
    "char": "i1",
    "vtktypeuint8": "u1",
    "vtktypeint8": "i1",
    "unsigned_short": "u2",
    "short": "i2",
    "unsigned_int": "u4",
    "int": "i4",
    "unsigned_long": "u8",
    "long": "i8",
    "vtkidtype": "i8",
    "vtktypeint64": "i8",
    "vtktypeuint64": "u8",
    "float": "f4",
    "double": "f8",
}
_OF_THREE = {"VECTORS", "NORMALS"}


def parse(data: bytes) -> Grid:
    """Parse the bytes of a file.

    Raises:
        UnreadableFrame: if its grid is not image data.
        ValueError, IndexError, KeyError: if it is damaged.
    """
    _version, _title, form, rest = re.split(rb"\r?\n", data, maxsplit=3)
    if form.strip().upper() not in (b"ASCII", b"BINARY"):
        raise ValueError("neither text nor binary")
    return _Parser(rest, form.strip().upper() == b"BINARY").grid()


@dataclass
class _Parser:
    data: bytes
    binary: bool
    at: int = 0

    def grid(self) -> Grid:
        points, steps = (1, 1, 1), (1.0, 1.0, 1.0)
        arrays: list[GridArray] = []
        marked: str | None = None
        time: float | None = None
        of_cells, count = False, 0
        while (word := self._word()) is not None:
            key = word.upper()
            if key == "DATASET":
                kind = (self._word() or "").upper()
                if kind not in ("STRUCTURED_POINTS", "RECTILINEAR_GRID"):
                    raise UnreadableFrame(
                        f"Its grid is {kind}; accepted are STRUCTURED_POINTS and an even"
                        " RECTILINEAR_GRID."
                    )
            elif key == "DIMENSIONS":
                points = (self._whole(), self._whole(), self._whole())
            elif key in ("SPACING", "ASPECT_RATIO"):
                steps = (self._number(), self._number(), self._number())
            elif key == "ORIGIN":
                _ = [self._number() for _ in range(3)]
            elif key in ("X_COORDINATES", "Y_COORDINATES", "Z_COORDINATES"):
                length = self._whole()
                step = spacing(self._values(length, self._word() or ""))
                if step is None and length > 1:
                    raise UnreadableFrame(f"Its {key.lower()} are not even.")
                axis = "XYZ".index(key[0])
                known = [*steps]
                known[axis] = step or 1.0
                steps = (known[0], known[1], known[2])
            elif key in ("POINT_DATA", "CELL_DATA"):
                of_cells, count = key == "CELL_DATA", self._whole()
            elif key == "SCALARS":
                name, kind, components = self._word() or "", self._word() or "", 1
                if (following := self._peek()).isdigit():
                    self._word()
                    components = int(following)
                if self._peek().upper() == "LOOKUP_TABLE":
                    self._word(), self._word()
                arrays.append(self._array(name, of_cells, count, components, kind))
                marked = marked or name
            elif key == "FIELD":
                self._word()
                for _ in range(self._whole()):
                    if self._peek().upper() == "METADATA":
                        self._skip_metadata()
                    name = self._word() or ""
                    components, tuples, kind = self._whole(), self._whole(), self._word() or ""
                    one = self._array(name, of_cells, tuples, components, kind)
                    if name.upper() in ("TIME", "TIMEVALUE"):
                        time = float(one.values.reshape(-1)[0])
                    elif count and tuples == count:
                        arrays.append(one)
            elif key in _OF_THREE:
                name, kind = self._word() or "", self._word() or ""
                arrays.append(self._array(name, of_cells, count, 3, kind))
            elif key == "LOOKUP_TABLE":
                self._word()
                self._values(4 * self._whole(), "unsigned_char" if self.binary else "float")
            elif key == "METADATA":
                self._skip_metadata()
            else:
                raise UnreadableFrame(
                    f"It has a part {word[:20]!r}, which is not read; accepted are SCALARS, VECTORS"
                    " and FIELD on image data."
                )
        return Grid(points, steps, tuple(arrays), marked, time)

    def _array(
        self, name: str, of_cells: bool, count: int, components: int, kind: str
    ) -> GridArray:
        values = self._values(count * components, kind)
        name = name.replace("%20", " ")
        return GridArray(
            name, of_cells, values if components == 1 else values.reshape(count, components)
        )

    def _peek(self) -> str:
        before = self.at
        word = self._word()
        self.at = before
        return word or ""

    def _word(self) -> str | None:
        match = re.compile(rb"\s*(\S+)").match(self.data, self.at)
        if match is None:
            return None
        self.at = match.end()
        return match[1].decode("latin-1")

    def _whole(self) -> int:
        return int(self._word() or "")

    def _number(self) -> float:
        return float(self._word() or "")

    def _skip_metadata(self) -> None:
        end = re.compile(rb"\r?\n[ \t]*\r?\n").search(self.data, self.at)
        self.at = end.end() if end else len(self.data)

    def _values(self, count: int, kind: str) -> np.ndarray:
        code = _TYPES.get(kind.lower())
        if code is None:
            raise UnreadableFrame(f"Its values are of the type {kind}; accepted are numbers.")
        if not self.binary:
            return self._of_text(count, code)
        line_end = self.data.index(b"\n", self.at)
        if self.data[self.at : line_end].strip():
            raise ValueError("values do not begin after the line that names them")
        start = line_end + 1
        if code == "bit":
            size = (count + 7) // 8
            packed = np.frombuffer(self.data, np.uint8, size, start)
            self.at = start + size
            return np.unpackbits(packed, count=count).astype(np.bool_)
        dtype = np.dtype(">" + code)
        values = np.frombuffer(self.data, dtype, count, start)
        self.at = start + count * dtype.itemsize
        return values

    def _of_text(self, count: int, code: str) -> np.ndarray:
        dtype = np.dtype(np.bool_ if code == "bit" else code)
        values = np.empty(count, dtype=dtype)
        filled = 0
        for match in re.compile(rb"[^\r\n]+").finditer(self.data, self.at):
            if filled == count:
                break
            tokens = match[0].split()[: count - filled]
            values[filled : filled + len(tokens)] = [float(token) for token in tokens]
            filled += len(tokens)
            self.at = match.end()
            if filled == count and len(match[0].split()) > len(tokens):
                raise ValueError("more values than there are points")
        if filled < count:
            raise EOFError("values are missing")
        return values
