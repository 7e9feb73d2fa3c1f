"""Small valid files of every format that is read, to be damaged."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

_SIDE = 16  # px, the least that is accepted
_PICTURES = {"png": "PNG", "jpg": "JPEG", "bmp": "BMP", "pgm": "PPM"}
_STACKS = {"tif": "TIFF", "gif": "GIF", "webp": "WEBP"}


def files() -> dict[str, bytes]:
    """A valid file of each format by its name."""
    rng = np.random.default_rng(0)
    film = np.where(rng.random((3, _SIDE, _SIDE + 4)) < 0.5, 255, 0).astype(np.uint8)
    found = {f"a.{ending}": _picture(film[0], kind) for ending, kind in _PICTURES.items()}
    found |= {f"a.{ending}": _stack(film, kind) for ending, kind in _STACKS.items()}
    found["colour.png"] = _picture(np.stack([film[0], film[1], film[2]], axis=-1), "PNG")
    found["a.npy"] = _npy(film)
    found["a.npz"] = _npz(u=film / 255, time=np.arange(3.0))
    found["a.h5"] = _hdf5(film)
    found["a.mat"] = _matlab(film)
    found["a.nc"] = _netcdf(film)
    found["a.csv"] = _text(film[0], ",")
    found["a.txt"] = _text(film[0], " ")
    found["graspi.txt"] = f"{_SIDE + 4} {_SIDE}\n".encode() + _text(film[0] // 255, " ")
    found["a.vtk"] = _vtk(film[0])
    found["a.vti"] = _vti(film[0])
    found["a.zip"] = zipped({"r/1.png": found["a.png"], "r/times.txt": b"1\n", "r/b.npz": b""})
    found["a.tar.gz"] = gzip.compress(_tar({"r/1.png": found["a.png"], "r/2.bmp": found["a.bmp"]}))
    tables = {"trajectories.csv": TRAJECTORIES, "frames.csv": FRAMES, "times.csv": b"t\n1\n2\n3\n"}
    for name, table in tables.items():
        found[f"{name}.zip"] = zipped({"r.npy": found["a.npy"], name: table})
    return found


TRAJECTORIES = b"trajectory,phi,chi,pixel_size,length_unit,periodic\nr,0.5,2.4,2.5,nm,1\n"
FRAMES = b"file,time,current\nr.npy,1,0.5\n"


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A zip without compression, so that what is damaged is a member and not a checksum alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def _picture(pixels: np.ndarray, kind: str) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind)
    return out.getvalue()


def _stack(film: np.ndarray, kind: str) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    first, *rest = map(Image.fromarray, film)
    first.save(out, kind, save_all=True, append_images=rest)
    return out.getvalue()


def _npy(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def _npz(**arrays: Any) -> bytes:
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def _hdf5(film: np.ndarray) -> bytes:
    import h5py

    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        file["deep/u"] = film
        file["time"] = np.arange(3)
        file["deep/u"].attrs["pixel_size"] = 2.5
    return out.getvalue()


def _matlab(film: np.ndarray) -> bytes:
    import scipy.io

    out = io.BytesIO()
    scipy.io.savemat(out, {"u": film, "time": np.arange(3.0)})
    return out.getvalue()


def _netcdf(film: np.ndarray) -> bytes:
    import scipy.io

    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.nc"
        with scipy.io.netcdf_file(path, "w") as file:
            for name, size in zip(("t", "y", "x"), film.shape, strict=True):
                file.createDimension(name, size)
            file.createVariable("u", "i2", ("t", "y", "x"))[:] = film
        return path.read_bytes()


def _text(frame: np.ndarray, between: str) -> bytes:
    return "\n".join(between.join(map(str, row)) for row in frame.tolist()).encode()


def _vtk(frame: np.ndarray) -> bytes:
    high, wide = frame.shape
    head = (
        "# vtk DataFile Version 3.0\nc\nASCII\nDATASET STRUCTURED_POINTS\n"
        f"DIMENSIONS {wide} {high} 1\nORIGIN 0 0 0\nSPACING 1 1 1\n"
        f"POINT_DATA {frame.size}\nSCALARS u float 1\nLOOKUP_TABLE default\n"
    )
    return head.encode() + _text(frame, " ")


def _vti(frame: np.ndarray) -> bytes:
    high, wide = frame.shape
    extent = f"0 {wide - 1} 0 {high - 1} 0 0"
    return (
        (
            '<?xml version="1.0"?><VTKFile type="ImageData" version="0.1"><ImageData'
            f' WholeExtent="{extent}" Origin="0 0 0" Spacing="1 1 1"><Piece Extent="{extent}">'
            '<PointData Scalars="u"><DataArray type="Float32" Name="u" format="ascii">'
        ).encode()
        + _text(frame, " ")
        + (b"</DataArray></PointData></Piece></ImageData></VTKFile>")
    )


def _tar(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()
