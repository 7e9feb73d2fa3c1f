"""Facts from file names: the kind of a file, its place in time, its run's parameters."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

import numpy as np
from jaxtyping import Int64

from morphcore.types import TimeUnit

# picture: one frame a file; pages: one or many; foreign: frames perhaps, but not for us.
Kind = Literal["picture", "pages", "text", "npy", "npz", "hdf5", "video", "zip", "foreign"]

_ENDINGS: dict[Kind, str] = {
    "picture": ".png .jpg .jpeg .bmp",
    "pages": ".tif .tiff .gif",
    "text": ".txt .dat",
    "npy": ".npy",
    "npz": ".npz",
    "hdf5": ".h5 .hdf5 .hdf",
    "video": ".mp4 .m4v .mov .avi .mkv .webm",
    "zip": ".zip",
    "foreign": ".webp .heic .avif .jp2 .svg .pdf .eps .psd .mat .vtk .vti .vtu .pkl .pickle .pt"
    " .pth .nc .zarr .tar .gz .tgz .bz2 .xz .7z .rar .wmv .flv .mpg .mpeg .czi .nd2 .dm3 .dm4",
}
_KINDS = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings.split()}
# The first bytes of each kind, for a file whose name says nothing.
_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"BM", "picture"),
    (b"II*\0", "pages"),
    (b"MM\0*", "pages"),
    (b"GIF8", "pages"),
    (b"\x93NUMPY", "npy"),
    (b"\x89HDF", "hdf5"),
    (b"PK\3\4", "zip"),
)

_NUMBER = r"\d+(?:\.\d+)?"
_LABELLED = re.compile(rf"phi[=_ ]?({_NUMBER}).*?chi[=_ ]?({_NUMBER})", re.IGNORECASE)
# data_0.514_2.4: both with decimals, or a frame's number could be taken for chi.
_PLAIN = re.compile(r"(?:^|[_\- ])(0?\.\d+)_(\d{1,2}\.\d+)(?=$|[_\- ])")
_LAST_NUMBER = re.compile(r"^(.*?)[_\- ]?(?<![\d.])(\d{1,12})$", re.DOTALL)
_LARGEST_STEP = 10**9


@dataclass(frozen=True)
class Times:
    """When the frames of a trajectory were taken."""

    steps: Int64[np.ndarray, " time"]
    unit: TimeUnit


def kind_of(name: str, head: bytes = b"") -> Kind | None:
    """What a file is by its ending, else by its first bytes; None if it is no frame."""
    kind = _KINDS.get(PurePosixPath(name).suffix.lower())
    if kind is None:
        kind = next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)
    if kind is None and head[4:8] == b"ftyp":
        kind = "video"
    return kind


def natural(name: str) -> list[tuple[int, int, str]]:
    """A key that sorts names as people do: frame_2 before frame_10."""
    parts = re.split(r"(\d+)", name)
    key = [(0, int(part), part) if part.isdecimal() else (1, 0, part.lower()) for part in parts]
    return [*key, (2, 0, name)]


def parameters(name: str) -> dict[str, float]:
    """phi and chi from a name such as `data_0.514_2.4_000220` or `phi0.543-chi2.4-r1`, or nothing.

    The innermost folder or file that has them counts. phi is a share between 0 and 1, chi is
    above 0 and up to 10; other values are taken for something else.
    """
    for part in reversed(PurePosixPath(name).parts):
        found = _LABELLED.search(part) or _PLAIN.search(part)
        if found:
            phi, chi = float(found[1]), float(found[2])
            if 0 < phi < 1 and 0 < chi <= 10:
                return {"phi": phi, "chi": chi}
    return {}


def stem_and_step(stem: str) -> tuple[str, int | None]:
    """A file's name without ending, divided into what comes before its last number, and that.

    `data_0.514_2.4_000220` is (`data_0.514_2.4`, 220); in `data_0.514_2.4` there is no number
    left, for 4 belongs to 2.4.
    """
    found = _LAST_NUMBER.match(stem)
    return (found[1], int(found[2])) if found else (stem, None)


def run_of(stem: str) -> str | None:
    """The run that a frame belongs to by its own name: `data_0.514_2.4` of `..._000220`.

    None where the name has no parameters, so that its folder says which run it is.
    """
    before, step = stem_and_step(stem)
    return before if step is not None and parameters(before) else None


def times(stems: Sequence[str]) -> Times:
    """Steps from the last numbers in names of files in order; their index where that cannot be.

    All must have one, they must increase strictly and be below a billion. Names that only count
    (frame_0, frame_1, ... or from 1 on) say no more than the order does, so these are frames,
    and so is a single picture unless its name has parameters as well.
    """
    numbers = [stem_and_step(stem)[1] for stem in stems]
    known = [number for number in numbers if number is not None]
    index = np.arange(len(stems), dtype=np.int64)
    if len(known) < len(stems) or (len(stems) == 1 and run_of(stems[0]) is None):
        return Times(index, "frame")
    steps = np.array(known, dtype=np.int64)
    gaps = np.diff(steps)
    counting = len(steps) > 1 and steps[0] <= 1 and bool((gaps == 1).all())
    if steps.max() >= _LARGEST_STEP or not (gaps > 0).all() or counting:
        return Times(index, "frame")
    return Times(steps, "step")
