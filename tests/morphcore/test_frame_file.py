"""Frames that lie in a file: the same as in memory."""

import shutil
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from morphcore import frame_file
from morphcore.frame_file import FrameFile, NoRoom, chunks, of_rows, put, several

GRAY = np.random.default_rng(0).integers(0, 256, (7, 9, 11)).astype(np.uint8)


@pytest.mark.parametrize("held_bytes", [0, 10**6])
def test_frames_are_the_same_in_a_file_and_in_memory(tmp_path: Path, held_bytes: int) -> None:
    one, other = several(2, GRAY.shape, folder=tmp_path, held_bytes=held_bytes)
    assert isinstance(one, FrameFile) == (held_bytes == 0)
    for row in (3, 0, 6, 1, 5, 2, 4):
        put(one, row, GRAY[row])
        put(other, row, 255 - GRAY[row])
    assert list(tmp_path.iterdir()) == []  # it has no name
    for frames, expected in ((one, GRAY), (other, 255 - GRAY)):
        assert (len(frames), frames.shape) == (7, GRAY.shape)
        assert np.array_equal(frames, expected)
        assert np.array_equal(frames[2:5], expected[2:5])
        assert np.array_equal(frames[-1], expected[-1])
        turned = of_rows(of_rows(frames, np.array([6, 1, 4])), np.array([2, 0]))
        assert np.array_equal(turned, expected[[4, 6]])
        assert np.array_equal(np.concatenate([part for _, part in chunks(frames)]), expected)


def test_no_room_is_said_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 0, 10**6))
    with pytest.raises(NoRoom, match=r"need 95 MB .* has 1 MB left; free some space"):
        several(1, (1000, 250, 400), folder=tmp_path, held_bytes=0)


def test_a_chunk_of_large_frames_is_short() -> None:
    assert frame_file.chunk_length((100, 400)) == 32
    assert frame_file.chunk_length((2048, 2048)) == 1
