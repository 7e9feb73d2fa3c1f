"""A reconstruction grid: some held-out frames above their reconstructions, as one picture."""

import io

import numpy as np
from jaxtyping import Float32, Int64, UInt8
from PIL import Image

from morphcore.embedding import encoding
from morphcore.frames import PackedFrames, evenly
from morphcore.models.base import Model
from morphcore.types import FRAME_SHAPE
from store.trajectories import FrameTable

COLUMNS = 5
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


def draw(model: Model, packed: PackedFrames) -> bytes:
    """Draw the frames on top, their reconstructions (gray: probability of white) below, as PNG."""
    originals = packed.bits().astype(np.float32)
    rows = [_row(originals), _row(encoding.reconstruct(model, packed))]
    gap = np.zeros((GAP, rows[0].shape[1], 2), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(np.concatenate([rows[0], gap, rows[1]])).save(out, format="PNG")
    return out.getvalue()


def _row(pictures: Float32[np.ndarray, "columns 100 400"]) -> UInt8[np.ndarray, "h w 2"]:
    """Pictures side by side with gaps, gray and opacity."""
    height, width = FRAME_SHAPE
    count = len(pictures)
    row = np.zeros((height, count * width + (count - 1) * GAP, 2), dtype=np.uint8)
    for column, picture in enumerate(pictures):
        left = column * (width + GAP)
        row[:, left : left + width, 0] = np.rint(picture * 255)
        row[:, left : left + width, 1] = 255
    return row
