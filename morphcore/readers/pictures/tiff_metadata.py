"""Pixel size and times of a TIFF by its tags: OME-XML, ImageJ, electron microscopes, resolution."""

import math
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import numpy as np

from morphcore.readers import units

# Dots an inch of screens, scanners and printers: what a program writes that knows no pixel size.
_SCREENS = (1, 72, 75, 90, 96, 110, 120, 144, 192, 220, 240)
_PRINTS = (100, 150, 180, 200, 250, 300, 350, 360, 400, 450, 480, 500, 600, 720, 800, 900, 1000)
_SCANS = (1200, 1440, 2400, 4800, 9600)
_LIKE = 0.006  # 28.35 dots a cm are 72 an inch
_INCH, _CENTIMETRE = 2, 3  # of the tag ResolutionUnit


@dataclass(frozen=True)
class TiffFacts:
    """Pixel size along x and y and times, where the file has them."""

    pixel_size: tuple[float, float] | None = None
    length_unit: str | None = None
    times: np.ndarray | None = None
    time_unit: str | None = None


def facts(tif: Any, page: Any, count: int) -> TiffFacts:
    """Find what the tags say of `count` frames, the first of which is `page`."""
    ome = _ome(tif, count)
    if ome is not None:
        return ome
    imagej = tif.imagej_metadata or {}
    size, unit = _microscope(tif)
    if size is None and imagej:
        size, unit = _imagej_size(page, imagej)
    if size is None:
        size, unit = _resolution(page)
    times, time_unit = None, None
    interval = imagej.get("finterval")
    if isinstance(interval, int | float) and 0 < interval < math.inf:
        times = np.arange(count) * float(interval)
        time_unit = units.time_unit(str(imagej.get("tunit", "s"))) or "s"
    return TiffFacts(size, unit, times, time_unit)


def _ome(tif: Any, count: int) -> TiffFacts | None:
    if not tif.is_ome or not tif.ome_metadata:
        return None
    try:
        root = ElementTree.fromstring(tif.ome_metadata)
    except ElementTree.ParseError:
        return None
    pixels = next((item for item in root.iter() if item.tag.endswith("}Pixels")), None)
    if pixels is None:
        return None
    size, unit = None, None
    along_x = _number(pixels.get("PhysicalSizeX"))
    along_y = _number(pixels.get("PhysicalSizeY")) or along_x
    named = units.length_unit(pixels.get("PhysicalSizeXUnit", "µm"))
    if along_x and along_y and named:
        size, unit = units.handy((along_x, along_y), named)
    times, time_unit = None, None
    increment = _number(pixels.get("TimeIncrement"))
    if increment and count > 1:
        times = np.arange(count) * increment
        time_unit = units.time_unit(pixels.get("TimeIncrementUnit", "s"))
    elif count > 1:
        times, time_unit = _plane_times(pixels, count)
    return TiffFacts(size, unit, times, time_unit)


def _plane_times(pixels: Any, count: int) -> tuple[np.ndarray | None, str | None]:
    """The times of the planes of the first channel and slice."""
    found: dict[int, float] = {}
    unit = "s"
    for item in pixels:
        delta = item.get("DeltaT")
        if item.tag.endswith("}Plane") and delta and item.get("TheZ") == item.get("TheC") == "0":
            try:
                found[int(item.get("TheT", "-1"))] = float(delta)
            except ValueError:
                return None, None
            unit = item.get("DeltaTUnit", "s")
    times = (
        np.array([found[step] for step in range(count)])
        if set(range(count)) <= set(found)
        else None
    )
    if times is None or not (np.diff(times) > 0).all():
        return None, None
    return times, units.time_unit(unit)


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text else None
    except ValueError:
        return None
    return number if number is not None and 0 < number < math.inf else None


def _microscope(tif: Any) -> tuple[tuple[float, float] | None, str | None]:
    """The pixel size by FEI's or Zeiss's own tags of scanning electron microscopes."""
    fei = tif.fei_metadata or {}
    for section in ("Scan", "EScan", "IScan"):
        part = fei.get(section) or {}
        width, height = part.get("PixelWidth"), part.get("PixelHeight")
        if isinstance(width, float) and isinstance(height, float) and width > 0 and height > 0:
            return units.handy((width, height), "m")
    zeiss = tif.sem_metadata or {}
    for key in ("ap_image_pixel_size", "ap_pixel_size"):
        entry = zeiss.get(key)
        if isinstance(entry, tuple) and len(entry) >= 3 and isinstance(entry[1], int | float):
            unit = units.length_unit(str(entry[2]))
            if unit and entry[1] > 0:
                return (float(entry[1]), float(entry[1])), unit
    return None, None


def _per_unit(page: Any) -> tuple[float, float] | None:
    """Pixels for a unit of length along x and y, by the tags of resolution."""
    found = []
    for name in ("XResolution", "YResolution"):
        value = page.tags.valueof(name)
        if not isinstance(value, tuple) or len(value) != 2 or not value[0] or not value[1]:
            return None
        found.append(value[0] / value[1])
    return (found[0], found[1])


def _imagej_size(
    page: Any, imagej: dict[str, Any]
) -> tuple[tuple[float, float] | None, str | None]:
    unit = units.length_unit(str(imagej.get("unit", "")).replace("\\u00B5", "µ"))
    density = _per_unit(page)
    if unit is None or density is None or unit == "inch":
        return None, None
    size = (_rounded(1 / density[0]), _rounded(1 / density[1]))
    return units.handy(size, unit)


def _resolution(page: Any) -> tuple[tuple[float, float] | None, str | None]:
    """The pixel size by resolution tags, unless it is that of a screen, scanner or printer."""
    density = _per_unit(page)
    unit = int(page.tags.valueof("ResolutionUnit", default=_INCH) or 0)
    if density is None or unit not in (_INCH, _CENTIMETRE):
        return None, None
    metres = 0.0254 if unit == _INCH else 0.01
    for each in density:
        dots = each * 0.0254 / metres
        if each <= 1 or any(
            abs(dots - usual) <= _LIKE * usual for usual in (*_SCREENS, *_PRINTS, *_SCANS)
        ):
            return None, None
    size = (_rounded(metres / density[0]), _rounded(metres / density[1]))
    return units.handy(size, "m")


def _rounded(size: float) -> float:
    return float(f"{size:.6g}")  # resolutions are fractions of whole numbers
