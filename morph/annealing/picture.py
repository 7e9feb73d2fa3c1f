"""An episode as pictures: rendered frames, a strip, a film."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool, UInt8
from PIL import Image, ImageDraw

from exports.files import require_new, written
from morphcore.errors import MorphError

GAP = 4  # px, between film, target and bar
BAR = 6  # px, height of the bar of chi
_PAPER, _INK = 190, (0, 90, 160)
# Of a strip:
COLUMNS = 4
WORDS = 14  # px, height of the line above a frame
LEVELS = 16  # of gray


def rendered(
    film: UInt8[np.ndarray, "h w"],
    target: Bool[np.ndarray, "h w"] | None,
    level: float | None,
    share: float,
) -> UInt8[np.ndarray, "rows w 3"]:
    """Draw the film above its target, and a bar as long as `share`; its tick is at chi's level.

    `level` is from -1, left, to 1; None: the film is still mixed. A target without a frame is gray.
    """
    height, width = film.shape
    out = np.full((2 * height + 2 * GAP + BAR, width, 3), _PAPER, dtype=np.uint8)
    out[:height] = film[..., None]
    if target is not None:
        out[height + GAP : 2 * height + GAP] = np.where(target, 255, 0)[..., None]
    bar = out[-BAR:]
    bar[:, : round(share * width)] = 120
    if level is not None:
        at = round((level + 1) / 2 * (width - 3))
        bar[:, at : at + 3] = _INK
    return out


def write_strip(
    out: str | Path,
    films: Sequence[UInt8[np.ndarray, "h w"]],
    target: Bool[np.ndarray, "h w"] | None,
    words: Sequence[str],
) -> None:
    """Write gray frames as one PNG, each below its words, `COLUMNS` in a row, and the target last.

    Raises:
        MorphError: if there are none, or `out` exists, is no .png, or cannot be written.
    """
    if not films or len(films) != len(words):
        raise MorphError("A strip needs one frame at least, and words for each.")
    panels = list(zip(films, words, strict=True))
    if target is not None:
        panels.append((np.where(target, 255, 0).astype(np.uint8), "target"))
    height, width = films[0].shape
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    size = (columns * (width + GAP) - GAP, rows * (height + WORDS + GAP) - GAP)
    paper = Image.new("L", size, 255)
    draw = ImageDraw.Draw(paper)
    for index, (gray, line) in enumerate(panels):
        x, y = index % columns * (width + GAP), index // columns * (height + WORDS + GAP)
        draw.text((x, y), line, fill=0)
        paper.paste(Image.fromarray(gray), (x, y + WORDS))
    _write(Path(out), ".png", [paper.quantize(LEVELS)], 0)


def write_film(out: str | Path, frames: Sequence[UInt8[np.ndarray, "h w 3"]], fps: int = 4) -> None:
    """Write rendered frames as an animated GIF that is shown again and again.

    Raises:
        MorphError: if there are none, or `out` exists, is no .gif, or cannot be written.
    """
    if not len(frames):
        raise MorphError("A film needs one frame at least.")
    _write(Path(out), ".gif", [Image.fromarray(frame) for frame in frames], 1000 // fps)


def _write(out: Path, ending: str, pictures: Sequence[Image.Image], milliseconds: int) -> None:
    if out.suffix != ending:
        raise MorphError(f"{out.name} has an unknown ending; accepted is {ending}.")
    require_new(out)
    with written(out) as part, part.open("wb") as file:
        first, *rest = pictures
        if ending == ".png":
            first.save(file, "PNG", optimize=True)
        else:
            first.save(
                file, "GIF", save_all=True, append_images=rest, duration=milliseconds, loop=0
            )
