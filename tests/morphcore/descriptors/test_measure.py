"""Fraction and domain length: known answers and invariances."""

import numpy as np
import pytest

from morphcore.descriptors import measure


def as_batch(frame: np.ndarray) -> np.ndarray:
    return frame[None]


def length(frame: np.ndarray, periodic: bool = True) -> float:
    return float(measure.domain_length(as_batch(frame), periodic)[0])


def upright_stripes(period: int) -> np.ndarray:
    columns = np.arange(400) // (period // 2) % 2 == 0
    return np.broadcast_to(columns, (100, 400)).copy()


@pytest.fixture
def blob() -> np.ndarray:
    y, x = np.mgrid[:100, :400]
    return np.sin(x / 13.0 + np.sin(y / 7.0)) + np.cos(y / 9.0) > 0.3


@pytest.mark.parametrize("period", [8, 20, 40, 100])
def test_upright_stripes_have_l_of_two_over_pi_periods(period):
    assert length(upright_stripes(period)) == pytest.approx(2 / np.pi * period)


def test_diagonal_stripes_have_l_of_root_two_over_pi_periods():
    # 100 x 400, shifted by one pixel a row: closed in x; walls at top and bottom cut the corners.
    y, x = np.mgrid[:100, :400]
    frame = (x + y) // 20 % 2 == 0
    period = 40 / np.sqrt(2)
    assert length(frame) == pytest.approx(np.sqrt(2) / np.pi * period, rel=0.01)


def test_stripes_of_all_directions_have_a_period_of_two_l():
    y, x = np.mgrid[:800, :800]
    periods = [
        length(np.cos(2 * np.pi / 25 * (x * np.cos(a) + y * np.sin(a))) > 0, periodic=False) * 2
        for a in np.linspace(0, np.pi, 24, endpoint=False)
    ]
    harmonic = len(periods) / sum(1 / each for each in periods)  # interface lengths add up
    assert harmonic == pytest.approx(25, rel=0.01)


def test_a_disc_has_its_own_circumference():
    y, x = np.mgrid[:100, :400]
    disc = (x - 200.0) ** 2 + (y - 50.0) ** 2 < 40**2
    circumference = float(measure.interface_length(as_batch(disc))[0])
    assert circumference == pytest.approx(2 * np.pi * 40, rel=0.015)


def test_half_and_half():
    top = np.zeros((100, 400), dtype=np.bool_)
    top[:50] = True
    assert measure.fraction(as_batch(top))[0] == 0.5
    assert length(top) == pytest.approx(40_000 / (400 * np.pi / 4))  # walls do not count


def test_the_seam_counts_only_where_the_frame_is_periodic():
    left = np.zeros((100, 400), dtype=np.bool_)
    left[:, :200] = True
    assert length(left, periodic=True) == pytest.approx(40_000 / (200 * np.pi / 4))
    assert length(left, periodic=False) == pytest.approx(40_000 / (100 * np.pi / 4))


@pytest.mark.parametrize("white", [False, True])
def test_one_colour_has_no_interface(white):
    frame = np.full((100, 400), white)
    assert measure.fraction(as_batch(frame))[0] == float(white)
    assert length(frame) == np.inf


def test_fraction_counts_pixels(blob):
    assert measure.fraction(as_batch(blob))[0] == pytest.approx(blob.sum() / 40_000)


@pytest.mark.parametrize("pixels", [1, 137, 399])
def test_a_roll_changes_nothing_where_periodic(blob, pixels):
    rolled = np.roll(blob, pixels, axis=1)
    assert length(rolled) == length(blob)
    assert length(rolled, periodic=False) != length(blob, periodic=False)
    assert measure.fraction(as_batch(rolled)) == measure.fraction(as_batch(blob))


@pytest.mark.parametrize("periodic", [True, False])
def test_mirror_and_inversion_change_no_length(blob, periodic):
    assert length(blob[:, ::-1], periodic) == length(blob, periodic)
    assert length(blob[::-1], periodic) == length(blob, periodic)
    assert length(~blob, periodic) == length(blob, periodic)
    assert measure.fraction(as_batch(~blob))[0] == pytest.approx(
        1 - measure.fraction(as_batch(blob))[0]
    )


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (9, 1), (114, 512)])
def test_any_size_agrees_with_a_loop_over_pixels(shape):
    rng = np.random.default_rng(3)
    bits = rng.random((4, *shape)) < 0.4
    for periodic in (True, False):
        expected = [_edges(frame, periodic) * np.pi / 4 for frame in bits]
        np.testing.assert_allclose(measure.interface_length(bits, periodic), expected)


def test_measure_keeps_frames_and_ids_together(blob):
    bits = np.stack([blob, upright_stripes(20), ~blob])
    ids = np.array([7, 3, 12], dtype=np.int64)
    descriptors = measure.measure(ids, bits, periodic=False)
    assert descriptors.frame_ids.tolist() == [7, 3, 12]
    assert descriptors.length.tolist() == [length(frame, periodic=False) for frame in bits]
    assert descriptors.fraction.tolist() == measure.fraction(bits).tolist()
    assert descriptors.fraction.dtype == descriptors.length.dtype == np.float32


def _edges(frame: np.ndarray, periodic: bool) -> int:
    height, width = frame.shape
    edges = 0
    for row in range(height):
        for column in range(width):
            below, right = row + 1, column + 1
            edges += below < height and frame[row, column] != frame[below, column]
            if right < width or periodic:
                edges += frame[row, column] != frame[row, right % width]
    return edges
