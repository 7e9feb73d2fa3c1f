"""Large numeric arrays of MATLAB 5 files, read piece by piece: SciPy reads a variable as a whole.

A file is a header of 128 bytes and a list of elements, each a type, a length and its bytes; a
compressed one holds another. An array's element holds its flags, dimensions and name, and then its
values in Fortran order, maybe in a smaller type than its own.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedIOBase, BytesIO
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
_PREFIX = 4096  # bytes in which flags, dimensions and name lie
_CHUNK = 1 << 20


@dataclass(frozen=True)
class LargeArray:
    """A numeric array in a file: where its element is, and how its values are stored."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    stored: np.dtype
    path: Path
    start: int  # of the element's bytes in the file
    length: int
    packed: bool
    before: int  # bytes of the element, unpacked, before the values

    def pieces(self) -> Iterator[np.ndarray]:
        """The array piece by piece along its last axis.

        Raises:
            UnreadableFrame: if the values are cut off or damaged.
        """
        rest = self.shape[:-1]
        count = int(np.prod(rest))
        with self.path.open("rb") as file:
            stream = _Element(file, self.start, self.length, self.packed)
            stream.read(self.before)
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

    def read(self, count: int) -> bytes:
        """Exactly this many bytes."""
        parts = []
        while count:
            part = self._some(count)
            if not part:
                raise UnreadableFrame("Its values are damaged or cut off.")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

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


def large_arrays(path: Path, least_bytes: int) -> list[LargeArray]:
    """Find the real numeric arrays of at least so many bytes, unpacked, at the top of a file.

    What looks otherwise than expected is left out, to be read by SciPy.
    """
    found: list[LargeArray] = []
    with path.open("rb") as file:
        order = {b"IM": "<", b"MI": ">"}.get(file.read(_HEADER)[126:])
        size = path.stat().st_size
        at = _HEADER
        while order and at + 8 <= size:
            file.seek(at)
            kind, length = struct.unpack(order + "2I", file.read(8))
            if kind in (_MATRIX, _COMPRESSED) and at + 8 + length <= size:
                try:
                    packed = kind == _COMPRESSED
                    start, inside = at + 8, length
                    stream = _Element(file, start, inside, packed)
                    prefix = stream.read(min(_PREFIX, inside if not packed else 8))
                    if packed:
                        (_, inner) = struct.unpack(order + "2I", prefix)
                        prefix += stream.read(min(_PREFIX, inner))
                    array = _parsed(prefix, 8 if packed else 0, order, path, start, length, packed)
                    if array is not None and _bytes(array) >= least_bytes:
                        found.append(array)
                except (UnreadableFrame, struct.error, ValueError, KeyError):
                    pass
            at += 8 + length
    return found


def _bytes(array: LargeArray) -> int:
    return int(np.prod(array.shape, dtype=object)) * array.dtype.itemsize


def _parsed(
    prefix: bytes, skip: int, order: str, path: Path, start: int, length: int, packed: bool
) -> LargeArray | None:
    head = BytesIO(prefix)
    head.seek(skip)
    flags = struct.unpack(order + "2I", _sub_element(head, order))[0]
    dims = np.frombuffer(_sub_element(head, order), order + "i4")
    name = _sub_element(head, order).decode("latin-1")
    kind, nbytes, small = _tag(head, order)
    shape = tuple(int(side) for side in dims)
    code, stored = _CLASSES.get(flags & 0xFF), _STORED.get(kind)
    if code is None or stored is None or small or flags & _COMPLEX:
        return None
    if nbytes != int(np.prod(shape, dtype=object)) * np.dtype(stored).itemsize:
        return None
    dtype = np.dtype(np.bool_ if flags & _LOGICAL else code)
    stored_dtype = np.dtype(order + stored)
    return LargeArray(name, shape, dtype, stored_dtype, path, start, length, packed, head.tell())


def _tag(head: BytesIO, order: str) -> tuple[int, int, bool]:
    """Type and length of an element, and whether its bytes are in the tag itself."""
    first, second = struct.unpack(order + "2I", head.read(8))
    if first >> 16:
        head.seek(-4, 1)
        return first & 0xFFFF, first >> 16, True
    return first, second, False


def _sub_element(head: BytesIO, order: str) -> bytes:
    _, length, small = _tag(head, order)
    data = head.read(length)
    head.seek((4 - length) if small else -length % 8, 1)
    return data
