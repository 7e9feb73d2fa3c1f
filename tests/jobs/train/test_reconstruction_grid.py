"""The grid of reconstructions, for frames of any size."""

import io

import numpy as np
from PIL import Image

from jobs.train import reconstruction_grid
from morphcore.config import train_config
from morphcore.frames import PackedFrames, SizedFrames
from morphcore.models.build import build


def test_large_frames_are_shrunk_small_ones_grow_by_whole_pixels() -> None:
    model = build(train_config("two-level", latent=2))
    rng = np.random.default_rng(0)
    small, large = rng.random((1, 64, 100)) < 0.5, np.ones((1, 64, 800), dtype=np.bool_)
    large[:, :, 400:] = False
    frames = SizedFrames.joined([SizedFrames.of(PackedFrames.of(bits)) for bits in (small, large)])
    picture = np.asarray(Image.open(io.BytesIO(reconstruction_grid.draw(model, frames))))
    gap = reconstruction_grid.GAP
    assert picture.shape == (2 * 256 + gap, 2 * 400 + gap, 2)
    grown = picture[:256, :400]
    assert (grown[::4, ::4, 0] == small[0] * 255).all()
    assert (grown[..., 1] == 255).all()
    shrunk = picture[:256, 400 + reconstruction_grid.GAP :]
    assert (shrunk[:32, :200, 0] == 255).all()
    assert (shrunk[:32, 200:, 0] == 0).all()
    assert (shrunk[32:, :, 1] == 0).all()  # nothing there
