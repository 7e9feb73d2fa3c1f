"""A trajectory as a movie (GIF or MP4) or a filmstrip (PNG), its gray frames with their times."""

import io
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

from morphcore.frames import evenly
from morphcore.temporary import temporary_folder
from morphcore.types import GrayFrame

Kind = Literal["mp4", "gif"]
RATES = (5, 10, 20, 25)  # frames/s: each a whole number of a GIF's hundredths of a second
MOST_FRAMES = 300  # of a movie; of more, as many are taken, evenly spaced, the last always
MOST_IN_STRIP = 24
_MP4_SCALE = 2  # a GIF stays at 1: it holds every frame's pixels, nearly uncompressed
_WORDS = 20  # px of height below a frame, at scale 1; 120 x scale fits the codec's blocks of 16
_GAP = 12  # px between the frames of a strip


def movie(frames: Sequence[GrayFrame], words: Sequence[str], *, kind: Kind, rate: int) -> bytes:
    """Encode frames one after the other, `rate` a second, each with its words below."""
    kept = evenly(len(frames), MOST_FRAMES, ends=True)
    scale = _MP4_SCALE if kind == "mp4" else 1
    pictures = (_captioned(frames[at], words[at], scale) for at in kept)
    return _mp4(pictures, rate) if kind == "mp4" else _gif(pictures, rate)


def filmstrip(frames: Sequence[GrayFrame], words: Sequence[str]) -> bytes:
    """Draw frames in rows, read as lines are, each with its words below, as PNG."""
    columns = 1 if len(frames) <= 3 else 2 if len(frames) <= 8 else 3
    rows = -(-len(frames) // columns)
    tall, wide = frames[0].shape
    height = tall + _WORDS
    size = rows * height + (rows - 1) * _GAP, columns * wide + (columns - 1) * _GAP
    sheet = np.full(size, 255, dtype=np.uint8)
    for number, (frame, caption) in enumerate(zip(frames, words, strict=True)):
        top = (number // columns) * (height + _GAP)
        left = (number % columns) * (wide + _GAP)
        sheet[top : top + height, left : left + wide] = _captioned(frame, caption, 1)
    return _encoded(Image.fromarray(sheet), format="PNG")


def _captioned(frame: GrayFrame, words: str, scale: int) -> UInt8[np.ndarray, "h w"]:
    """A frame with a thin line below and black words on white under that."""
    tall, wide = (side * scale for side in frame.shape)
    sheet = Image.new("L", (wide, tall + _WORDS * scale), 255)
    sheet.paste(Image.fromarray(frame).resize((wide, tall), Image.Resampling.NEAREST))
    pen = ImageDraw.Draw(sheet)
    pen.line((0, tall, wide, tall), fill=128)
    font = ImageFont.load_default(size=13 * scale)
    middle = (wide / 2, tall + _WORDS * scale / 2)
    pen.text(middle, words, fill=0, font=font, anchor="mm")
    return np.asarray(sheet)


def _gif(pictures: Iterator[UInt8[np.ndarray, "h w"]], rate: int) -> bytes:
    first, *others = [Image.fromarray(picture) for picture in pictures]
    return _encoded(
        first,
        format="GIF",
        save_all=True,
        append_images=others,
        duration=1000 // rate,
        loop=0,
    )


def _mp4(pictures: Iterator[UInt8[np.ndarray, "h w"]], rate: int) -> bytes:
    import imageio.v2 as imageio  # starts ffmpeg, which writes to files only

    with temporary_folder() as folder:
        file = folder / "movie.mp4"
        writer: Any = imageio.get_writer(file, fps=rate, codec="libx264", quality=8)
        with writer:
            for picture in pictures:
                writer.append_data(np.repeat(picture[:, :, None], 3, axis=2))
        return file.read_bytes()


def _encoded(picture: Image.Image, **how: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, **how)
    return out.getvalue()
