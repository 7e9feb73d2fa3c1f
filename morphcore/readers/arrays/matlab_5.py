"""Numeric arrays of MATLAB 5 files, also those in a struct, read piece by piece.

A file is a header of 128 bytes and a list of elements, each a type, a length and its bytes; a
compressed one holds another. An array's element holds its flags, dimensions and name, and then its
values in Fortran order, maybe in a smaller type than its own. SciPy's reader is not used: it holds
a variable as a whole, and a damaged file can end its process.
"""

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path

import numpy as np

from morphcore.readers.results import UnreadableFrame

_HEADER = 128  # bytes; the last two tell the order of bytes
_MATRIX, _COMPRESSED = 14, 15
_STORED = {
    1: "i1",
    2: "u1",
    3: "i2",
    4: "u2",
    5: "i4",
    6: "u4",
    7: "f4",
    9: "f8",
    12: "i8",
    13: "u8",
}
_CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8"}
_CLASSES[15] = "u8"
_COMPLEX, _LOGICAL = 0x0800, 0x0200
_CELL, _STRUCT = 1, 2
_NO_CELLS = "It is a cell array; accepted are numbers, such as cat(3, frames{:})."
_NO_STRUCTS = "It is an array of structs; accepted are numbers, such as cat(3, frames.phi)."
_MOST_AXES, _MOST_NAMES = 32, 1 << 20
_CHUNK = 1 << 20


@dataclass(frozen=True)
class MatlabArray:
    """A numeric array in a file: where its element is, and how its values are stored."""

    name: str  # with "/" between a struct and its field
    shape: tuple[int, ...]
    dtype: np.dtype
    stored: np.dtype
    path: Path
    start: int  # of the bytes in the file of the element around it
    length: int
    packed: bool
    before: int  # bytes of that element, unpacked, before the values
    fault: str | None = None  # why its values cannot be read

    def pieces(self) -> Iterator[np.ndarray]:
        """The array piece by piece along its last axis.

        Raises:
            UnreadableFrame: if the values are cut off or damaged.
        """
        rest = self.shape[:-1]
        count = math.prod(rest)
        with self.path.open("rb") as file:
            stream = _Element(file, self.start, self.length, self.packed)
            stream.skip(self.before)
            for _ in range(self.shape[-1]):
                data = stream.read(count * self.stored.itemsize)
                values = np.frombuffer(data, self.stored).astype(self.dtype)
                yield values.reshape(rest, order="F")


class _Element:
    """The bytes of an element, unpacked on the way."""

    def __init__(self, file: BufferedIOBase, start: int, length: int, packed: bool) -> None:
        file.seek(start)
        self._file, self._left = file, length
        self._unpacker = zlib.decompressobj() if packed else None
        self._buffer = b""
        self.at = 0

    def read(self, count: int) -> bytes:
        """Exactly this many bytes."""
        parts = []
        while count > 0:
            part = self._some(min(count, _CHUNK))
            if not part:
                raise UnreadableFrame("Its values are damaged or cut off.")
            parts.append(part)
            count -= len(part)
            self.at += len(part)
        return b"".join(parts)

    def skip(self, count: int) -> None:
        """Leave out this many bytes."""
        while count > 0:
            count -= len(self.read(min(count, _CHUNK)))

    def _some(self, most: int) -> bytes:
        if self._unpacker is None:
            part = self._file.read(min(most, self._left))
            self._left -= len(part)
            return part
        while True:
            try:
                part = self._unpacker.decompress(self._buffer, most)
            except zlib.error as err:
                raise UnreadableFrame("Its values are damaged or cut off.") from err
            self._buffer = self._unpacker.unconsumed_tail
            if part or not (self._buffer or self._left):
                return part
            if not self._buffer:
                self._buffer = self._file.read(min(_CHUNK, self._left))
                self._left -= len(self._buffer)
                if not self._buffer:
                    return b""


def arrays(path: Path) -> list[MatlabArray]:
    """Find the arrays of numbers of a file, and those one level inside a struct.

    Raises:
        UnreadableFrame: if it is no MATLAB 5 file, or is cut off or damaged.
    """
    found: list[MatlabArray] = []
    size = path.stat().st_size
    with path.open("rb") as file:
        order = {b"IM": "<", b"MI": ">"}.get(file.read(_HEADER)[126:])
        if order is None:
            raise UnreadableFrame(
                "It is not a MATLAB file, or of a version before 5; accepted are 5 to 7.3."
            )
        at = _HEADER
        while at + 8 <= size:
            file.seek(at)
            kind, length = struct.unpack(order + "2I", file.read(8))
            if kind not in (_MATRIX, _COMPRESSED) or at + 8 + length > size:
                raise UnreadableFrame("The MATLAB file is damaged or cut off.")
            packed = kind == _COMPRESSED
            stream = _Element(file, at + 8, length, packed)
            parser = _Parser(stream, order, path, at + 8, length, packed)
            try:
                if packed:
                    stream.skip(8)
                found += parser.of_matrix()
            except (struct.error, ValueError, OverflowError, MemoryError) as err:
                raise UnreadableFrame("The MATLAB file is damaged or cut off.") from err
            at += 8 + length
    return found


@dataclass(frozen=True)
class _Parser:
    stream: _Element
    order: str
    path: Path
    start: int
    length: int
    packed: bool

    def of_matrix(self, struct_name: str = "", field: str = "") -> Iterator[MatlabArray]:
        flags = struct.unpack(self.order + "2I", self._part())[0]
        shape = tuple(int(side) for side in np.frombuffer(self._part(), self.order + "i4"))
        name = self._part().decode("latin-1")
        name = f"{struct_name}/{field}" if struct_name else name
        kind = flags & 0xFF
        if not 2 <= len(shape) <= _MOST_AXES or min(shape) < 0:
            raise ValueError("no dimensions")
        if kind in _CLASSES:
            yield self._array(name, shape, flags)
        elif kind == _CELL:
            yield self._without_values(name, shape, _NO_CELLS)
        elif kind == _STRUCT and math.prod(shape) == 1 and not struct_name:
            (width,) = struct.unpack(self.order + "i", self._part()[:4])
            names = self._part()
            for at in range(0, len(names), max(1, width)):
                inner = names[at : at + width].split(b"\0")[0].decode("latin-1")
                _, length, _ = self._tag()
                end = self.stream.at + length
                if length:
                    yield from self.of_matrix(name, inner)
                self.stream.skip(end - self.stream.at)
        elif kind == _STRUCT and math.prod(shape) > 1:
            yield self._without_values(name, shape, _NO_STRUCTS)

    def _array(self, name: str, shape: tuple[int, ...], flags: int) -> MatlabArray:
        if flags & _COMPLEX:
            reason = "Its values are complex; accepted are booleans, integers and floats."
            return self._without_values(name, shape, reason)
        kind, nbytes, _ = self._tag()
        stored = np.dtype(self.order + _STORED.get(kind, "u1"))
        if nbytes != math.prod(shape) * stored.itemsize or kind not in _STORED:
            raise ValueError("values and dimensions do not agree")
        dtype = np.dtype(np.bool_ if flags & _LOGICAL else _CLASSES[flags & 0xFF])
        place = (self.path, self.start, self.length, self.packed, self.stream.at)
        if not self.packed and self.start + self.stream.at + nbytes > self.path.stat().st_size:
            raise ValueError("values end after the file")
        return MatlabArray(name, shape, dtype, stored, *place)

    def _without_values(self, name: str, shape: tuple[int, ...], reason: str) -> MatlabArray:
        none = np.dtype(np.float64)
        return MatlabArray(name, shape, none, none, self.path, 0, 0, False, 0, reason)

    def _tag(self) -> tuple[int, int, bool]:
        """Type and length of an element, and whether its bytes are in the tag itself."""
        (first,) = struct.unpack(self.order + "I", self.stream.read(4))
        if first >> 16:
            return first & 0xFFFF, first >> 16, True
        (length,) = struct.unpack(self.order + "I", self.stream.read(4))
        return first, length, False

    def _part(self) -> bytes:
        """The bytes of a short element: flags, dimensions or names."""
        _, length, small = self._tag()
        if length > _MOST_NAMES:
            raise ValueError("too long a name")
        data = self.stream.read(length)
        self.stream.skip((4 - length) if small else -length % 8)
        return data
