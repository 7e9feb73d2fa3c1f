"""Strokes on the canvas as a frame: laid over a ground, folded over the edge.

The canvas shows the frame enlarged. A periodic one has a margin on either side that shows what lies
beyond the edge: a stroke in the right margin is a stroke at the left of the frame, and the other
way round. A pixel of the canvas is white paint, black paint or the eraser's, which lets the ground
through again. What is painted inside the frame lies over what comes in from a margin.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float32, UInt8

from morphcore.types import BinaryFrame

MARGIN = 40  # frame pixels on either side of a periodic frame; wider than the thickest pen
WIDEST, TALLEST, LARGEST_SCALE = 800, 512, 4  # canvas pixels of the frame itself; enlargement
PEN_WIDTHS = {"Thin": 6, "Medium": 14, "Thick": 30}  # frame pixels

_ERASER_GREEN = 128  # the eraser's colour is (255, 128, 128): distinct from any gray
ERASER = f"#ff{_ERASER_GREEN:02x}{_ERASER_GREEN:02x}"
_TINT = np.array([45, 178, 160], dtype=np.float32)  # of the margins
_TINT_SHARE = 0.45


@dataclass(frozen=True)
class CanvasLayout:
    """Sizes of a canvas: those of the frame in its own pixels, the enlargement, the margins."""

    shape: tuple[int, int]  # of the frame that is drawn: height, width
    scale: int  # canvas pixels a frame pixel
    margin: int  # frame pixels on either side

    @property
    def height(self) -> int:
        """Canvas pixels."""
        return self.scale * self.shape[0]

    @property
    def width(self) -> int:
        """Canvas pixels, the margins included."""
        return self.scale * (self.shape[1] + 2 * self.margin)


def layout_of(shape: tuple[int, int], *, periodic: bool) -> CanvasLayout:
    """Lay out a canvas for frames of a size; of a larger one its middle is drawn.

    >>> layout_of((100, 400), periodic=True)
    CanvasLayout(shape=(100, 400), scale=2, margin=40)
    """
    shape = min(shape[0], TALLEST), min(shape[1], WIDEST)
    scale = min(LARGEST_SCALE, WIDEST // shape[1], TALLEST // shape[0])
    return CanvasLayout(shape, max(1, scale), min(MARGIN, shape[1] // 2) if periodic else 0)


def middle(bits: BinaryFrame, layout: CanvasLayout) -> BinaryFrame:
    """The part of a frame that a canvas of this layout shows."""
    top, left = ((own - shown) // 2 for own, shown in zip(bits.shape, layout.shape, strict=True))
    cut: BinaryFrame = bits[top : top + layout.shape[0], left : left + layout.shape[1]]
    return cut


class Paint(NamedTuple):
    """A layer over a ground, both in 0 to 1: `white` is added, `kept` is what stays of the ground.

    Laying it on: white + kept * ground.
    """

    white: Float32[np.ndarray, "height width"]
    kept: Float32[np.ndarray, "height width"]


def ground_picture(
    ground: BinaryFrame, layout: CanvasLayout
) -> UInt8[np.ndarray, "height width 3"]:
    """The picture under the strokes: the ground, and in tinted margins its continuation."""
    around = np.pad(ground, ((0, 0), (layout.margin, layout.margin)), mode="wrap")
    gray = _enlarged(around, layout).astype(np.float32)[..., None] * 255
    picture = np.repeat(gray, 3, axis=2)
    edge = layout.scale * layout.margin
    for margin in (slice(None, edge), slice(layout.width - edge, None)):
        picture[:, margin] = (1 - _TINT_SHARE) * picture[:, margin] + _TINT_SHARE * _TINT
    return np.rint(picture).astype(np.uint8)


def eraser_colour(ground: BinaryFrame) -> str:
    """The colour that the eraser paints with: that of an even ground, else one that means it."""
    if ground.all():
        return "#ffffff"
    return ERASER if ground.any() else "#000000"


def has_strokes(rgba: UInt8[np.ndarray, "height width 4"]) -> bool:
    """Whether anything was drawn."""
    return bool(rgba[..., 3].any())


def frame(
    ground: BinaryFrame, rgba: UInt8[np.ndarray, "height width 4"], layout: CanvasLayout
) -> BinaryFrame:
    """The ground with the strokes laid over it, reduced to the frame's size and cut at one half."""
    layer = paint(rgba)
    folded = _margins(layer, layout)
    inside = Paint(*(_inside(part, layout) for part in layer))
    value = folded.white + folded.kept * _enlarged(ground, layout)
    value = inside.white + inside.kept * value
    white: BinaryFrame = reduced(value, layout) >= 0.5
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
    values: Float32[np.ndarray, "tall wide"], layout: CanvasLayout
) -> Float32[np.ndarray, "height width"]:
    """Each frame pixel's mean over its canvas pixels (a box filter)."""
    (height, width), scale = layout.shape, layout.scale
    cells = values.reshape(height, scale, width, scale)
    means: np.ndarray = cells.mean(axis=(1, 3), dtype=np.float32)
    return means


def _inside(
    values: Float32[np.ndarray, "tall wider"], layout: CanvasLayout
) -> Float32[np.ndarray, "tall wide"]:
    edge = layout.scale * layout.margin
    return values[:, edge : layout.width - edge]


def _margins(layer: Paint, layout: CanvasLayout) -> Paint:
    """The paint of the margins, moved by the frame's width to its position in the frame."""
    edge, wide = layout.scale * layout.margin, layout.scale * layout.shape[1]
    white = np.zeros((layout.height, wide), dtype=np.float32)
    kept = np.ones_like(white)
    for source, target in ((0, wide - edge), (layout.width - edge, 0)):
        white[:, target : target + edge] = layer.white[:, source : source + edge]
        kept[:, target : target + edge] = layer.kept[:, source : source + edge]
    return Paint(white, kept)


def _enlarged(
    bits: Bool[np.ndarray, "height width"], layout: CanvasLayout
) -> Bool[np.ndarray, "tall wide"]:
    return bits.repeat(layout.scale, axis=0).repeat(layout.scale, axis=1)
