"""Strokes on the canvas as a frame: laid over a ground, folded over the edge.

The canvas shows the frame twice as large, with a margin on either side that shows what lies beyond
the periodic edge: a stroke in the right margin is a stroke at the left of the frame, and the other
way round. A pixel of the canvas is white paint, black paint or the eraser's, which lets the ground
through again. What is painted inside the frame lies over what comes in from a margin.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float32, UInt8

from morphcore.types import FRAME_HEIGHT, FRAME_WIDTH, BinaryFrame

SCALE = 2  # canvas pixels a frame pixel
MARGIN = 40  # frame pixels on either side; wider than the thickest pen
CANVAS_HEIGHT = SCALE * FRAME_HEIGHT
CANVAS_WIDTH = SCALE * (FRAME_WIDTH + 2 * MARGIN)
PEN_WIDTHS = {"Thin": 6, "Medium": 14, "Thick": 30}  # frame pixels

_ERASER_GREEN = 128  # the eraser's colour is (255, 128, 128): distinct from any gray
ERASER = f"#ff{_ERASER_GREEN:02x}{_ERASER_GREEN:02x}"
_TINT = np.array([45, 178, 160], dtype=np.float32)  # of the margins
_TINT_SHARE = 0.45


class Paint(NamedTuple):
    """A layer over a ground, both in 0 to 1: `white` is added, `kept` is what stays of the ground.

    Laying it on: white + kept * ground.
    """

    white: Float32[np.ndarray, "height width"]
    kept: Float32[np.ndarray, "height width"]


def ground_picture(ground: BinaryFrame) -> UInt8[np.ndarray, "200 960 3"]:
    """The picture under the strokes: the ground, and in tinted margins its continuation."""
    around = np.pad(ground, ((0, 0), (MARGIN, MARGIN)), mode="wrap")
    gray = _enlarged(around).astype(np.float32)[..., None] * 255
    picture = np.repeat(gray, 3, axis=2)
    for margin in (slice(None, SCALE * MARGIN), slice(-SCALE * MARGIN, None)):
        picture[:, margin] = (1 - _TINT_SHARE) * picture[:, margin] + _TINT_SHARE * _TINT
    return np.rint(picture).astype(np.uint8)


def eraser_colour(ground: BinaryFrame) -> str:
    """The colour that the eraser paints with: that of an even ground, else one that means it."""
    if ground.all():
        return "#ffffff"
    return ERASER if ground.any() else "#000000"


def has_strokes(rgba: UInt8[np.ndarray, "200 960 4"]) -> bool:
    """Whether anything was drawn."""
    return bool(rgba[..., 3].any())


def frame(ground: BinaryFrame, rgba: UInt8[np.ndarray, "200 960 4"]) -> BinaryFrame:
    """The ground with the strokes laid over it, reduced to 100 x 400 and cut at one half."""
    layer = paint(rgba)
    folded, inside = _margins(layer), Paint(*(_inside(part) for part in layer))
    value = folded.white + folded.kept * _enlarged(ground)
    value = inside.white + inside.kept * value
    white: BinaryFrame = reduced(value) >= 0.5
    return white


def paint(rgba: UInt8[np.ndarray, "height width 4"]) -> Paint:
    """Pixels of strokes (straight alpha, smooth edges and all) as white paint and what is kept.

    A colour is a mixture of white, black and the eraser's: w + e = red and w + g e = green.
    """
    red, green, alpha = (rgba[..., band].astype(np.float32) / 255 for band in (0, 1, 3))
    erased = np.clip((red - green) / (1 - _ERASER_GREEN / 255), 0, 1)
    white = np.clip(red - erased, 0, 1)
    return Paint(white=alpha * white, kept=1 - alpha * (1 - erased))


def reduced(
    values: Float32[np.ndarray, "200 800"],
) -> Float32[np.ndarray, "100 400"]:
    """Each frame pixel's mean over its canvas pixels (a box filter)."""
    cells = values.reshape(FRAME_HEIGHT, SCALE, FRAME_WIDTH, SCALE)
    means: np.ndarray = cells.mean(axis=(1, 3), dtype=np.float32)
    return means


def _inside(values: Float32[np.ndarray, "200 960"]) -> Float32[np.ndarray, "200 800"]:
    return values[:, SCALE * MARGIN : -SCALE * MARGIN]


def _margins(layer: Paint) -> Paint:
    """The paint of the margins, moved by 400 px to its position in the frame."""
    edge = SCALE * MARGIN
    white = np.zeros((CANVAS_HEIGHT, SCALE * FRAME_WIDTH), dtype=np.float32)
    kept = np.ones_like(white)
    left, right = slice(None, edge), slice(-edge, None)
    for source, target in ((left, right), (right, left)):
        white[:, target] = layer.white[:, source]
        kept[:, target] = layer.kept[:, source]
    return Paint(white, kept)


def _enlarged(bits: Bool[np.ndarray, "height width"]) -> Bool[np.ndarray, "tall wide"]:
    return bits.repeat(SCALE, axis=0).repeat(SCALE, axis=1)
