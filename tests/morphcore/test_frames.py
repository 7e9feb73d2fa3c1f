import numpy as np
import pytest

from morphcore import frames
from morphcore.types import FRAME_SHAPE

RNG = np.random.default_rng(0)
BITS = RNG.random((3, *FRAME_SHAPE)) < 0.4


def test_packing_loses_nothing_and_takes_an_eighth_of_a_byte_a_pixel() -> None:
    packed = frames.pack(BITS)
    assert packed.shape == (3, 5000)
    assert (frames.unpack(packed) == BITS).all()
    assert (frames.unpack(frames.pack(BITS[0])) == BITS[0]).all()


def test_the_first_pixel_is_the_highest_bit() -> None:
    bits = np.zeros(FRAME_SHAPE, dtype=np.bool_)
    bits[0, 0] = True
    assert frames.pack(bits)[0] == 0b1000_0000


def test_rolling_by_the_width_is_the_identity_and_to_the_right() -> None:
    assert (frames.roll(BITS, 400) == BITS).all()
    assert (frames.roll(BITS, 1)[..., 1:] == BITS[..., :-1]).all()


def test_mirroring_twice_is_the_identity_and_keeps_rows() -> None:
    assert (frames.mirror(frames.mirror(BITS)) == BITS).all()
    assert (frames.mirror(BITS).sum(axis=2) == BITS.sum(axis=2)).all()


def test_a_gray_level_of_one_half_is_white() -> None:
    gray = np.zeros(FRAME_SHAPE, dtype=np.uint8)
    gray[0, :3] = [127, 128, 255]
    assert frames.binarise(gray)[0, :4].tolist() == [False, True, True, False]


def test_uniform_frames_are_those_of_one_colour() -> None:
    stack = np.stack([np.zeros(FRAME_SHAPE, bool), np.ones(FRAME_SHAPE, bool), BITS[0]])
    assert frames.is_unseparated(stack).tolist() == [True, True, False]


def test_a_frame_of_the_right_size_is_left_as_it_is() -> None:
    gray = RNG.integers(0, 256, FRAME_SHAPE, dtype=np.uint8)
    assert (frames.resize(gray) == gray).all()


def test_a_whole_number_of_pixels_is_averaged_and_one_is_repeated() -> None:
    gray = BITS[0] * np.uint8(255)
    assert (frames.resize(np.kron(gray, np.ones((2, 3), np.uint8))) == gray).all()
    assert (frames.resize(gray[::2, ::4]) == np.kron(gray[::2, ::4], np.ones((2, 4)))).all()


@pytest.mark.parametrize("shape", [(101, 401), (114, 512), (37, 90), (3, 1000)])
def test_resizing_keeps_the_white_fraction(shape: tuple[int, int]) -> None:
    gray = (RNG.random(shape) < 0.3) * np.uint8(255)
    assert frames.resize(gray).shape == FRAME_SHAPE
    assert frames.resize(gray).mean() == pytest.approx(gray.mean(), abs=0.1)


def test_a_pixel_cut_by_a_new_edge_counts_by_its_parts() -> None:
    # 512 -> 400: the first new pixel covers old pixel 0 whole and 28 % of old pixel 1.
    gray = np.zeros((100, 512), dtype=np.uint8)
    gray[:, 1] = 255
    assert frames.resize(gray)[0, :3].tolist() == [
        round(255 * 0.28 / 1.28),
        round(255 * 0.72 / 1.28),
        0,
    ]


@pytest.mark.parametrize(
    "values",
    [
        np.array([[0.0, 1.0]]),
        np.array([[False, True]]),
        np.array([[0, 1]], dtype=np.uint8),
        np.array([[0, 255]], dtype=np.int64),
    ],
)
def test_numbers_become_gray_levels(values: np.ndarray) -> None:
    assert frames.to_gray(values).tolist() == [[0, 255]]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -0.1, 256.0])
def test_numbers_that_are_no_gray_levels_are_refused(bad: float) -> None:
    with pytest.raises(frames.FrameError, match="accepted"):
        frames.to_gray(np.array([[0.0, bad]]))


@pytest.mark.parametrize("count", [0, 1, 2, 9, 10])
def test_few_rows_are_all_taken(count: int) -> None:
    for ends in (False, True):
        assert frames.evenly(count, 10, ends=ends).tolist() == list(range(count))
        assert frames.evenly(count, None, ends=ends).tolist() == list(range(count))


@pytest.mark.parametrize("count", [11, 255, 1999, 123_457])
def test_many_rows_are_thinned_evenly_with_both_ends_or_without(count: int) -> None:
    for most in (4, 10):
        rows = frames.evenly(count, most, ends=True)
        assert (rows[0], rows[-1], len(rows)) == (0, count - 1, most)
        assert np.ptp(np.diff(rows)) <= 1
        blocks = frames.evenly(count, most)
        assert len(blocks) == most
        assert np.ptp(np.diff([*blocks, count])) <= 1  # equal parts, the last among them


def test_rows_of_ids_are_those_of_a_plain_search() -> None:
    rng = np.random.default_rng(0)
    known, wanted = rng.permutation(200)[:120], rng.integers(0, 220, 300)
    expected = [
        known.tolist().index(frame_id) if frame_id in known else -1 for frame_id in wanted.tolist()
    ]
    assert frames.rows_of(known, wanted).tolist() == expected
    assert frames.rows_of(np.empty(0, dtype=np.int64), wanted[:2]).tolist() == [-1, -1]
