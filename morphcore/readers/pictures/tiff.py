"""TIFF of every sort, by tifffile: of any depth, tiled, BigTIFF, ImageJ and OME stacks.

A stack has axes: times, channels and slices. One channel and one slice are taken; slices without
times count as times. Compressions that tifffile needs further libraries for (LZW, JPEG) are decoded
by Pillow.
"""

import logging
import math
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from morphcore.progress import Progress
from morphcore.readers.arrays.checks import check_frames
from morphcore.readers.files.listing import File, opened
from morphcore.readers.files.seekable import seekable
from morphcore.readers.limits import ReadLimits
from morphcore.readers.options import ImportOptions
from morphcore.readers.pictures import images, tiff_colours, tiff_metadata
from morphcore.readers.results import Stack, UnreadableFrame, Values3D

_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_ENDINGS = (".tif", ".tiff", ".btf", ".lsm")
_DAMAGED = "The picture is damaged or cut off."
_LYING = 5  # orientation tags from here on: rows and columns change places
# tifffile's letters of axes that are neither times nor parts of a picture, by what they hold.
_CHANNELS, _SLICES, _TIMES = "CSEHL", "Z", "TIQ"


def is_tiff(file: File) -> bool:
    """Whether a file is a TIFF by its first bytes, or by its name where it has none."""
    with opened(file) as stream:
        head = stream.read(4)
    return head in _MAGIC or (file.base.lower().endswith(_ENDINGS) and head[:4] != b"GIF8")


@dataclass(frozen=True)
class _Planes:
    """Which planes of a file are the frames: their numbers in its order, and what was chosen."""

    numbers: tuple[int, ...]
    channel: int | None  # of the samples of a pixel
    done: tuple[str, ...]


def read(
    file: File, progress: Progress, limits: ReadLimits, options: ImportOptions
) -> Iterator[Stack]:
    """Read the pages of a TIFF as one trajectory, with its pixel size and times.

    Raises:
        UnreadableFrame: if it is no TIFF, damaged, or packed in a way that is not read.
    """
    import tifffile

    logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # an error of ours follows
    with ExitStack() as stack:
        where = stack.enter_context(seekable(file, limits, progress))
        try:
            # OME-XML may name other files; only this one is opened.
            tif = stack.enter_context(tifffile.TiffFile(where, _multifile=False))
            series, said = _series(tif)
            page = series.keyframe
            limits.check_size(int(page.imagewidth), int(page.imagelength))
            planes = _planes(series, page, options)
            limits.check_count(len(planes.numbers))
            _check_chain(tif)
            reader = _PlaneReader(tif, series, page, where, planes.channel, limits, stack)
            orientation = _orientation(page)
            first = _upright(reader.values(planes.numbers[0]), orientation)
            shape = (len(planes.numbers), *first.shape)
            check_frames(shape, limits)
            facts = tiff_metadata.facts(tif, page, len(planes.numbers))
        except (UnreadableFrame, MemoryError):
            raise
        except Exception as err:
            # tifffile lets struct.error, KeyError and more through on a broken file.
            raise UnreadableFrame(_DAMAGED) from err
        progress(0.0)

        def frames() -> Iterator[np.ndarray]:
            for number in planes.numbers:
                values = _upright(reader.values(number), orientation)
                if values.shape != first.shape or values.dtype != first.dtype:
                    raise UnreadableFrame(f"Page {number + 1} is of another size or type.")
                yield values

        pixel_size = facts.pixel_size
        if pixel_size is not None and orientation >= _LYING:
            pixel_size = pixel_size[1], pixel_size[0]
        if orientation != 1:
            said = (*said, f"Turned upright, as its orientation tag ({orientation}) says.")
        yield Stack(
            Values3D(shape, first.dtype, frames),
            times=facts.times,
            time_unit=facts.time_unit,
            pixel_size=pixel_size,
            length_unit=facts.length_unit,
            done=(*said, *planes.done, *reader.done),
        )


def _orientation(page: Any) -> int:
    """The orientation tag: 1 as it is, 2 to 4 mirrored or upside down, 5 to 8 lying on its side."""
    tag = page.tags.get("Orientation")
    value = 1 if tag is None else int(tag.value)
    return value if 1 <= value <= 8 else 1


def _upright(values: np.ndarray, orientation: int) -> np.ndarray:
    """A page of rows and columns as it is meant to be seen."""
    if orientation >= _LYING:
        values = values.swapaxes(0, 1)
    rows_back = orientation in (3, 4, 7, 8)
    columns_back = orientation in (2, 3, 6, 7)
    return values[:: -1 if rows_back else 1, :: -1 if columns_back else 1]


def _series(tif: Any) -> tuple[Any, tuple[str, ...]]:
    """The series of pages with most values; thumbnails and others are said to be left out."""
    found = list(tif.series)
    alike = len(found) > 1 and len({each.shape for each in found}) < len(found)
    if alike or any(page is None for each in found for page in each._pages):
        # Pages written one by one, each with its own shape; or an OME file of a set, which is
        # read without what lies in the other files.
        found = list(tif._series_generic() or ())
    usable = [each for each in found if len(each._pages) and each.keyframe is not None]
    usable = [each for each in usable if {"X", "Y"} <= set(each.axes)]
    if not usable:
        raise UnreadableFrame("It holds no picture of rows and columns.")
    best = max(usable, key=lambda each: each.size)
    if len(usable) == 1:
        return best, ()
    names = [" x ".join(str(side) for side in each.shape) for each in usable]
    chosen = names[usable.index(best)]
    left = [name for each, name in zip(usable, names, strict=True) if each is not best]
    others = ", ".join(left[:3]) + (f" and {len(left) - 3} more" if len(left) > 3 else "")
    return best, (f"It holds several stacks: {chosen} is taken, {others} left out.",)


def _check_chain(tif: Any) -> None:
    """Refuse a file whose last page names a next one that is not there: tifffile does not."""
    fh, form = tif.filehandle, tif.tiff
    last = tif.pages[len(tif.pages) - 1]
    fh.seek(last.offset)
    (entries,) = struct.unpack(form.tagnoformat, fh.read(form.tagnosize))
    fh.seek(last.offset + form.tagnosize + entries * form.tagsize)
    (following,) = struct.unpack(form.offsetformat, fh.read(form.offsetsize))
    if following >= fh.size or (following and following not in {page.offset for page in tif.pages}):
        raise UnreadableFrame(
            f"It is cut off: {len(tif.pages)} of its pages are there, and the next one is lost."
        )


def _planes(series: Any, page: Any, options: ImportOptions) -> _Planes:
    depth = len(page.axes)
    axes, shape = series.axes[:-depth], series.shape[:-depth]
    if series.axes[-depth:] != page.axes or "Z" in page.axes:
        raise UnreadableFrame(
            f"Its axes are {series.axes} of {'x'.join(map(str, series.shape))}; accepted are"
            " pictures over time, with channels and slices."
        )
    done: list[str] = []
    time = next((axes.index(letter) for letter in _TIMES if letter in axes), None)
    if time is None:
        others = [index for index, letter in enumerate(axes) if letter not in _CHANNELS]
        time = others[0] if others else None
        if time is not None:
            done.append(f"Its {shape[time]} slices are taken as frames in time.")
    index: list[int] = [0] * len(axes)
    sample_channel: int | None = None
    samples = tiff_colours.channels_of(page)
    if samples:
        sample_channel = _channel(samples, options, done)
    for axis, (letter, count) in enumerate(zip(axes, shape, strict=True)):
        if axis == time or count == 1:
            continue
        if letter in _CHANNELS and not samples:
            index[axis] = _channel(count, options, done)
        else:
            word = "slices" if letter in _SLICES else f"planes along {letter}"
            done.append(f"The first of {count} {word} is taken.")
    count = 1 if time is None else shape[time]
    numbers = []
    for step in range(count):
        if time is not None:
            index[time] = step
        numbers.append(int(np.ravel_multi_index(tuple(index), shape)) if shape else 0)
    return _Planes(tuple(numbers), sample_channel, tuple(done))


def _channel(count: int, options: ImportOptions, done: list[str]) -> int:
    if options.channel is not None and options.channel >= count:
        raise UnreadableFrame(
            f"It has {count} channels, from 0 to {count - 1}; there is no channel"
            f" {options.channel}."
        )
    chosen = options.channel or 0
    hint = "" if options.channel is not None else "; the option channel chooses another"
    done.append(f"Channel {chosen} of {count} is taken{hint}.")
    return chosen


class _PlaneReader:
    """Reads planes by their number, each when it is asked for."""

    def __init__(
        self,
        tif: Any,
        series: Any,
        page: Any,
        where: Path | BytesIO,
        channel: int | None,
        limits: ReadLimits,
        stack: ExitStack,
    ) -> None:
        self._tif, self._series, self._page = tif, series, page
        self._channel, self._limits = channel, limits
        self._where, self._stack = where, stack
        self._image: Any = None
        self._contiguous = len(series._pages) == 1 and series.size > page.size
        self._decoder: Callable[[int], np.ndarray] = (
            self._of_one_block if self._contiguous else self._of_page
        )
        self.done: tuple[str, ...] = tiff_colours.said(page)

    def values(self, number: int) -> np.ndarray:
        """The values of a plane, [h w] or [h w 3].

        Raises:
            UnreadableFrame: if it is damaged or packed in a way that is not read.
        """
        try:
            return self._decoder(number)
        except (UnreadableFrame, MemoryError):
            raise
        except Exception as err:  # see `read`
            where = f"Page {number + 1} is damaged or cut off." if number else _DAMAGED
            raise UnreadableFrame(where) from err

    def _of_one_block(self, number: int) -> np.ndarray:
        page = self._page
        offset = self._series.dataoffset
        if offset is None:
            raise UnreadableFrame(_DAMAGED)
        dtype = np.dtype(self._tif.byteorder + page.dtype.char)
        start = offset + number * page.nbytes
        if start + page.nbytes > self._tif.filehandle.size:
            raise UnreadableFrame(f"It is cut off within page {number + 1}.")
        raw = self._tif.filehandle.read_array(dtype, page.size, start).reshape(page.shape)
        return tiff_colours.values(raw.astype(page.dtype.newbyteorder("=")), page, self._channel)

    def _of_page(self, number: int) -> np.ndarray:
        page = self._series[number]
        keyframe = page.keyframe
        self._limits.check_size(int(keyframe.imagewidth), int(keyframe.imagelength))
        ends = (
            offset + length
            for offset, length in zip(page.dataoffsets, page.databytecounts, strict=True)
        )
        if max(ends, default=0) > self._tif.filehandle.size:
            raise UnreadableFrame(_DAMAGED)
        try:
            raw = page.asarray()
        except ValueError as err:
            if "imagecodecs" not in str(err) and "supported" not in str(err):
                raise
            return self._by_pillow(number, page.index, keyframe)
        return tiff_colours.values(raw, keyframe, self._channel)

    def _by_pillow(self, number: int, index: Any, keyframe: Any) -> np.ndarray:
        name = getattr(keyframe.compression, "name", str(keyframe.compression))
        packed = (
            f"It is packed in a way that is not read ({name.replace('_', ' ')}, {keyframe.dtype},"
            f" {keyframe.bitspersample} bits); save it without compression."
        )
        if not isinstance(index, int) or tiff_colours.channels_of(keyframe):
            raise UnreadableFrame(packed)
        try:
            if self._image is None:
                stream = self._where
                if isinstance(stream, Path):
                    stream = self._stack.enter_context(stream.open("rb"))  # type: ignore[assignment]
                self._image = images.opened_image(stream, ("TIFF",), self._limits)  # type: ignore[arg-type]
            values = images.page_values(self._image, index, self._limits)
        except UnreadableFrame as err:
            raise UnreadableFrame(packed) from err
        if values.shape[:2] != (keyframe.imagelength, keyframe.imagewidth):
            raise UnreadableFrame(f"Page {number + 1} is of another size.")
        colours = keyframe.samplesperpixel > 2 or tiff_colours.is_palette(keyframe)
        if not colours and not math.isclose(values.itemsize * 8, keyframe.bitspersample, abs_tol=8):
            raise UnreadableFrame(packed)
        return values
