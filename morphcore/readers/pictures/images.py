"""Pictures that Pillow reads (PNG, JPEG, BMP, GIF, WebP, PGM, PPM, PBM), as the file holds them.

Gray stays gray of its own depth and a mask of one bit is of booleans; a palette is expanded to its
colours, transparency lies on white (on black where all that is drawn is white). A picture is turned
as its EXIF tag says. Colours that are all gray are gray.
"""

import io
from collections.abc import Iterator
from io import BufferedIOBase, BytesIO
from pathlib import Path
from typing import IO, cast

import numpy as np
from PIL import Image, UnidentifiedImageError

from morphcore.progress import Progress
from morphcore.readers.files.listing import File, content
from morphcore.readers.files.seekable import seekable
from morphcore.readers.limits import ReadLimits
from morphcore.readers.options import ImportOptions
from morphcore.readers.results import Stack, UnreadableFrame, Values3D

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "PPM")
_ACCEPTED = "accepted are PNG, TIFF, JPEG, BMP, GIF, WebP, PGM, PPM and PBM"
_WHITE = 250  # levels from which on a colour is white
_ORIENTATION = 0x0112  # EXIF's tag
# Quarters of a turn, anticlockwise, and whether left and right change then, by that tag.
_TURNS = {
    2: (0, True), 3: (2, False), 4: (2, True), 5: (3, True),
    6: (3, False), 7: (1, True), 8: (1, False),
}  # fmt: skip
_PNG_DEPTH, _PNG_COLOUR = 24, 25  # bytes of a PNG's header


def read(
    file: File, progress: Progress, limits: ReadLimits, _options: ImportOptions
) -> Iterator[Stack]:
    """Read a picture, or all frames of a GIF or WebP, as one trajectory.

    Raises:
        UnreadableFrame: if it is no picture, cut off, damaged or too large.
    """
    if not file.base.lower().endswith((".gif", ".webp")):
        data = content(file, limits)
        done = list(_check_png(data, limits)) if data.startswith(b"\x89PNG") else []
        with opened_image(BytesIO(data), FORMATS, limits) as image:
            if not has_page(image, 1) or image.format == "JPEG":
                values = _upright(image, page_values(image, 0, limits), done)
                stack = Values3D((1, *values.shape), values.dtype, lambda: iter((values,)))
                yield Stack(stack, done=tuple(done))
                return
    with (
        seekable(file, limits, progress) as where,
        _stream(where) as stream,
        opened_image(stream, FORMATS, limits) as image,
    ):
        if image.format == "GIF" and not _ends_as_gif(stream):
            raise UnreadableFrame("It is cut off: a GIF has an end mark, and this one has none.")
        if _is_animated(image):
            limits.check_animation(*image.size)
        yield Stack(_pages(image, stream, file.size, progress, limits))


def has_one_frame(file: File, limits: ReadLimits) -> bool:
    """Whether a GIF or WebP has a single frame; a broken one counts as having one."""
    try:
        with (
            seekable(file, limits) as where,
            _stream(where) as stream,
            opened_image(stream, FORMATS, limits) as image,
        ):
            return not _is_animated(image)
    except UnreadableFrame:
        return True


def _is_animated(image: Image.Image) -> bool:
    try:
        return bool(getattr(image, "is_animated", False))
    except Exception as err:  # see `page_values`
        raise UnreadableFrame("It is damaged or cut off after its first page.") from err


def _upright(image: Image.Image, values: np.ndarray, done: list[str]) -> np.ndarray:
    """Turn a picture as its EXIF tag says that the camera was held."""
    turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    if turn is None:
        return values
    quarters, mirrored = turn
    done.append("Turned as its EXIF tag says that the camera was held.")
    turned = np.rot90(values, quarters)
    return np.ascontiguousarray(turned[:, ::-1] if mirrored else turned)


def _stream(where: Path | BytesIO) -> BufferedIOBase:
    return where.open("rb") if isinstance(where, Path) else where


def _pages(
    image: Image.Image, stream: BufferedIOBase, size: int, progress: Progress, limits: ReadLimits
) -> Values3D:
    """Read through an animation once: how many frames it has, and whether all of them are gray."""
    count, all_gray, shape = 0, True, None
    while has_page(image, count):
        limits.check_count(count + 1)
        # How many frames a GIF has, Pillow finds by going through all of it.
        whole = size if image.format == "GIF" else getattr(image, "n_frames", 1)
        share = min(1.0, (stream.tell() if image.format == "GIF" else count) / whole)
        progress(share)
        values = _one_of(image, count, limits)
        all_gray = all_gray and values.ndim == 2
        shape = shape or values.shape[:2]
        count += 1
        progress(share)
    limits.check_count(count)
    assert shape is not None  # there is at least one frame

    def frames() -> Iterator[np.ndarray]:
        for number in range(count):
            values = _one_of(image, number, limits)
            if all_gray:
                yield values.astype(np.uint8) * np.uint8(255) if values.dtype == bool else values
            else:
                yield in_colour(values)

    return Values3D((count, *shape, *(() if all_gray else (3,))), np.dtype(np.uint8), frames)


def _one_of(image: Image.Image, number: int, limits: ReadLimits) -> np.ndarray:
    try:
        return page_values(image, number, limits)
    except UnreadableFrame as err:
        raise UnreadableFrame(f"Page {number + 1}: {err}") from err


def in_colour(values: np.ndarray) -> np.ndarray:
    """A gray picture of 8 bits, or a mask, as one of three equal colours."""
    if values.ndim == 3:
        return values
    gray = values.astype(np.uint8) * np.uint8(255) if values.dtype == np.bool_ else values
    return np.repeat(gray[:, :, None], 3, axis=2)


def _ends_as_gif(stream: BufferedIOBase) -> bool:
    """Whether the end mark is there; Pillow takes a GIF that lost its last frames for whole."""
    position = stream.tell()
    stream.seek(-16, io.SEEK_END)
    end = stream.read()
    stream.seek(position)
    return end.rstrip(b"\0\r\n").endswith(b";")


def _check_png(data: bytes, limits: ReadLimits) -> tuple[str, ...]:
    """Compare the checksums of a PNG, which decoding alone does not; say what Pillow reduces."""
    with opened_image(BytesIO(data), FORMATS, limits) as image:
        try:
            image.verify()
        except Exception as err:  # see `page_values`
            raise UnreadableFrame("The picture is damaged or cut off.") from err
    if data[_PNG_DEPTH] == 16 and data[_PNG_COLOUR] != 0:
        return ("Its colours of 16 bits are brought to 8.",)
    return ()


def opened_image(
    stream: BufferedIOBase, formats: tuple[str, ...], limits: ReadLimits
) -> Image.Image:
    """Read a picture's header and refuse it by its size.

    Raises:
        UnreadableFrame: if it is no picture or too large.
    """
    try:
        image = Image.open(cast(IO[bytes], stream), formats=formats)
    except UnidentifiedImageError as err:
        raise UnreadableFrame(
            f"It is not a picture, or its beginning is lost; {_ACCEPTED}."
        ) from err
    except Image.DecompressionBombError as err:
        raise UnreadableFrame(
            f"It is too large a picture to open; accepted are up to {limits.pixels:,} pixels."
        ) from err
    except Exception as err:  # see `page_values`
        raise UnreadableFrame(f"The picture's header is damaged; {_ACCEPTED}.") from err
    limits.check_size(*image.size)
    return image


def has_page(image: Image.Image, number: int) -> bool:
    """Whether there is a page or frame of this number, from 0 on.

    Raises:
        UnreadableFrame: if the file is damaged there.
    """
    try:
        image.seek(number)
    except EOFError:
        return False
    except Exception as err:  # see `page_values`
        raise UnreadableFrame(f"It is damaged or cut off from page {number + 1} on.") from err
    return True


def page_values(image: Image.Image, number: int, limits: ReadLimits) -> np.ndarray:
    """Decode one page: [h w] of its own depth, or uint8 [h w 3] where it has colours.

    Raises:
        UnreadableFrame: if it is damaged or too large.
    """
    try:
        if image.tell() != number:
            image.seek(number)
        limits.check_size(*image.size)  # pages may differ
        image.load()
        return _values(image)
    except (UnreadableFrame, MemoryError):
        raise
    except Exception as err:
        # Pillow's parsers let anything through on a broken file (struct.error, KeyError,
        # SyntaxError ...), and one bad file must not lose the rest.
        raise UnreadableFrame("The picture is damaged or cut off.") from err


def _values(image: Image.Image) -> np.ndarray:
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)
    if image.mode == "I" and image.format == "PPM":
        return np.asarray(image).astype(np.uint16)
    transparent = _is_transparent(image)
    if image.mode in ("I", "F") or (image.mode in "1L" and not transparent):
        return np.asarray(image)
    if transparent:
        over = image.convert("RGBA")
        ground = Image.new("RGBA", over.size, "black" if _is_white(over) else "white")
        image = Image.alpha_composite(ground, over)
    return gray_if_all_are(np.asarray(image.convert("RGB")))


def _is_transparent(image: Image.Image) -> bool:
    if image.mode == "P" and image.palette is None:  # of a GIF's later frame: of grays alone
        return "transparency" in image.info
    return image.has_transparency_data


def _is_white(over: Image.Image) -> bool:
    """Whether all that is drawn on a transparent ground is white, so that white would hide it."""
    pixels = np.asarray(over)
    drawn = pixels[pixels[..., 3] > 0]
    colours = drawn if len(drawn) else pixels.reshape(-1, 4)
    return bool(colours[:, :3].min() >= _WHITE)


def gray_if_all_are(colours: np.ndarray) -> np.ndarray:
    """One of three equal colours, else all three."""
    red, green, blue = (colours[..., channel] for channel in range(3))
    if np.array_equal(red, green) and np.array_equal(green, blue):
        return np.ascontiguousarray(red)
    return colours
