"""Decoded frames as PNG files that are marked as synthetic. Pure, no Streamlit."""

import io
from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from morphcore import frames
from morphcore.types import FRAME_SHAPE, BinaryFrame, GrayFrame

_GAP = 8  # px between frames
_LINE = 18  # px, a line of words above a row
_PAPER, _INK = 255, 0


def frame(bits: BinaryFrame, *, made_by: str) -> bytes:
    """Encode a synthetic frame, 400 x 100 pixels of black and white, nothing drawn on it."""
    return _file(frames.to_gray(bits), made_by)


def filmstrip(made: Sequence[BinaryFrame], stored: Sequence[GrayFrame], *, made_by: str) -> bytes:
    """Draw decoded frames side by side, and under each a stored one; both rows are named."""
    rows = {
        f"Synthetic: decoded by {made_by}": [frames.to_gray(bits) for bits in made],
        "Nearest stored frames": stored,
    }
    height, width = FRAME_SHAPE
    whole = np.full(
        (len(rows) * (height + _LINE + _GAP), len(made) * (width + _GAP) - _GAP),
        _PAPER,
        dtype=np.uint8,
    )
    for row, pictures in enumerate(rows.values()):
        top = row * (height + _LINE + _GAP) + _LINE
        for column, picture in enumerate(pictures):
            left = column * (width + _GAP)
            whole[top : top + height, left : left + width] = picture
    image = Image.fromarray(whole)
    for row, words in enumerate(rows):
        # Pillow's own font knows Latin letters only; a run's name may have others.
        shown = words.encode("latin-1", "replace").decode("latin-1")
        ImageDraw.Draw(image).text((2, row * (height + _LINE + _GAP) + 3), shown, fill=_INK)
    return _file(np.asarray(image), made_by)


def _file(gray: UInt8[np.ndarray, "h w"], made_by: str) -> bytes:
    about = PngInfo()
    about.add_itxt("Description", f"Synthetic: decoded by the model {made_by}, not simulated")
    about.add_text("Software", "Morph")
    out = io.BytesIO()
    Image.fromarray(gray).save(out, "PNG", pnginfo=about)
    return out.getvalue()
