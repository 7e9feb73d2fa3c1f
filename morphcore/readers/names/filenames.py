"""File names: the kind of a file, and the parameters of its trajectory."""

import re
from pathlib import PurePosixPath
from typing import Literal

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
    "archive",
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
    "archive": ".zip .tar .tgz .tbz .tbz2 .txz .tar.gz .tar.bz2 .tar.xz",
    "foreign": ".heic .avif .jp2 .svg .pdf .eps .psd .vtu .vtr .vts .pvd .pkl .pickle .pt"
    " .pth .zarr .gz .bz2 .xz .7z .rar .wmv .flv .mpg .mpeg .czi .nd2 .dm3 .dm4",
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
    (b"PK\3\4", "archive"),
)

_NUMBER = r"\d+[.p]\d+|\.\d+|\d+"
_LABELLED = {
    name: re.compile(rf"(?<![^\W\d_]){name}[=_ ]?({_NUMBER})", re.IGNORECASE)
    for name in ("phi", "chi")
}
# data_0.514_2.4: both with decimals, or a frame's number could be taken for chi.
_PLAIN = re.compile(r"(?:^|[_\- ])(0?\.\d+)_(\d{1,2}\.\d+)(?=$|[_\- ])")


def kind_of(name: str, head: bytes = b"") -> Kind | None:
    """Find the kind of a file by its ending, else by its first bytes; None if it is no frame."""
    stem, dot, ending = name.rpartition("/")[2].lower().rpartition(".")
    inner = stem.rpartition(".")[2]  # a tar may be compressed
    kind = _KINDS.get(f".{inner}.{ending}") or _KINDS.get(dot + ending if stem else "")
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

    The innermost folder or file that has one of them counts; empty where none has. phi is a share
    between 0 and 1, chi is above 0 and up to 10; other values are taken for something else.

    >>> parameters("set/phi0p5_t20"), parameters("data_0.514_2.4"), parameters("run_12_34")
    ({'phi': 0.5}, {'phi': 0.514, 'chi': 2.4}, {})
    """
    for part in reversed(PurePosixPath(name).parts):
        labelled = {
            key: float(match[1].replace("p", "."))
            for key, pattern in _LABELLED.items()
            if (match := pattern.search(part))
        }
        plain = _PLAIN.search(part)
        found = labelled or ({"phi": float(plain[1]), "chi": float(plain[2])} if plain else {})
        if found and 0 < found.get("phi", 0.5) < 1 and 0 < found.get("chi", 1.0) <= 10:
            return found
    return {}
