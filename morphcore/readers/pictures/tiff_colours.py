"""Values of a TIFF's page by what its tags say of them: palettes, colours, transparency, negatives.

Pages are tifffile's `TiffPage`s.
"""

from typing import Any

import numpy as np

from morphcore.readers.arrays.checks import check_dtype
from morphcore.readers.pictures.images import gray_if_all_are
from morphcore.readers.results import UnreadableFrame

_MIN_IS_WHITE, _RGB, _PALETTE, _SEPARATED, _YCBCR = 0, 2, 3, 5, 6
_ALPHA_PREMULTIPLIED, _ALPHA = 1, 2
_FULL = 65535


def is_palette(page: Any) -> bool:
    """Whether the values of a page are numbers of colours."""
    return int(page.photometric or 0) == _PALETTE and page.colormap is not None


def is_colour(page: Any) -> bool:
    """Whether a page has red, green and blue."""
    return int(page.photometric or 0) in (_RGB, _YCBCR) and page.samplesperpixel >= 3


def channels_of(page: Any) -> int:
    """The number of channels in the samples of a pixel; 0 where they are gray or colours."""
    if "S" not in page.axes or is_colour(page):
        return 0
    samples = int(page.samplesperpixel)
    if samples == 2 and _alpha(page):
        return 0
    return samples


def said(page: Any) -> tuple[str, ...]:
    """What bringing a page to gray or colours of 8 bits loses, in sentences."""
    if is_colour(page) and page.dtype.itemsize > 1:
        return (f"Its colours of {8 * page.dtype.itemsize} bits are brought to 8.",)
    return ()


def values(raw: np.ndarray, page: Any, channel: int | None) -> np.ndarray:
    """The picture of a decoded page, [h w] of its own type or uint8 [h w 3].

    Raises:
        UnreadableFrame: if its values are not numbers, or not colours in a known range.
    """
    check_dtype(raw.dtype)
    if page.axes.startswith("S"):  # planes of samples
        raw = np.moveaxis(raw, 0, -1)
    if is_palette(page):
        return gray_if_all_are(_expanded(raw, page))
    if int(page.photometric or 0) == _SEPARATED and raw.ndim == 3:
        raise UnreadableFrame("Its colours are inks (CMYK); accepted are gray, RGB and palettes.")
    if is_colour(page):
        return gray_if_all_are(_colours(raw, _alpha(page)))
    if raw.ndim == 3 and channel is None:  # gray and its transparency
        gray, alpha = raw[..., 0].astype(np.float64), _share(raw[..., 1])
        white = 1.0 if raw.dtype.kind == "f" else float(np.iinfo(raw.dtype).max)
        over = gray * alpha + white * (1 - alpha)
        return np.asarray(over if raw.dtype.kind == "f" else np.rint(over), dtype=raw.dtype)
    picture = raw if channel is None else raw[..., channel]
    if int(page.photometric if page.photometric is not None else 1) == _MIN_IS_WHITE:
        if picture.dtype == np.bool_:
            # tifffile tags any mask so, and stores True as 1 all the same.
            keep = str(page.software).startswith("tifffile")
            return np.asarray(picture if keep else ~picture)
        if picture.dtype.kind == "u":
            most = 2 ** int(page.bitspersample) - 1
            return np.asarray(most - picture.astype(np.int64), dtype=raw.dtype)
    return np.ascontiguousarray(picture)


def _alpha(page: Any) -> int:
    """The kind of transparency of a page: 0 for none."""
    extra = [int(each) for each in page.extrasamples or ()]
    return extra[0] if extra and extra[0] in (_ALPHA_PREMULTIPLIED, _ALPHA) else 0


def _expanded(raw: np.ndarray, page: Any) -> np.ndarray:
    table = np.asarray(page.colormap, dtype=np.int64)  # [3, entries], 16 bits by the standard
    if table.max() > 255:
        table = np.rint(table / 257).astype(np.int64)
    indices = np.minimum(raw.astype(np.int64), table.shape[1] - 1)
    return np.asarray(table.T.astype(np.uint8)[indices])


def _share(samples: np.ndarray) -> np.ndarray:
    """Samples as shares of their type's range; floats as they are."""
    if samples.dtype.kind == "f":
        if not (np.nanmin(samples) >= 0 and np.nanmax(samples) <= 1):
            raise UnreadableFrame("Its colours are not from 0 to 1, as those in floats are.")
        return np.asarray(samples, dtype=np.float64)
    if samples.dtype.kind == "b":
        return np.asarray(samples, dtype=np.float64)
    return np.asarray(samples / float(np.iinfo(samples.dtype).max))


def _colours(raw: np.ndarray, alpha: int) -> np.ndarray:
    if raw.shape[2] == 3 and raw.dtype == np.uint8:
        return np.ascontiguousarray(raw)
    shares = _share(raw[..., :3])
    if alpha and raw.shape[2] > 3:
        cover = _share(raw[..., 3:4])
        shares = shares * (1.0 if alpha == _ALPHA_PREMULTIPLIED else cover) + (1 - cover)
    return np.asarray(np.rint(np.clip(shares, 0, 1) * 255), dtype=np.uint8)
