"""VTK's XML files of image data (.vti): values as text, base64 or appended, maybe packed."""

import base64
import lzma
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np

from morphcore.readers.results import UnreadableFrame
from morphcore.readers.vtk.vtk_grid import Grid, GridArray

_TYPES = {
    "Int8": "i1",
    "UInt8": "u1",
    "Int16": "i2",
    "UInt16": "u2",
    "Int32": "i4",
    "UInt32": "u4",
    "Int64": "i8",
    "UInt64": "u8",
    "Float32": "f4",
    "Float64": "f8",
}
# Each unpacks a block to at most a number of bytes.
_UNPACKED: dict[str, Callable[[bytes, int], bytes]] = {
    "vtkZLibDataCompressor": lambda packed, most: zlib.decompressobj().decompress(packed, most),
    "vtkLZMADataCompressor": lambda packed, most: lzma.LZMADecompressor().decompress(packed, most),
}
_MOST_BYTES = 2**31  # of an array


def parse(data: bytes) -> Grid:
    """Parse the bytes of a file.

    Raises:
        UnreadableFrame: if it is not image data, or packed in a way that is not read.
        ValueError, IndexError, KeyError: if it is damaged.
    """
    xml, appended = _divided(data)
    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError as err:
        raise UnreadableFrame(
            "It is not a VTK file, or it is damaged; accepted are legacy VTK and VTI."
        ) from err
    kind = root.get("type", root.tag)
    image = root.find("ImageData")
    if image is None:
        raise UnreadableFrame(f"Its grid is {kind}; accepted is ImageData.")
    pieces = image.findall("Piece")
    if len(pieces) != 1:
        raise UnreadableFrame(f"It has {len(pieces)} pieces; accepted is image data in one piece.")
    reader = _Values(root, appended)
    extent = pieces[0].get("Extent") or image.get("WholeExtent") or ""
    low_high = [int(each) for each in extent.split()]
    points = tuple(low_high[2 * axis + 1] - low_high[2 * axis] + 1 for axis in range(3))
    steps = tuple(float(each) for each in image.get("Spacing", "1 1 1").split())
    arrays: list[GridArray] = []
    marked: str | None = None
    for part in ("PointData", "CellData"):
        section = pieces[0].find(part)
        if section is None:
            continue
        marked = marked or section.get("Scalars")
        for item in section.findall("DataArray"):
            components = int(item.get("NumberOfComponents") or 1)
            values = reader.of(item)
            shaped = values if components == 1 else values.reshape(-1, components)
            arrays.append(GridArray(item.get("Name", "?"), part == "CellData", shaped))
    return Grid(
        (points[0], points[1], points[2]),
        (steps[0], steps[1], steps[2]),
        tuple(arrays),
        marked,
        _time(root, image, reader),
    )


def _time(root: ElementTree.Element, image: ElementTree.Element, reader: "_Values") -> float | None:
    for section in (*root.findall("FieldData"), *image.findall("FieldData")):
        for item in section.findall("DataArray"):
            if item.get("Name", "").lower() in ("timevalue", "time"):
                return float(reader.of(item)[0])
    return None


def _divided(data: bytes) -> tuple[bytes, bytes]:
    """Divide a file into its XML and its appended values, which may be no XML."""
    match = re.search(rb"<AppendedData[^>]*>\s*_", data)
    if match is None:
        return data, b""
    end = data.rfind(b"</AppendedData>")
    end = end if end > match.end() else len(data)
    tag = match[0].rstrip(b"_ \t\r\n")
    return data[: match.start()] + tag + b"</AppendedData></VTKFile>", data[match.end() : end]


@dataclass
class _Values:
    """Reads the values of arrays, as the file's own attributes say that they are stored."""

    root: ElementTree.Element
    appended: bytes

    def of(self, item: ElementTree.Element) -> np.ndarray:
        """The values of an array, in one row.

        Raises:
            UnreadableFrame: if they are packed in a way that is not read, or no numbers.
        """
        code = _TYPES.get(item.get("type", ""))
        if code is None:
            raise UnreadableFrame(
                f"Its array {item.get('Name')!r} is of the type {item.get('type')};"
                " accepted are numbers."
            )
        order = ">" if self.root.get("byte_order") == "BigEndian" else "<"
        dtype = np.dtype(order + code)
        text = (item.text or "").strip()
        form = item.get("format", "ascii").lower()
        if form == "ascii":
            return np.array(text.split(), dtype=np.float64).astype(dtype.newbyteorder("="))
        if form == "binary":
            return np.frombuffer(self._decoded(text.encode(), is_base64=True), dtype)
        section = self.root.find("AppendedData")
        encoding = "base64" if section is None else section.get("encoding", "base64")
        stored = self.appended[int(item.get("offset", "0")) :]
        return np.frombuffer(self._decoded(stored, is_base64=encoding == "base64"), dtype)

    def _decoded(self, stored: bytes, *, is_base64: bool) -> bytes:
        order = ">" if self.root.get("byte_order") == "BigEndian" else "<"
        word = np.dtype(order + ("u8" if self.root.get("header_type") == "UInt64" else "u4"))
        packer = self.root.get("compressor", "")
        if packer and packer not in _UNPACKED:
            raise UnreadableFrame(
                f"It is packed by {packer}, which is not read; accepted are no packing, zlib and"
                " LZMA."
            )

        def first(count: int) -> tuple[bytes, int]:
            """The first bytes, and where the next base64 block begins."""
            if not is_base64:
                return stored[:count], count
            letters = 4 * -(-count // 3)
            return base64.b64decode(stored[:letters])[:count], letters

        if not packer:
            head, after = first(word.itemsize)
            size = _checked(int(np.frombuffer(head, word)[0]))
            if not is_base64:
                data = stored[after : after + size]
            else:  # one block with its header, or, by some writers, one after it
                whole, _ = first(word.itemsize + size)
                data = whole[word.itemsize :]
                if len(data) < size:
                    data = base64.b64decode(stored[after : after + 4 * -(-size // 3)])[:size]
            if len(data) < size:
                raise EOFError("values are missing")
            return data
        head, _ = first(word.itemsize)
        blocks = _checked(int(np.frombuffer(head, word)[0]))
        head, after = first((3 + blocks) * word.itemsize)
        table = np.frombuffer(head, word).astype(np.int64)
        block_size, last_size, packed_sizes = int(table[1]), int(table[2]), table[3:]
        _checked(block_size * max(0, blocks - 1) + (last_size or block_size))
        total = int(packed_sizes.sum())
        if is_base64:
            packed = base64.b64decode(stored[after : after + 4 * -(-total // 3)])
        else:
            packed = stored[after : after + total]
        ends = np.cumsum(packed_sizes)
        try:
            return b"".join(
                _UNPACKED[packer](packed[end - size : end], block_size)
                for end, size in zip(ends, packed_sizes, strict=True)
            )
        except (zlib.error, lzma.LZMAError) as err:
            raise EOFError("packed values are damaged") from err


def _checked(size: int) -> int:
    if not 0 <= size <= _MOST_BYTES:
        raise ValueError("more values than an array may have")
    return size
