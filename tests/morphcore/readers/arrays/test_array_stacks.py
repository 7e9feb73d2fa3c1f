"""Files of several arrays: which are frames, what is skipped or asked, what is refused and why."""

from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io

from morphcore.progress import ignore
from morphcore.readers.arrays.matlab_5 import arrays
from morphcore.readers.files.listing import in_memory
from morphcore.readers.limits import ReadLimits
from morphcore.readers.options import ImportOptions
from morphcore.readers.results import Stack, UnreadableFrame
from morphcore.readers.stacks import stacks
from morphcore.types import Rejection
from tests.bad_files import npy_bytes, npz_bytes
from tests.morphcore.readers.test_stacks import FILM, REAL, TIMES, as_film, items, only, saved

X, Y = np.meshgrid(np.arange(60) / 60, np.arange(24) / 24)


def test_coordinates_beside_a_film_are_skipped_and_it_is_said(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npz", npz_bytes(X=X, Y=Y, phi=REAL, t=TIMES))
    stack, values = only(path)
    assert np.array_equal(values, REAL)
    assert stack.times is not None
    assert stack.times.tolist() == TIMES.tolist()
    assert (stack.axes, stack.pixel_size, stack.part) == ("yx", None, "")
    square, skipped = stack.done  # X and Y end at 1 both, and are no lengths
    assert square.endswith("pixels count as square.")
    assert skipped.startswith("Skipped: X, Y ")


def test_coordinates_beside_a_single_picture_are_skipped(tmp_path: Path) -> None:
    stack, values = only(saved(tmp_path / "a.npz", npz_bytes(X=X, Y=Y, mask=FILM[0] > 99)))
    assert np.array_equal(values, FILM[:1] > 99)
    assert stack.done[-1].startswith("Skipped: X, Y ")


def test_films_of_two_fields_are_two_trajectories(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npz", npz_bytes(phi=REAL, psi=1 - REAL, first=REAL[0]))
    found = {item.part: item for item in items(path) if isinstance(item, Stack)}
    assert found.keys() == {"phi", "psi"}
    assert found["psi"].done[0].startswith("Skipped: first ")


def test_pictures_whose_names_differ_in_a_number_are_a_film_each(tmp_path: Path) -> None:
    arrays = {f"a_{step}": frame for step, frame in zip((10, 2, 33), REAL[:3], strict=True)}
    path = saved(
        tmp_path / "a.npz", npz_bytes(**arrays, **{f"b_{step}": REAL[3] for step in (1, 5)})
    )
    found = {
        item.part: (item.times, np.stack(list(item.values.frames())))
        for item in items(path)
        if isinstance(item, Stack)
    }
    times, values = found["a"]
    assert found.keys() == {"a", "b"}
    assert times is not None
    assert times.tolist() == [2, 10, 33]
    assert np.array_equal(values, REAL[[1, 0, 2]])
    assert len(found["b"][1]) == 2


def test_what_is_no_number_is_rejected_by_name_and_reason(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npz", npz_bytes(phi=REAL, wave=REAL * 1j))
    rejection, stack = items(path)
    assert isinstance(rejection, Rejection)
    assert (rejection.file, "complex128" in rejection.reason) == ("a.npz/wave", True)
    assert isinstance(stack, Stack)
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["names"] = np.full((20, 20), b"name")
    (rejection,) = items(tmp_path / "b.h5")
    assert isinstance(rejection, Rejection)
    assert rejection.file == "b.h5/names"


def test_channels_are_asked_for_and_chosen(tmp_path: Path) -> None:
    both = np.stack([FILM, 255 - FILM], axis=1)
    path = saved(tmp_path / "a.npy", npy_bytes(both))
    stack, values = only(path)
    assert [question.option for question in stack.questions] == ["channel"]
    assert np.array_equal(values, FILM)
    stack, values = only(path, ImportOptions(channel=1))
    assert not stack.questions
    assert np.array_equal(values, 255 - FILM)


def test_a_last_axis_of_three_numbers_may_be_times_or_colours(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npy", npy_bytes(np.moveaxis(REAL[:3], 0, 2)))
    stack, _ = only(path)
    assert [question.option for question in stack.questions] == ["axes"]
    stack, values = only(path, ImportOptions(axes="yxt"))
    assert (np.array_equal(values, REAL[:3]), stack.questions) == (True, ())
    stack, values = only(path, ImportOptions(channel=2))
    assert (np.array_equal(values, REAL[2:3]), stack.questions) == (True, ())


@pytest.mark.parametrize("axes", ["tyx", "txy", "yxt", "xyt", "ytx", "xty"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_any_order_of_axes_can_be_told(axes: str, order: str, tmp_path: Path) -> None:
    turned = np.transpose(REAL, ["tyx".index(letter) for letter in axes])
    path = saved(tmp_path / "a.npy", npy_bytes(np.asarray(turned, order=order)))  # type: ignore[call-overload]
    stack, values = only(path, ImportOptions(axes=axes))
    assert np.array_equal(as_film(stack, values), REAL)


def smooth(shape: tuple[int, ...], seed: int, steps: tuple[float, ...]) -> np.ndarray:
    """Noise that changes along each axis over so many entries."""
    noise = np.fft.fftn(np.random.default_rng(seed).standard_normal(shape))
    for axis, step in enumerate(steps):
        k = np.fft.fftfreq(shape[axis]) * step
        noise *= np.exp(-(k**2) * 10).reshape([-1 if a == axis else 1 for a in range(len(shape))])
    return np.fft.ifftn(noise).real


def test_a_first_axis_that_looks_like_space_is_asked_about(tmp_path: Path) -> None:
    film = smooth((40, 48, 64), 0, (60, 6, 6))  # time changes slowly
    stack, _ = only(saved(tmp_path / "a.npy", npy_bytes(film)))
    assert not stack.questions
    stack, _ = only(saved(tmp_path / "a.npy", npy_bytes(np.moveaxis(film, 0, 2))))
    assert [question.option for question in stack.questions] == ["axes"]
    assert "yxt" in stack.questions[0].message


def test_a_py_pde_file_without_its_grid_is_asked_about(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["data"], file["times"] = np.swapaxes(REAL[:, ::-1], 1, 2), TIMES
    stack, _ = only(tmp_path / "a.h5")
    assert [question.option for question in stack.questions] == ["axes"]
    assert stack.times is not None
    stack, values = only(tmp_path / "a.h5", ImportOptions(axes="txy"))
    assert not stack.questions
    assert np.array_equal(as_film(stack, values), REAL)


def test_times_that_do_not_increase_are_left_out_and_it_is_said(tmp_path: Path) -> None:
    stack, _ = only(saved(tmp_path / "a.npz", npz_bytes(phi=REAL, t=TIMES[::-1])))
    assert stack.times is None
    assert "do not increase" in stack.done[0]


def test_attributes_are_parameters_spacing_and_units(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["c"], file["time"] = REAL, TIMES
        file.attrs.update({"chi": 2.4, "temperature": 350, "solvent": "CB"})
        file["c"].attrs.update({"dx": 2.0, "dy": 4.0, "units": "nm", "phi": 0.5})
        file["time"].attrs["units"] = "seconds"
    stack, _ = only(tmp_path / "a.h5")
    assert stack.params == {"chi": 2.4, "temperature": 350, "phi": 0.5}
    assert (stack.pixel_size, stack.length_unit, stack.time_unit) == ((2.0, 4.0), "nm", "s")


def test_three_dimensions_and_empty_arrays_are_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.nc", "w") as file:
        file["c"] = np.zeros((2, 9, 24, 60))
        for axis, name in enumerate(("time", "z", "y", "x")):
            file[name] = np.arange(file["c"].shape[axis])
            file[name].make_scale(name)
            file["c"].dims[axis].attach_scale(file[name])
    (rejection,) = items(tmp_path / "a.nc")
    assert isinstance(rejection, Rejection)
    assert "three-dimensional" in rejection.reason
    with pytest.raises(UnreadableFrame, match="empty"):
        only(saved(tmp_path / "a.npy", npy_bytes(np.zeros((0, 24, 60)))))


@pytest.mark.parametrize("packed", [False, True])
def test_matlab_arrays_are_found_also_in_a_struct_and_read_piece_by_piece(
    packed: bool, tmp_path: Path
) -> None:
    inner = {"u": np.moveaxis(REAL, 0, 2), "t": TIMES, "note": "run"}
    variables = {
        "phi": np.moveaxis(REAL, 0, 2),
        "small": np.moveaxis(FILM, 0, 2).astype(np.float64),  # stored in a byte each
        "bits": np.moveaxis(FILM > 99, 0, 2),
        "chi": 2.4,
        "name": "run",
        "inside": inner,
    }
    scipy.io.savemat(tmp_path / "a.mat", variables, do_compression=packed)
    found = {array.name: array for array in arrays(tmp_path / "a.mat")}
    assert found.keys() == {"phi", "small", "bits", "chi", "inside/u", "inside/t"}
    variables |= {"inside/u": inner["u"], "inside/t": TIMES[None], "chi": np.array([[2.4]])}
    for name, array in found.items():
        read = np.stack(list(array.pieces()), axis=-1)
        assert np.array_equal(read, variables[name])
        assert (array.shape, array.dtype) == (read.shape, read.dtype)
    whole = (tmp_path / "a.mat").read_bytes()
    for share in (0.01, 0.1, 0.25, 0.9):
        saved(tmp_path / "a.mat", whole[: int(len(whole) * share)])
        with pytest.raises(UnreadableFrame):
            only(tmp_path / "a.mat")


def test_complex_values_and_cells_of_matlab_are_rejected_by_name(tmp_path: Path) -> None:
    cells = np.empty((9, 9), dtype=object)
    cells[:] = 1.0
    scipy.io.savemat(tmp_path / "a.mat", {"wave": REAL * 1j, "cells": cells})
    found = list(items(tmp_path / "a.mat"))
    assert {item.file: item.reason for item in found if isinstance(item, Rejection)} == {
        "a.mat/wave": "Its values are complex; accepted are booleans, integers and floats.",
        "a.mat/cells": "It is a cell array; accepted are numbers, such as cat(3, frames{:}).",
    }
    assert len(found) == 2


def test_what_has_no_frames_says_what_became_of_cells_structs_and_links(tmp_path: Path) -> None:
    cells = np.empty((1, len(REAL)), dtype=object)
    cells[0, :] = list(REAL)
    structs = np.array([(frame,) for frame in REAL], dtype=[("phi", object)])
    for name, value, reason in (("c", cells, "cell array"), ("s", structs, "array of structs")):
        scipy.io.savemat(tmp_path / f"{name}.mat", {"film": value})
        with pytest.raises(UnreadableFrame, match=f"film: It is an? {reason}"):
            list(items(tmp_path / f"{name}.mat"))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["phi"] = h5py.ExternalLink("other.h5", "/phi")
    (rejection,) = items(tmp_path / "a.h5")
    assert isinstance(rejection, Rejection)
    assert rejection.file == "a.h5/phi"
    assert rejection.reason.startswith("It is a link into another file, other.h5;")


def test_times_that_lie_in_another_file_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(TIMES.astype(np.float64).tobytes())
    outside = [(str(tmp_path / "secret"), 0, h5py.h5f.UNLIMITED)]
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["phi"] = REAL
        file.create_dataset("times", TIMES.shape, np.float64, external=outside)
        file["times"].make_scale("time")
        file["phi"].dims[0].attach_scale(file["times"])
    (stack,) = items(tmp_path / "a.h5")
    assert isinstance(stack, Stack)
    assert stack.times is None


def test_too_many_frames_are_refused_before_they_are_read() -> None:
    file = in_memory(npy_bytes(REAL), "a.npy")
    with pytest.raises(UnreadableFrame, match="accepted are up to 4"):
        list(stacks("npy", file, ignore, ReadLimits(frames=4)))


def test_times_beside_are_found_by_name_by_step_or_said_to_be_of_another_number(
    tmp_path: Path,
) -> None:
    plain, _ = only(saved(tmp_path / "a.npz", npz_bytes(arr_0=REAL, arr_1=TIMES)))
    assert plain.times is not None
    assert plain.times.tolist() == TIMES.tolist()
    short, _ = only(saved(tmp_path / "b.npz", npz_bytes(phi=REAL, times=TIMES[:-1])))
    assert short.times is None
    assert short.done == ("Its times (times) are 4 for 5 frames, so that frames are counted.",)
    dates = np.datetime64("2024-03-01T00:00:00") + (TIMES * 1000).astype("timedelta64[ms]")
    stamped, _ = only(saved(tmp_path / "c.npz", npz_bytes(phi=REAL, time=dates)))
    assert stamped.times is not None
    assert np.allclose(stamped.times, TIMES - TIMES[0])
    assert stamped.time_unit == "s"
    with h5py.File(tmp_path / "d.h5", "w") as file:
        for number, (time, frame) in enumerate(zip(TIMES, REAL, strict=True)):
            file[f"step_{number}/phi"] = frame
            file[f"step_{number}/time"] = time
    stepped, values = only(tmp_path / "d.h5")
    assert stepped.times is not None
    assert stepped.times.tolist() == TIMES.tolist()
    assert np.array_equal(values, REAL)


def test_the_sides_of_a_pixel_are_found_beside_the_frames(tmp_path: Path) -> None:
    x, y = np.arange(60) * 2.0, np.arange(24) * 0.5
    for beside in ({"x": x, "y": y}, {"X": np.meshgrid(x, y)[0], "Y": np.meshgrid(x, y)[1]}):
        stack, _ = only(saved(tmp_path / "a.npz", npz_bytes(phi=REAL, **beside)))
        assert stack.pixel_size == (2.0, 0.5)
    numbers = {"dx": np.array(2.0), "dy": np.array([0.5])}
    stack, _ = only(saved(tmp_path / "b.npz", npz_bytes(phi=REAL, **numbers)))
    assert (stack.pixel_size, stack.length_unit) == ((2.0, 0.5), "units")
    both_ends = {"x": np.linspace(0, 1, 60), "y": np.linspace(0, 1, 24)}
    stack, _ = only(saved(tmp_path / "c.npz", npz_bytes(phi=REAL, **both_ends)))
    assert stack.pixel_size is None
    assert stack.done[0].endswith("pixels count as square.")


def test_other_quantities_than_the_composition_are_left_out_and_named(tmp_path: Path) -> None:
    flow = {"u": REAL * 0.1, "v": REAL * 0.2, "mu": REAL - REAL**3}
    stack, values = only(saved(tmp_path / "a.npz", npz_bytes(phi=REAL, **flow)))
    assert np.array_equal(values, REAL)
    assert stack.done[0].startswith("Left out: mu, u, v, of another quantity")
    alone, _ = only(saved(tmp_path / "b.npz", npz_bytes(mu=REAL)))  # nothing better is there
    assert alone.done == ()
    found = items(saved(tmp_path / "c.npz", npz_bytes(phi_A=REAL, phi_B=1 - REAL)))
    assert len(list(found)) == 2
    with h5py.File(tmp_path / "d.h5", "w") as file:
        for number, frame in enumerate(REAL):
            file[f"{number}/phi"], file[f"{number}/mu"] = frame, frame**3
    stack, values = only(tmp_path / "d.h5")
    assert np.array_equal(values, REAL)
