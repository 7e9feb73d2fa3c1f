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


FIELDS_OF_VIEW = ((100, 400), (200, 800), (512, 512), (400, 100))


def test_one_material_has_one_size_and_no_direction_in_every_field_of_view() -> None:
    """Of an isotropic material: L within 3 %, and a ratio of chords of 1, whatever the frame."""
    lengths, ratios = {}, {}
    for shape in FIELDS_OF_VIEW:
        seen = [material(shape, seed) for seed in range(12)]
        lengths[shape] = np.mean([measure.domain_length(bits, False)[0] for bits in seen])
        own = np.array([measure.chord_ratio(bits, periodic=False)[0] for bits in seen])
        ratios[shape] = abs(own.mean() - 1) / (own.std(ddof=1) / np.sqrt(len(own)))
    assert max(lengths.values()) / min(lengths.values()) < 1.03
    assert max(ratios.values()) < 2
    # As they are seen, chords are cut short by the border, in the narrow direction more.
    wide = [measure.mean_chords(material((100, 400), seed), False) for seed in range(12)]
    assert np.mean([x / y for x, y in wide]) > 1.1


def material(shape: tuple[int, int], seed: int) -> np.ndarray:
    """A level cut of waves of one length, 25 px, in all directions."""
    rng = np.random.default_rng((seed, *shape))
    y, x = np.mgrid[: shape[0], : shape[1]]
    angles, shifts = rng.uniform(0, 2 * np.pi, (2, 200))
    k = 2 * np.pi / 25
    waves = np.zeros(shape)
    for angle, shift in zip(angles, shifts, strict=True):
        waves += np.cos(k * (np.cos(angle) * x + np.sin(angle) * y) + shift)
    return (waves > 0)[None]


def test_the_ratio_of_chords_knows_a_direction_and_the_seam() -> None:
    stripes = np.tile(np.arange(40) % 20 < 10, (1, 30, 1))
    stripes = stripes ^ (np.arange(30) == 15)[None, :, None]  # one row is inverted
    along, across = 40 / 4, 29 / 2
    assert measure.chord_ratio(stripes)[0] == pytest.approx(along / across)
    assert np.isinf(measure.chord_ratio(np.tile(np.arange(9) < 4, (1, 6, 1)).swapaxes(1, 2)))[0]
    assert np.isnan(measure.chord_ratio(np.ones((1, 6, 9), dtype=bool)))[0]
    # Half the material is the mirrored other: turned by 90 degrees, the ratio is inverted.
    turned = measure.chord_ratio(stripes.swapaxes(1, 2), periodic=False, periodic_y=True)[0]
    assert turned * measure.chord_ratio(stripes)[0] == pytest.approx(1)


def test_a_frame_periodic_in_y_is_measured_as_one_that_is_turned() -> None:
    bits = np.random.default_rng(3).random((4, 24, 40)) > 0.4
    ids = np.arange(4)
    turned = measure.measure(ids, bits.swapaxes(1, 2), periodic=False, periodic_y=True)
    straight = measure.measure(ids, bits, periodic=True)
    for name in ("length", "euler", "components_white", "components_black", "first_zero"):
        np.testing.assert_allclose(getattr(turned, name), getattr(straight, name), rtol=1e-5)
    np.testing.assert_allclose(turned.chord_y, straight.chord_x)


def test_nothing_changes_when_a_doubly_periodic_frame_is_rolled() -> None:
    bits = np.random.default_rng(4).random((3, 24, 40)) > 0.4
    edges = {"periodic": True, "periodic_y": True}
    straight = measure.measure(np.arange(3), bits, **edges)
    rolled = measure.measure(np.arange(3), np.roll(bits, (7, 11), axis=(1, 2)), **edges)
    for name in ("length", "euler", "components_white", "components_black", "first_zero"):
        np.testing.assert_allclose(getattr(rolled, name), getattr(straight, name), rtol=1e-4)
    np.testing.assert_allclose(rolled.chord_ratio, straight.chord_ratio, rtol=1e-5)


def test_contrast_of_binary_frames_is_whole_or_none() -> None:
    bits = np.stack([np.ones((16, 16), bool), np.arange(256).reshape(16, 16) % 7 < 3])
    assert measure.measure(np.arange(2), bits).contrast.tolist() == [0, 1]
    given = np.array([0.2, 0.7], dtype=np.float32)
    assert measure.measure(np.arange(2), bits, contrast=given).contrast.tolist() == given.tolist()
