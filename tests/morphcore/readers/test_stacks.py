"""Every kind of file, written with a known array and read back: equal, oriented and timed right."""

import base64
import io
import json
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import imageio_ffmpeg
import numpy as np
import pytest
import scipy.io
import tifffile
from PIL import Image

from morphcore.readers.files.listing import in_memory, on_this_disk
from morphcore.readers.names.filenames import kind_of
from morphcore.readers.options import DEFAULT_OPTIONS, ImportOptions
from morphcore.readers.results import Stack, UnreadableFrame
from morphcore.readers.stacks import has_one_frame, picture, stacks
from morphcore.types import Rejection
from tests.bad_files import graspi_bytes, image_bytes, npy_bytes, npz_bytes, pages_bytes

RNG = np.random.default_rng(3)
# Rows and columns differ, so that a film on its side is not taken for one that stands right.
FILM = RNG.integers(0, 256, (5, 24, 60)).astype(np.uint8)
REAL = FILM / 255.0
DEEP = FILM.astype(np.uint16) * np.uint16(257)
TIMES = np.array([0.0, 0.1, 1.0, 10.0, 30.0])

Want = tuple[np.ndarray, dict[str, object]]
Way = Callable[[Path], tuple[Path, np.ndarray, dict[str, object]]]


def items(path: Path, options: ImportOptions = DEFAULT_OPTIONS) -> Iterator[Stack | Rejection]:
    kind = kind_of(path.name)
    assert kind is not None
    yield from stacks(kind, on_this_disk(path, path.name), options=options)


def only(path: Path, options: ImportOptions = DEFAULT_OPTIONS) -> tuple[Stack, np.ndarray]:
    """The only stack of a file, and its values, read twice."""
    found = []
    for item in items(path, options):
        assert isinstance(item, Stack), item
        first, again = (np.stack(list(item.values.frames())) for _ in range(2))
        assert np.array_equal(first, again, equal_nan=first.dtype.kind == "f")
        assert (first.shape, first.dtype) == (item.values.shape, item.values.dtype)
        found.append((item, first))
    assert len(found) == 1
    return found[0]


def as_film(stack: Stack, values: np.ndarray) -> np.ndarray:
    """The values as a picture shows them: y along the rows, and up is up."""
    if stack.axes == "xy":
        values = np.swapaxes(values, 1, 2)
    return values[:, ::-1] if stack.y_up else values


def saved(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def matrix_text(values: np.ndarray, separator: str = " ") -> str:
    out = io.StringIO()
    np.savetxt(out, values, fmt="%.17g", delimiter=separator)
    return out.getvalue()


def animation(frames: np.ndarray, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    first, *rest = (Image.fromarray(each) for each in frames)
    first.save(out, format=kind, save_all=True, append_images=rest, **options)
    return out.getvalue()


def pypde(path: Path) -> Path:
    """As py-pde's FileStorage writes: [time, x, y], y upwards; attributes are JSON within JSON."""
    state = {"shape": [60, 24], "bounds": [[0, 120], [0, 48]], "periodic": [True, False]}
    grid = json.dumps({"class": "CartesianGrid", "state": state})
    with h5py.File(path, "w") as file:
        file["data"] = np.swapaxes(REAL[:, ::-1], 1, 2)
        file["times"] = TIMES
        field = {"class": json.dumps("ScalarField"), "grid": json.dumps(grid)}
        file.attrs["field_attributes"] = json.dumps(field)
        file.attrs["chi"] = 2.4
    return path


def matlab_73(path: Path) -> Path:
    """As MATLAB writes phi(ny, nx, nt): its axes in reverse."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, values in (("phi", np.swapaxes(REAL, 1, 2)), ("t", TIMES[:, None])):
            file[name] = values
            file[name].attrs["MATLAB_class"] = np.bytes_("double")
    return path


def matlab_5(path: Path) -> Path:
    variables = {"phi": np.moveaxis(REAL, 0, 2), "t": TIMES, "x": np.arange(60.0), "title": "run"}
    scipy.io.savemat(path, variables)
    return path


def matlab_struct(path: Path) -> Path:
    scipy.io.savemat(path, {"run": {"u": np.moveaxis(REAL, 0, 2), "time": TIMES}})
    return path


def netcdf_4(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        file["c"] = REAL[:, ::-1]
        for name, values, unit in (
            ("time", TIMES, "hours since 2024-03-01"),
            ("y", np.arange(24) * 5e-9, "m"),
            ("x", np.arange(60) * 5e-9, "m"),
        ):
            file[name] = values
            file[name].make_scale(name)
            file[name].attrs["units"] = unit
        for axis, name in enumerate(("time", "y", "x")):
            file["c"].dims[axis].attach_scale(file[name])
    return path


def netcdf_3(path: Path) -> Path:
    with scipy.io.netcdf_file(path, "w") as file:
        for name, size in (("time", None), ("x", 60), ("y", 24)):
            file.createDimension(name, size)
        for name, values, unit in (
            ("time", TIMES, "s"),
            ("x", np.arange(60) * 2.5, "nm"),
            ("y", np.arange(24)[::-1] * 2.5, "nm"),
        ):
            variable = file.createVariable(name, "d", (name,))
            variable[:] = values
            variable.units = unit
        file.createVariable("c", "d", ("time", "x", "y"))[:] = np.swapaxes(REAL, 1, 2)
    return path


def a_data_set_a_step(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        for step, frame in zip((0, 20, 100, 500, 1000), REAL, strict=True):
            file[f"Concentration/time_{step}"] = frame
    return path


def hyperstack(path: Path) -> Path:
    other = 255 - DEEP // 257
    channels = np.stack([DEEP, other.astype(np.uint16)], axis=1)
    tifffile.imwrite(
        path,
        channels,
        imagej=True,
        resolution=(20, 20),
        metadata={"axes": "TCYX", "unit": "um", "finterval": 2.5},
    )
    return path


def ome(path: Path) -> Path:
    planes = np.stack([np.stack([DEEP, 65535 - DEEP], axis=0)] * 3, axis=1)  # C Z T Y X
    metadata = {
        "axes": "CZTYX",
        "PhysicalSizeX": 4.0,
        "PhysicalSizeXUnit": "nm",
        "PhysicalSizeY": 4.0,
        "PhysicalSizeYUnit": "nm",
        "TimeIncrement": 0.5,
        "TimeIncrementUnit": "min",
    }
    tifffile.imwrite(path, planes, metadata=metadata, photometric="minisblack")
    return path


def tiff(path: Path, values: np.ndarray, **options: object) -> Path:
    tifffile.imwrite(path, values, **options)  # type: ignore[arg-type]
    return path


def lzw(path: Path, values: np.ndarray) -> Path:
    return saved(path, animation(values, "TIFF", compression="tiff_lzw"))


WAYS: dict[str, tuple[Callable[[Path], Path], np.ndarray, dict[str, object]]] = {
    "npy": (lambda p: saved(p / "a.npy", npy_bytes(REAL)), REAL, {}),
    "npy, Fortran order": (
        lambda p: saved(p / "a.npy", npy_bytes(np.asfortranarray(REAL))),
        REAL,
        {},
    ),
    "npy, other bytes first": (
        lambda p: saved(p / "a.npy", npy_bytes(DEEP.astype(">u2"))),
        DEEP,
        {},
    ),
    "npy of bits": (lambda p: saved(p / "a.npy", npy_bytes(FILM > 99)), FILM > 99, {}),
    "npy of colours": (
        lambda p: saved(p / "a.npy", npy_bytes(np.stack([FILM] * 3, axis=-1))),
        np.stack([FILM] * 3, axis=-1),
        {},
    ),
    "npy, time last": (
        lambda p: saved(p / "a.npy", npy_bytes(np.moveaxis(REAL, 0, 2))),
        REAL,
        {},
    ),
    "npz with its times": (
        lambda p: saved(p / "a.npz", npz_bytes(phi=REAL, t=TIMES)),
        REAL,
        {"times": TIMES},
    ),
    "npz, time last, with its times": (
        lambda p: saved(p / "a.npz", npz_bytes(phi=np.moveaxis(REAL, 0, 2), time=TIMES)),
        REAL,
        {"times": TIMES},
    ),
    "npz, x first, with x and y": (
        lambda p: saved(
            p / "a.npz",
            npz_bytes(phi=np.swapaxes(REAL, 1, 2), x=np.arange(60), y=np.arange(24), steps=TIMES),
        ),
        REAL,
        {"times": TIMES, "time_unit": "step"},
    ),
    "py-pde": (
        lambda p: pypde(p / "a.h5"),
        REAL,
        {
            "times": TIMES,
            "periodic": (True, False),
            "pixel_size": (2.0, 2.0),
            "length_unit": "units",
            "params": {"chi": 2.4},
        },
    ),
    "MATLAB 7.3": (lambda p: matlab_73(p / "a.mat"), REAL, {"times": TIMES}),
    "MATLAB 5": (lambda p: matlab_5(p / "a.mat"), REAL, {"times": TIMES}),
    "MATLAB 5, a struct": (lambda p: matlab_struct(p / "a.mat"), REAL, {"times": TIMES}),
    "NetCDF4": (
        lambda p: netcdf_4(p / "a.nc"),
        REAL,
        {"times": TIMES, "time_unit": "h", "pixel_size": (5.0, 5.0), "length_unit": "nm"},
    ),
    "NetCDF3, x first": (
        lambda p: netcdf_3(p / "a.nc"),
        REAL,
        {"times": TIMES, "time_unit": "s", "pixel_size": (2.5, 2.5), "length_unit": "nm"},
    ),
    "HDF5, a data set a step": (
        lambda p: a_data_set_a_step(p / "a.h5"),
        REAL,
        {"times": np.array([0.0, 20, 100, 500, 1000]), "time_unit": "step"},
    ),
    "ImageJ, two channels": (
        lambda p: hyperstack(p / "a.tif"),
        DEEP,
        {
            "times": np.arange(5) * 2.5,
            "time_unit": "s",
            "pixel_size": (0.05, 0.05),
            "length_unit": "µm",
        },
    ),
    "OME-TIFF of channels, slices and times": (
        lambda p: ome(p / "a.ome.tif"),
        DEEP,
        {
            "times": np.arange(5) * 0.5,
            "time_unit": "min",
            "pixel_size": (4.0, 4.0),
            "length_unit": "nm",
        },
    ),
    "TIFF of float64": (lambda p: tiff(p / "a.tif", REAL), REAL, {}),
    "TIFF, BigTIFF in tiles": (
        lambda p: tiff(p / "a.tif", DEEP, bigtiff=True, tile=(16, 16)),
        DEEP,
        {},
    ),
    "TIFF, zlib, big endian": (
        lambda p: tiff(p / "a.tif", REAL.astype("f4"), compression="zlib", byteorder=">"),
        REAL.astype("f4"),
        {},
    ),
    "TIFF of signed numbers": (
        lambda p: tiff(p / "a.tif", FILM.astype(np.int16) - 99),
        FILM.astype(np.int16) - 99,
        {},
    ),
    "TIFF, LZW": (lambda p: lzw(p / "a.tif", DEEP), DEEP, {}),
    "TIFF, white is zero": (
        lambda p: tiff(p / "a.tif", 255 - FILM, photometric="miniswhite"),
        FILM,
        {},
    ),
    "TIFF, planes of colours": (
        lambda p: tiff(
            p / "a.tif",
            np.stack([FILM, FILM // 2, 255 - FILM], axis=1),
            photometric="rgb",
            planarconfig="separate",
        ),
        np.stack([FILM, FILM // 2, 255 - FILM], axis=-1),
        {},
    ),
    "TIFF, 2 million pixels a centimetre": (
        lambda p: tiff(p / "a.tif", FILM, resolution=(2e6, 2e6), resolutionunit="CENTIMETER"),
        FILM,
        {"pixel_size": (5.0, 5.0), "length_unit": "nm"},
    ),
    "TIFF of a scanner": (
        lambda p: tiff(p / "a.tif", FILM, resolution=(300, 300), resolutionunit="INCH"),
        FILM,
        {"pixel_size": None},
    ),
    "GIF": (lambda p: saved(p / "a.gif", animation(FILM, "GIF")), FILM, {}),
    "WebP": (lambda p: saved(p / "a.webp", animation(FILM, "WEBP", lossless=True)), FILM, {}),
    "matrices with their times": (
        lambda p: saved(
            p / "a.txt",
            "\n".join(
                f"# t = {time} s\n{matrix_text(frame)}"
                for time, frame in zip(TIMES, REAL, strict=True)
            ).encode(),
        ),
        REAL,
        {"times": TIMES, "time_unit": "s"},
    ),
    "matrices, a time above each": (
        lambda p: saved(
            p / "a.dat",
            "".join(
                f"{time}\n{matrix_text(frame)}" for time, frame in zip(TIMES, REAL, strict=True)
            ).encode(),
        ),
        REAL,
        {"times": TIMES},
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_film_comes_in_equal_oriented_and_timed(way: str, tmp_path: Path) -> None:
    make, want, facts = WAYS[way]
    stack, values = only(make(tmp_path))
    shown = as_film(stack, values)
    assert shown.dtype == want.dtype
    assert np.allclose(shown, want, rtol=1e-6, atol=0)
    for name, value in facts.items():
        found = getattr(stack, name)
        if isinstance(value, np.ndarray):
            assert np.allclose(found, value), name
        else:
            assert found == value, name
    if "times" not in facts:
        assert stack.times is None
    assert not stack.questions


def vtk_legacy(binary: bool, of_cells: bool) -> bytes:
    points = (61, 25, 1) if of_cells else (60, 24, 1)
    head = (
        "# vtk DataFile Version 3.0\nc\n"
        f"{'BINARY' if binary else 'ASCII'}\nDATASET STRUCTURED_POINTS\n"
        f"DIMENSIONS {points[0]} {points[1]} {points[2]}\nORIGIN 0 0 0\nSPACING 2 2 1\n"
        f"{'CELL' if of_cells else 'POINT'}_DATA 1440\n"
    )
    frame = DEEP[0, ::-1].ravel()
    values = frame.astype(">u2").tobytes() if binary else " ".join(map(str, frame)).encode()
    noise = np.zeros(1440 * 3, ">f4").tobytes() if binary else b"0 " * 4320
    return (
        head.encode()
        + b"VECTORS velocity float\n"
        + noise
        + b"\nSCALARS phi unsigned_short 1\nLOOKUP_TABLE default\n"
        + values
        + b"\n"
    )


def vti(form: str, packed: bool) -> bytes:
    raw = DEEP[0, ::-1].astype("<u2").tobytes()
    if packed:
        squeezed = zlib.compress(raw)
        head = struct.pack("<4I", 1, len(raw), 0, len(squeezed))
    else:
        squeezed, head = raw, struct.pack("<I", len(raw))
    if form == "appended":
        stored = head + squeezed
    elif packed:
        stored = base64.b64encode(head) + base64.b64encode(squeezed)
    else:
        stored = base64.b64encode(head + squeezed)
    array = '<DataArray type="UInt16" Name="phi" format="{}"{}>{}</DataArray>'
    inline = array.format("binary", "", stored.decode()) if form == "binary" else ""
    text = array.format("ascii", "", " ".join(map(str, DEEP[0, ::-1].ravel())))
    values = {
        "ascii": text,
        "binary": inline,
        "appended": array.format("appended", ' offset="0"', ""),
    }[form]
    packer = ' compressor="vtkZLibDataCompressor"' if packed else ""
    xml = (
        f'<?xml version="1.0"?><VTKFile type="ImageData" byte_order="LittleEndian"{packer}>'
        '<ImageData WholeExtent="0 59 0 23 0 0" Origin="0 0 0" Spacing="2 2 1"><FieldData>'
        '<DataArray type="Float64" Name="TimeValue" format="ascii">2.5</DataArray></FieldData>'
        f'<Piece Extent="0 59 0 23 0 0"><PointData Scalars="phi">{values}</PointData></Piece>'
        "</ImageData>"
    ).encode()
    if form == "appended":
        xml += b'<AppendedData encoding="raw">_' + stored + b"</AppendedData>"
    return xml + b"</VTKFile>"


PICTURES: dict[str, tuple[str, bytes, np.ndarray]] = {
    "PNG": ("a.png", image_bytes(FILM[0]), FILM[0]),
    "PNG of 16 bits": ("a.png", image_bytes(DEEP[0]), DEEP[0]),
    "PNG of one bit": ("a.png", image_bytes(FILM[0] > 99), FILM[0] > 99),
    "BMP": ("a.bmp", image_bytes(FILM[0], "BMP"), FILM[0]),
    "PGM": ("a.pgm", image_bytes(FILM[0], "PPM"), FILM[0]),
    "PGM of 16 bits": ("a.pgm", image_bytes(DEEP[0], "PPM"), DEEP[0]),
    "PBM": ("a.pbm", image_bytes(FILM[0] > 99, "PPM"), FILM[0] > 99),
    "PPM": ("a.ppm", image_bytes(np.stack([FILM[0], FILM[1], FILM[2]], -1), "PPM"), FILM[:3]),
    "TIFF of a fax": (
        "a.tif",
        image_bytes(FILM[0] > 99, "TIFF", compression="group4"),
        FILM[0] > 99,
    ),
    "GraSPI, first row below": ("a.txt", graspi_bytes(FILM[0, ::-1] > 99), FILM[0] > 99),
    "VTK as text": ("a.vtk", vtk_legacy(False, False), DEEP[0]),
    "VTK, binary": ("a.vtk", vtk_legacy(True, False), DEEP[0]),
    "VTK of cells": ("a.vtk", vtk_legacy(True, True), DEEP[0]),
    "VTI as text": ("a.vti", vti("ascii", False), DEEP[0]),
    "VTI, base64": ("a.vti", vti("binary", False), DEEP[0]),
    "VTI, base64, packed": ("a.vti", vti("binary", True), DEEP[0]),
    "VTI, appended": ("a.vti", vti("appended", False), DEEP[0]),
    "VTI, appended, packed": ("a.vti", vti("appended", True), DEEP[0]),
    "a matrix": ("a.txt", matrix_text(REAL[0]).encode(), REAL[0]),
    "an npy": ("a.npy", npy_bytes(REAL[0]), REAL[0]),
}


@pytest.mark.parametrize("way", PICTURES)
def test_a_single_frame_comes_in_equal_and_upright(way: str) -> None:
    name, data, want = PICTURES[way]
    kind = kind_of(name)
    assert kind is not None
    assert has_one_frame(kind, in_memory(data, name))
    stack = picture(kind, data, name)
    values = np.stack(list(stack.values.frames()))
    if way == "PPM":
        want = np.moveaxis(want, 0, -1)
    shown = as_film(stack, values)
    assert (shown.shape, shown.dtype) == ((1, *want.shape), want.dtype)
    assert np.array_equal(shown[0], want)


def test_a_vtk_file_says_its_pixel_its_time_and_what_is_left_out() -> None:
    stack = picture("vtk", vti("appended", True), "a.vti")
    assert (stack.pixel_size, stack.length_unit) == ((2.0, 2.0), "units")
    assert stack.times is not None
    assert stack.times.tolist() == [2.5]
    assert picture("vtk", vtk_legacy(True, False), "a.vtk").done == (
        "Its array phi is taken, velocity left out.",
    )


@pytest.mark.parametrize("form", ["ascii", "binary", "appended"])
@pytest.mark.parametrize("share", [0.3, 0.7, 0.9])
def test_a_vti_that_is_cut_off_is_refused(form: str, share: float) -> None:
    data = vti(form, False)
    with pytest.raises(UnreadableFrame, match="damaged"):
        picture("vtk", data[: int(len(data) * share)], "a.vti")


def test_several_frames_are_no_picture(tmp_path: Path) -> None:
    data = pages_bytes(FILM, "TIFF")
    assert not has_one_frame("pages", in_memory(data, "a.tif"))
    with pytest.raises(UnreadableFrame, match="several frames"):
        picture("pages", data, "a.tif")
    assert not has_one_frame("hdf5", on_this_disk(pypde(tmp_path / "a.h5"), "a.h5"))


def test_a_film_in_colour_keeps_them_and_a_gray_one_is_gray(tmp_path: Path) -> None:
    def film(name: str, frames: np.ndarray) -> np.ndarray:
        path = tmp_path / name
        writer = imageio_ffmpeg.write_frames(
            str(path), (64, 32), pix_fmt_in="rgb24", macro_block_size=1, quality=10
        )
        writer.send(None)
        for frame in frames:
            writer.send(np.ascontiguousarray(frame))
        writer.close()
        stack, values = only(path)
        assert stack.times is None
        return values

    blue = np.zeros((4, 32, 64, 3), np.uint8)
    blue[..., :32, 2] = 255
    blue[..., 32:, 0] = 255
    values = film("blue.mp4", blue)
    assert values.shape == (4, 32, 64, 3)
    assert np.abs(values[:, :, 4:24].mean(axis=(0, 1, 2)) - [0, 0, 255]).max() < 12
    gray = np.repeat((np.arange(4, dtype=np.uint8) * 60)[:, None, None, None], 3, axis=3)
    values = film("gray.mp4", np.broadcast_to(gray, (4, 32, 64, 3)))
    assert values.shape == (4, 32, 64)
    assert np.abs(values.mean(axis=(1, 2)) - [0, 60, 120, 180]).max() < 4
