"""Pictures (PNG, TIFF, JPEG, BMP, GIF), converted to gray of their own size.

Colour becomes gray by ITU-R 601 (0.299 R + 0.587 G + 0.114 B), transparency lies on white, 16 bits
are brought to 8. Nothing is turned or cropped.
"""

import io
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import IO, cast

import numpy as np
from jaxtyping import UInt8
from PIL import Image, UnidentifiedImageError

from morphcore import frames as framing
from morphcore.progress import Progress
from morphcore.readers import grayscale
from morphcore.readers.files import File, opened
from morphcore.readers.limits import DEFAULT_LIMITS, ReadLimits
from morphcore.readers.results import Stack, UnreadableFrame

FORMATS = ("PNG", "TIFF", "JPEG", "BMP", "GIF")
_ACCEPTED = "accepted are PNG, TIFF, JPEG, BMP and GIF"


def picture(data: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> UInt8[np.ndarray, "h w"]:
    """Decode the bytes of a picture file to gray, in its own size.

    Raises:
        UnreadableFrame: if it is no picture, cut off, damaged, too large or of several pages.
    """
    if not data:
        raise UnreadableFrame("It is empty (0 bytes).")
    if data.startswith(b"\x89PNG"):
        _verify(data, limits)
    with _open(io.BytesIO(data), limits) as image:
        if image.format in ("TIFF", "GIF") and _has_page(image, 1):
            raise UnreadableFrame("It has several pages or frames; a picture of one is needed.")
        return _page(image, 0, limits)


def has_pages(file: File, limits: ReadLimits) -> bool:
    """Whether a TIFF or GIF holds more than one frame; a broken one has one, and fails later."""
    try:
        with opened(file) as stream, _open(stream, limits) as image:
            return _has_page(image, 1)
    except UnreadableFrame:
        return False


def pages(path: Path, progress: Progress, limits: ReadLimits) -> Stack:
    """Read all pages of a TIFF or frames of a GIF as one trajectory.

    Raises:
        UnreadableFrame: if it is neither, or one of its pages cannot be read.
    """
    with path.open("rb") as stream, _open(stream, limits) as image:
        if image.format == "GIF" and not _ends_as_gif(stream):
            raise UnreadableFrame("It is cut off: a GIF has an end mark, and this one has none.")
        count = 0
        while _has_page(image, count):
            count += 1
            limits.check_count(count)
        limits.check_count(count)
        if image.mode in ("I", "F"):
            return Stack(grayscale.grays(_numbers(image, count, limits), progress, limits))
        grays = []
        for number, gray in enumerate(_pages(image, count, limits)):
            progress(number / count)
            grays.append(framing.resize(gray))
    return Stack(np.stack(grays))


def _pages(
    image: Image.Image, count: int, limits: ReadLimits
) -> Iterator[UInt8[np.ndarray, "h w"]]:
    for number in range(count):
        try:
            yield _page(image, number, limits)
        except UnreadableFrame as err:
            raise UnreadableFrame(f"Page {number + 1} of {count}: {err}") from err


def _ends_as_gif(stream: BufferedIOBase) -> bool:
    """Whether the end mark is there; Pillow takes a GIF that lost its last frames for whole."""
    position = stream.tell()
    stream.seek(-16, io.SEEK_END)
    end = stream.read()
    stream.seek(position)
    return end.rstrip(b"\0\r\n").endswith(b";")


def _numbers(image: Image.Image, count: int, limits: ReadLimits) -> grayscale.Values3D:
    """Read pages of floats or 32-bit integers as an array, to be brought to gray by one scale."""

    def frames() -> Iterator[grayscale.Values]:
        for number in range(count):
            try:
                image.seek(number)
                limits.check_size(*image.size)
                yield np.asarray(image)
            except (UnreadableFrame, MemoryError):
                raise
            except Exception as err:  # see `_page`
                raise UnreadableFrame(f"Page {number + 1} of {count} is damaged.") from err

    first = next(frames())
    return grayscale.Values3D((count, *first.shape), first.dtype, frames)


def _verify(data: bytes, limits: ReadLimits) -> None:
    """Compare the checksums of a PNG, which decoding alone does not."""
    with _open(io.BytesIO(data), limits) as image:
        try:
            image.verify()
        except Exception as err:  # see `_page`
            raise UnreadableFrame("The picture is damaged or cut off.") from err


def _open(stream: BufferedIOBase, limits: ReadLimits) -> Image.Image:
    """Read a picture's header and refuse it by its size."""
    try:
        image = Image.open(cast(IO[bytes], stream), formats=FORMATS)
    except UnidentifiedImageError as err:
        raise UnreadableFrame(
            f"It is not a picture, or its beginning is lost; {_ACCEPTED}."
        ) from err
    except Image.DecompressionBombError as err:
        raise UnreadableFrame(
            f"It is too large a picture to open; accepted are up to {limits.pixels:,} pixels."
        ) from err
    except Exception as err:  # see `_page`
        raise UnreadableFrame(f"The picture's header is damaged; {_ACCEPTED}.") from err
    limits.check_size(*image.size)
    return image


def _has_page(image: Image.Image, number: int) -> bool:
    try:
        image.seek(number)
    except EOFError:
        return False
    except Exception as err:  # see `_page`
        raise UnreadableFrame(f"It is damaged or cut off from page {number + 1} on.") from err
    return True


def _page(image: Image.Image, number: int, limits: ReadLimits) -> UInt8[np.ndarray, "h w"]:
    try:
        if image.tell() != number:
            image.seek(number)
        limits.check_size(*image.size)  # pages of a TIFF may differ
        image.load()
        return _gray(image, limits)
    except (UnreadableFrame, MemoryError):
        raise
    except Exception as err:
        # Pillow's parsers let anything through on a broken file (struct.error, KeyError,
        # SyntaxError ...), and one bad file must not lose the rest.
        raise UnreadableFrame("The picture is damaged or cut off.") from err


def _gray(image: Image.Image, limits: ReadLimits) -> UInt8[np.ndarray, "h w"]:
    if image.mode.startswith("I;16"):
        deep = np.asarray(image).astype(np.uint16)
        # Always the whole range: a dark frame of a trajectory must not be stretched on its own.
        if deep.max() <= 1:
            return grayscale.gray(deep, limits)
        return np.rint(deep / 257).astype(np.uint8)
    if image.mode in ("I", "F"):
        return grayscale.gray(np.asarray(image), limits)
    if image.mode == "1":
        return np.asarray(image.convert("L"))
    if image.mode == "L" and "transparency" not in image.info:
        plain = np.asarray(image)
        # A mask of 0 and 1 is scaled as arrays are; JPEG's 1 is only a dark gray.
        return plain if image.format == "JPEG" else grayscale.gray(plain, limits)
    if image.has_transparency_data:
        over = image.convert("RGBA")
        white = Image.new("RGBA", over.size, "white")
        return np.asarray(Image.alpha_composite(white, over).convert("L"))
    return np.asarray(image.convert("RGB").convert("L"))
