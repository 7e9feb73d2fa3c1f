"""The payload of the player: small, and the same bits when unpacked as the browser does."""

import base64
import zlib

import numpy as np
import pytest

from morphcore import frames as framing
from tests.factory import blobs
from ui.player import component


def unpacked(text: str, count: int) -> np.ndarray:
    """Decode as player.js does: inflate, then add every difference to the frame before."""
    raw = np.frombuffer(zlib.decompress(base64.b64decode(text)), dtype=np.uint8)
    return np.bitwise_xor.accumulate(raw.reshape(count, 5000), axis=0)


def noise(frames: int) -> np.ndarray:
    shape = (frames, 5000)
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("frames", [1, 2, 30])
def test_unpacked_frames_are_the_stored_ones(frames: int) -> None:
    packed = noise(frames)
    before = packed.copy()
    assert np.array_equal(unpacked(component.encode(packed), frames), packed)
    assert np.array_equal(packed, before)  # cached values are not to be changed


def test_255_frames_are_a_small_payload() -> None:
    packed = framing.pack(framing.binarise(blobs(255, phi=0.5, seed=3)))
    text = component.encode(packed)
    assert np.array_equal(unpacked(text, 255), packed)
    assert len(text) < packed.nbytes / 8  # 1,275 kB of bits
