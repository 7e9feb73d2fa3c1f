import numpy as np
import pytest

from morphcore.statistics import split_half
from morphcore.types import Scatter
from tests.factory import blobs


def test_a_half_and_its_mirror_image_make_a_whole_frame_without_a_seam() -> None:
    bits = blobs(3, phi=0.5, seed=0)[1:] > 0
    left, right = split_half.halves(bits)
    assert left.shape == right.shape == bits.shape
    assert (left[:, :, :200] == bits[:, :, :200]).all()
    assert (right[:, :, 200:] == bits[:, :, 200:]).all()
    for half in (left, right):
        assert (half == half[:, :, ::-1]).all()  # so both ends of a row are alike


def test_a_periodic_frame_is_cut_in_two_places_and_one_with_walls_in_one() -> None:
    bits = blobs(3, phi=0.5, seed=0) > 0
    rows, left, right = split_half.cuts(bits, np.array([True, False, True]))
    assert rows.tolist() == [0, 1, 2, 0, 2]
    assert (left[3, :, :100] == bits[0, :, 300:]).all()
    assert (left[3, :, 100:200] == bits[0, :, :100]).all()
    assert (right[4, :, 200:] == bits[2, :, 100:300]).all()
    for row, left_half, right_half in zip(rows, left, right, strict=True):
        assert (left_half.mean() + right_half.mean()) / 2 == pytest.approx(bits[row].mean())


def test_two_cuts_of_a_frame_give_one_distance() -> None:
    left = np.array([[3.0, 4.0], [1.0, 0.0], [0.0, 0.0]])
    halves = split_half.Halves(np.array([7, 3, 7]), left, np.zeros((3, 2)), np.zeros(3))
    scatter = split_half.of_frames(halves)
    assert scatter.frame_ids.tolist() == [3, 7]
    assert scatter.distance == pytest.approx([1.0, np.sqrt((25 + 0) / 2)])


def test_where_halves_are_drawn_anew_two_realisations_are_one_unit_apart() -> None:
    """Latents that are means over an area: halves scatter sqrt(2) more than wholes."""
    rng = np.random.default_rng(0)
    count, sigma = 4000, 0.3
    halves = rng.normal(0, sigma, (count, 2))
    scatter = Scatter(np.arange(count), np.abs(halves[:, 0] - halves[:, 1]).astype(np.float32))
    points = rng.normal(0, 1, (count, 1)).astype(np.float32)
    scale = split_half.scale(np.arange(count), points, scatter)
    assert scale is not None
    wholes = rng.normal(0, sigma / np.sqrt(2), (count, 2))
    units = split_half.unit(scale, points)
    in_units = split_half.in_units(np.abs(wholes[:, 0] - wholes[:, 1]), units, units)
    assert np.median(in_units) == pytest.approx(1.0, abs=0.1)


def test_the_unit_is_that_of_the_point() -> None:
    points = np.array([[0.0], [100.0]], dtype=np.float32).repeat(20, axis=0)
    scatter = Scatter(np.arange(40), np.repeat([1.0, 5.0], 20).astype(np.float32))
    scale = split_half.scale(np.arange(40), points, scatter)
    assert scale is not None
    unit = split_half.unit(scale, np.array([[1.0], [99.0]]))
    assert unit == pytest.approx(np.array([1.0, 5.0]) / np.sqrt(2))
    both = split_half.in_units(np.array([2.0]), np.array([1.0]), np.array([7.0]))
    assert both == pytest.approx(2 / 5)  # the root mean square of 1 and 7 is 5


def test_without_a_known_scatter_there_is_no_scale() -> None:
    none = Scatter(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))
    assert split_half.scale(np.arange(3), np.zeros((3, 2), dtype=np.float32), none) is None
    elsewhere = Scatter(np.array([7]), np.ones(1, dtype=np.float32))
    assert split_half.scale(np.arange(3), np.zeros((3, 2), dtype=np.float32), elsewhere) is None


def test_a_calibration_counts_the_pairs_within() -> None:
    shares = split_half.calibration(np.array([0.0, 0.5, 3.0, 1e6]))
    assert shares[0] == 0.25
    assert shares[np.searchsorted(split_half.STEPS, 1.0)] == 0.5
    assert shares[-1] == 0.75
    assert (np.diff(shares) >= 0).all()
    assert np.isnan(split_half.calibration(np.zeros(0))).all()


def test_partners_are_of_the_own_and_of_another_cell_at_the_time_asked() -> None:
    gallery_cells = np.array([0, 0, 1, 1, 2, 2])
    gallery_times = np.array([1.0, 3.0, 1.1, 2.9, 0.9, 3.2])
    cells, times = np.array([0, 1, 2, 0]), np.array([1.2, 2.8, 3.0, 2.9])
    rng = np.random.default_rng(0)
    partners = split_half.partners(cells, times, gallery_cells, gallery_times, rng=rng)
    assert partners.same.tolist() == [0, 3, 5, 1]
    assert (gallery_cells[partners.other] != cells).all()
    late = times > 2
    assert ((gallery_times[partners.other] > 2) == late).all()
    alone = split_half.partners(cells[:1], times[:1], gallery_cells[:2], gallery_times[:2], rng=rng)
    assert len(alone.other) == 0


@pytest.mark.parametrize("width", [97, 64])
def test_a_frame_of_any_width_is_cut_in_two(width: int) -> None:
    bits = blobs(3, phi=0.5, seed=0)[1:, :, :width] > 0
    left, right = split_half.halves(bits)
    assert left.shape == right.shape == bits.shape
    half = -(-width // 2)
    assert (left[:, :, :half] == bits[:, :, :half]).all()
    assert (right[:, :, width - half :] == bits[:, :, width - half :]).all()
    for whole in (left, right):
        assert (whole == whole[:, :, ::-1]).all()
