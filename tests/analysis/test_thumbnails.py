"""Thumbnails: the right picture for every frame, small and gray."""

import numpy as np

from analysis import thumbnails
from morphcore.frames import PackedFrames, SizedFrames
from store import trajectories
from store.db import open_store
from tests.factory import Made


def test_each_frame_has_the_mean_of_its_own_squares(made: Made) -> None:
    with open_store(made.path) as db:
        table = trajectories.frame_table(db, made.dataset_id)
        ids = table.frame_ids[::-1]
        small = dict(thumbnails.decode(thumbnails.load(db, ids)))
        frames = trajectories.packed(db, ids)
    assert set(small) == set(ids.tolist())
    bits = frames.one_size.bits()
    for row in (0, 17, len(ids) - 1):
        shown = small[int(ids[row])]
        assert shown.size <= thumbnails.PIXELS
        factor = bits.shape[1] // shown.shape[0]
        means = bits[row].reshape(shown.shape[0], factor, shown.shape[1], factor).mean(axis=(1, 3))
        assert np.abs(shown / 3 - means).max() <= 1 / 6 + 1e-6


def test_sizes_that_do_not_divide_and_several_sizes_are_packed() -> None:
    rng = np.random.default_rng(0)
    kinds = [rng.random((3, 101, 77)) < 0.5, rng.random((2, 7, 9)) < 0.5]
    chunks = [
        (np.array(ids), SizedFrames.of(PackedFrames.of(bits, periodic=False)))
        for ids, bits in zip(([5, 3, 9], [1, 2]), kinds, strict=True)
    ]
    small = dict(thumbnails.decode(thumbnails.encode(chunks)))
    assert list(small) == [5, 3, 9, 1, 2]
    assert small[5].shape == (50, 38)
    assert np.array_equal(small[2], 3 * kinds[1][1])
