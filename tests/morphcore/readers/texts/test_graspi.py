"""GraSPI's texts: headers, electrodes, and the published frames where they are at hand."""

import os
from pathlib import Path

import numpy as np
import pytest

from morphcore import frames
from morphcore.readers.read import read
from morphcore.readers.results import ReadTrajectory, Skipped
from morphcore.readers.texts import graspi
from morphcore.types import Rejection
from tests.bad_files import PATTERN, graspi_bytes

BITS = PATTERN > 0
REAL = Path(
    os.environ.get("MORPH_REAL_FRAMES")
    or Path(__file__).resolve().parents[4] / "shared" / "real-frames"
)


@pytest.mark.parametrize(
    "header",
    ["400 100", "400 100 0", "400 100 1", "  400\t100  ", "400, 100", "400 100\r", "400 100\n"],
)
def test_headers_of_two_dimensions(header: str) -> None:
    assert (graspi.parse(graspi_bytes(BITS, header))[0] == BITS).all()


def test_values_may_lie_on_one_line_or_on_many() -> None:
    values = " ".join("1" if bit else "0" for bit in BITS.ravel())
    assert (graspi.parse(f"400 100\n{values}".encode())[0] == BITS).all()
    column = values.replace(" ", "\n")
    assert (graspi.parse(f"400 100\n\n{column}\n\n".encode())[0] == BITS).all()


def with_electrodes(bits: np.ndarray, top: int, bottom: int) -> np.ndarray:
    ones, zeros = np.ones((top, bits.shape[1]), bool), np.zeros((bottom, bits.shape[1]), bool)
    return np.concatenate([ones, bits, zeros])


def test_electrodes_are_cropped_and_it_is_said() -> None:
    film, done = graspi.parse(graspi_bytes(with_electrodes(BITS, 7, 7)))
    assert (film == BITS).all()
    assert done == ("Electrodes of 7 rows are cropped at the top and the bottom.",)
    assert graspi.parse(graspi_bytes(BITS))[1] == ()


def test_electrodes_beside_an_even_layer_or_film_are_as_thick_as_the_thinner_side() -> None:
    layered = BITS.copy()
    layered[:5] = True
    cropped, _ = graspi.parse(graspi_bytes(with_electrodes(layered, 7, 7)))
    assert (cropped == layered).all()
    white = np.ones((100, 400), bool)
    assert graspi.parse(graspi_bytes(with_electrodes(white, 7, 7)))[0].shape == (100, 400)


@pytest.mark.parametrize(("top", "bottom"), [(0, 0), (7, 0), (0, 7), (1, 1), (20, 20)])
def test_what_is_no_pair_of_electrodes_stays(top: int, bottom: int) -> None:
    bits = with_electrodes(BITS, top, bottom)
    assert graspi.parse(graspi_bytes(bits))[0].shape == bits.shape


def test_a_text_is_known_by_its_first_line() -> None:
    assert graspi.looks_like(b"512 128\n\n1 1 1")
    assert graspi.looks_like(b"401 101 0\n1")
    assert not graspi.looks_like(b"2 words and more\n")
    assert not graspi.looks_like(b"3\n")
    assert not graspi.looks_like(b"1 0 1\n0 0 1\n")  # values without a header
    assert not graspi.looks_like(b"")


def lever_rule(phi: float, chi: float) -> float:
    """The white fraction of a regular solution, f = 1/2 + (phi - 1/2) / m, m = tanh(chi m / 2)."""
    m = 1.0
    for _ in range(1000):
        m = float(np.tanh(chi * m / 2))
    return 0.5 + (phi - 0.5) / m


@pytest.mark.skipif(not REAL.is_dir(), reason="the published frames are not here")
def test_the_published_frames_come_in_whole() -> None:
    items = list(read(REAL))
    assert not [item for item in items if isinstance(item, Rejection)]
    runs = [item.trajectory for item in items if isinstance(item, ReadTrajectory)]
    assert len(runs) == 19
    assert sum(len(run.frames) for run in runs) == 19
    skipped = {item.file for item in items if isinstance(item, Skipped)}
    on_disk = {path.relative_to(REAL).as_posix() for path in REAL.rglob("*") if path.is_file()}
    assert skipped == {name for name in on_disk if not Path(name).name.startswith("data_")}
    errors = []
    for run in runs:
        assert (run.time_unit, run.periodic) == ("step", False)
        white = float(frames.binarise(run.frames).mean())
        errors.append(abs(white - lever_rule(run.params["phi"], run.params["chi"])))
    assert np.median(errors) < 0.01
    assert max(errors) < 0.03  # the earliest frames have not reached the two phases yet


@pytest.mark.skipif(not REAL.is_dir(), reason="the published frames are not here")
def test_the_electrodes_of_the_published_frames_are_off() -> None:
    sizes = {graspi.parse(path.read_bytes())[0].shape for path in sorted(REAL.glob("data_*.txt"))}
    assert sizes == {(114, 512), (101, 401)}
