"""File names: the kind of a file, its step, and the parameters of its trajectory."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

import numpy as np
from jaxtyping import Int64

from morphcore.types import TimeUnit

# picture: one frame a file; pages: one or many; foreign: frames perhaps, but not for us.
Kind = Literal[
    "picture",
    "pages",
    "text",
    "npy",
    "npz",
    "hdf5",
    "matlab",
    "netcdf",
    "vtk",
    "video",
    "zip",
    "foreign",
]

_ENDINGS: dict[Kind, str] = {
    "picture": ".png .jpg .jpeg .bmp .pgm .ppm .pbm .pnm",
    "pages": ".tif .tiff .btf .lsm .gif .webp",
    "text": ".txt .dat .csv .tsv .asc",
    "npy": ".npy",
    "npz": ".npz",
    "hdf5": ".h5 .hdf5 .hdf",
    "matlab": ".mat",
    "netcdf": ".nc .nc4 .cdf",
    "vtk": ".vtk .vti",
    "video": ".mp4 .m4v .mov .avi .mkv .webm",
    "zip": ".zip",
    "foreign": ".heic .avif .jp2 .svg .pdf .eps .psd .vtu .vtr .vts .pvd .pkl .pickle .pt"
    " .pth .zarr .tar .gz .tgz .bz2 .xz .7z .rar .wmv .flv .mpg .mpeg .czi .nd2 .dm3 .dm4",
}
_KINDS = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings.split()}
# The first bytes of each kind, for a file whose name has no known ending.
_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"BM", "picture"),
    (b"II*\0", "pages"),
    (b"MM\0*", "pages"),
    (b"II+\0", "pages"),  # BigTIFF
    (b"MM\0+", "pages"),
    (b"GIF8", "pages"),
    (b"P4\n", "picture"),
    (b"P5\n", "picture"),
    (b"P6\n", "picture"),
    (b"\x93NUMPY", "npy"),
    (b"\x89HDF", "hdf5"),
    (b"MATLAB 5.0 MAT-file", "matlab"),
    (b"MATLAB 7.3 MAT-file", "matlab"),
    (b"CDF\1", "netcdf"),
    (b"CDF\2", "netcdf"),
    (b"# vtk DataFile", "vtk"),
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
    """Steps of the frames of a trajectory, and their unit."""

    steps: Int64[np.ndarray, " time"]
    unit: TimeUnit


def kind_of(name: str, head: bytes = b"") -> Kind | None:
    """Find the kind of a file by its ending, else by its first bytes; None if it is no frame."""
    kind = _KINDS.get(PurePosixPath(name).suffix.lower())
    if kind is None:
        kind = next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)
    if kind is None and head[4:8] == b"ftyp":
        kind = "video"
    return kind


def natural(name: str) -> list[tuple[int, int, str]]:
    """Make a key of natural order: frame_2 before frame_10."""
    parts = re.split(r"(\d+)", name)
    key = [(0, int(part), part) if part.isdecimal() else (1, 0, part.lower()) for part in parts]
    return [*key, (2, 0, name)]


def parameters(name: str) -> dict[str, float]:
    """Parse phi and chi from a name, such as `data_0.514_2.4_000220` or `phi0.543-chi2.4-r1`.

    The innermost folder or file that has them counts; empty where none has. phi is a share between
    0 and 1, chi is above 0 and up to 10; other values are taken for something else.
    """
    for part in reversed(PurePosixPath(name).parts):
        match = _LABELLED.search(part) or _PLAIN.search(part)
        if match:
            phi, chi = float(match[1]), float(match[2])
            if 0 < phi < 1 and 0 < chi <= 10:
                return {"phi": phi, "chi": chi}
    return {}


def stem_and_step(stem: str) -> tuple[str, int | None]:
    """Divide a file's name without ending into the part before its last number, and that number.

    `data_0.514_2.4_000220` is (`data_0.514_2.4`, 220); in `data_0.514_2.4` there is no number
    left, for 4 belongs to 2.4.
    """
    match = _LAST_NUMBER.match(stem)
    return (match[1], int(match[2])) if match else (stem, None)


def trajectory_of(stem: str) -> str | None:
    """Name the trajectory of a frame by the frame's name: `data_0.514_2.4` of `..._000220`.

    None where the name has no parameters, so that its folder names the trajectory.
    """
    before, step = stem_and_step(stem)
    return before if step is not None and parameters(before) else None


def times(stems: Sequence[str]) -> Times:
    """Parse steps from the last numbers in names of files in order; else count frames from 0.

    All must have one, they must increase strictly and be below a billion. Names that only count
    (frame_0, frame_1, ... or from 1 on) hold no more than the order does, so these are frames,
    and so is a single picture unless its name has parameters as well.
    """
    numbers = [step for _, step in map(stem_and_step, stems) if step is not None]
    index = np.arange(len(stems), dtype=np.int64)
    if len(numbers) < len(stems) or (len(stems) == 1 and trajectory_of(stems[0]) is None):
        return Times(index, "frame")
    steps = np.array(numbers, dtype=np.int64)
    gaps = np.diff(steps)
    counting = len(steps) > 1 and steps[0] <= 1 and bool((gaps == 1).all())
    if steps.max() >= _LARGEST_STEP or not (gaps > 0).all() or counting:
        return Times(index, "frame")
    return Times(steps, "step")
