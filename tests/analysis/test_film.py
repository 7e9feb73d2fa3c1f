"""The player's film: small, and gray and bits as stored when unpacked as the browser does."""

import base64
import zlib

import numpy as np
import pytest

from analysis import film
from analysis.film import Film
from morphcore import frames as framing
from tests.factory import Made, blobs


def unpacked(sent: Film) -> tuple[np.ndarray, np.ndarray]:
    """Decode as frames.js does -> gray levels, bits."""
    raw = np.frombuffer(zlib.decompress(base64.b64decode(sent.frames)), dtype=np.uint8)
    pixels = np.add.accumulate(raw.reshape(len(sent.ranges), *sent.shape), axis=0, dtype=np.uint8)
    steps = (pixels >> 1).astype(np.float64)
    low, high = np.array(sent.ranges, dtype=np.float64).T[:, :, None, None]
    return low + np.rint(steps * (high - low) / 31), (pixels & 1).astype(bool)


@pytest.mark.parametrize("threshold", [0.5, 0.3])
def test_bits_are_the_stored_ones_and_gray_is_half_a_step_off_at_most(threshold: float) -> None:
    gray = np.random.default_rng(0).integers(0, 256, (5, 20, 33), dtype=np.uint8)
    seen, bits = unpacked(film.encode(gray, (20, 33), threshold))
    np.testing.assert_array_equal(bits, framing.binarise(gray, threshold))
    assert np.abs(seen - gray).max() <= 5
    assert set(seen[gray == 0]) == {0.0}
    assert set(seen[gray == 255]) == {255.0}


@pytest.mark.parametrize("width", [1, 2, 17, 31])
def test_frames_of_few_gray_levels_are_exact(width: int) -> None:
    """A film that is mixed is flat, not a faint pattern of steps."""
    rng = np.random.default_rng(width)
    gray = rng.integers(120, 120 + width, (4, 16, 16), dtype=np.uint8, endpoint=True)
    np.testing.assert_array_equal(unpacked(film.encode(gray, (16, 16)))[0], gray)


def test_255_frames_are_a_small_payload() -> None:
    sent = film.encode(blobs(255, phi=0.5, seed=3), (100, 400))
    assert len(sent.frames) < 1_500_000


def test_a_film_beyond_the_limit_is_sent_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film, "MOST_PIXELS", 3 * 20 * 40 // 4)
    shape = film.sent_shape((20, 40), 3)
    assert shape == (10, 20)
    gray = np.tile(np.where(np.arange(40) < 20, 0, 200), (3, 20, 1)).astype(np.uint8)
    seen, bits = unpacked(film.encode(gray, shape))
    assert seen.shape == (3, 10, 20)
    np.testing.assert_array_equal(bits[0, 0], np.arange(20) >= 10)


def test_a_stored_trajectory_is_sent_whole(made: Made) -> None:
    sent = film.load(made.path, 1)
    assert (sent.shape, len(sent.ranges)) == ((100, 400), 20)
    _, bits = unpacked(sent)
    assert bits[0].all()  # the first frame is all white
    assert not bits[-1].all()
