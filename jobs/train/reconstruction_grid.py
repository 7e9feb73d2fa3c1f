"""A reconstruction grid: some held-out frames above their reconstructions, as one picture."""

import io
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int64, UInt8
from PIL import Image

from morphcore.embedding.encoding import reconstruct
from morphcore.frames import SizedFrames, evenly, resize
from morphcore.models.base import Model
from store.trajectories import FrameTable

COLUMNS = 5
SIDE = 400  # px, the longer side of a frame as it is drawn
GAP = 8  # pixels between frames; transparent, so that the page's own colour shows


def choose(
    table: FrameTable, held_out: Int64[np.ndarray, " heldout"]
) -> Int64[np.ndarray, " columns"]:
    """Choose up to five separated held-out frames, early to late, of several trajectories."""
    usable = np.isin(table.frame_ids, held_out) & ~table.unseparated
    if not usable.any():
        usable = np.isin(table.frame_ids, held_out)
    # Early to late over all trajectories; the id breaks ties, so the choice never changes.
    order = np.lexsort((table.frame_ids, table.index))
    candidates = table.frame_ids[order][usable[order]]
    chosen: np.ndarray = candidates[evenly(len(candidates), COLUMNS, ends=True)]
    return chosen


def draw(model: Model, packed: SizedFrames) -> bytes:
    """Draw the frames on top, their reconstructions (gray: probability of white) below, as PNG."""
    originals: dict[int, UInt8[np.ndarray, "h w"]] = {}
    for places, own in packed.parts:
        gray = own.bits() * np.uint8(255)
        originals.update(zip(places.tolist(), gray, strict=True))
    white = [np.rint(255 * picture).astype(np.uint8) for picture in reconstruct(model, packed)]
    rows = [_row([originals[place] for place in range(len(packed))]), _row(white)]
    gap = np.zeros((GAP, rows[0].shape[1], 2), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(np.concatenate([rows[0], gap, rows[1]])).save(out, format="PNG")
    return out.getvalue()


def _row(pictures: Sequence[UInt8[np.ndarray, "h0 w0"]]) -> UInt8[np.ndarray, "h w 2"]:
    """Pictures side by side with gaps, gray and opacity."""
    shown = [_scaled(picture) for picture in pictures]
    width = sum(picture.shape[1] + GAP for picture in shown) - GAP
    row = np.zeros((max(len(picture) for picture in shown), width, 2), dtype=np.uint8)
    left = 0
    for picture in shown:
        height, right = len(picture), left + picture.shape[1]
        row[:height, left:right, 0] = picture
        row[:height, left:right, 1] = 255
        left = right + GAP
    return row


def _scaled(picture: UInt8[np.ndarray, "h0 w0"]) -> UInt8[np.ndarray, "h w"]:
    """A picture at about `SIDE` px: smaller by the mean over area, larger by whole pixels."""
    longest = max(picture.shape)
    if longest > SIDE:
        height, width = (max(1, round(side * SIDE / longest)) for side in picture.shape)
        return resize(picture, (height, width))
    times = SIDE // longest
    return picture.repeat(times, axis=0).repeat(times, axis=1)
