"""Drawings and uploads come back by their keys, and no more are kept than the bounds say."""

from pathlib import Path

import numpy as np
import pytest

from store import asked_frames, row_checksums
from store.asked_frames import Drawing, Upload
from store.db import open_store

RNG = np.random.default_rng(0)


def drawn(shape: tuple[int, int] = (100, 400), *, periodic: bool = True) -> Drawing:
    return Drawing(RNG.random(shape) > 0.5, periodic)


@pytest.mark.parametrize("shape", [(100, 400), (17, 19)])
def test_a_drawing_comes_back_as_it_was(store: Path, shape: tuple[int, int]) -> None:
    one = drawn(shape, periodic=False)
    with open_store(store) as db:
        key = asked_frames.add_drawing(db, one)
    with open_store(store) as db:
        again = asked_frames.drawing(db, key)
    assert again is not None
    np.testing.assert_array_equal(again.bits, one.bits)
    assert again.periodic is False
    assert key == asked_frames.drawing_key(again)


def test_a_damaged_drawing_is_none(store: Path) -> None:
    with open_store(store) as db:
        key = asked_frames.add_drawing(db, drawn())
        for content in (b"nothing packed", b"x\x9c\x03\x00\x00\x00\x00\x01"):
            db.execute("UPDATE asked_frames SET content = ? WHERE key = ?", [content, key])
            assert asked_frames.drawing(db, key) is None


def test_a_key_is_of_the_content(store: Path) -> None:
    one = drawn()
    other = Drawing(one.bits, not one.periodic)
    with open_store(store) as db:
        keys = [asked_frames.add_drawing(db, each) for each in (one, other, one)]
        assert db.conn.execute("SELECT count(*) FROM asked_frames").fetchone()[0] == 2
    assert keys[0] == keys[2] != keys[1]


def test_an_upload_comes_back_and_one_that_is_too_large_is_not_kept(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Upload("a film.png", b"\x89PNG and more")
    with open_store(store) as db:
        key = asked_frames.add_upload(db, one)
        assert key is not None
        assert asked_frames.upload(db, key) == one
        assert asked_frames.drawing(db, key) is None
        assert asked_frames.upload(db, "0" * 24) is None
        monkeypatch.setattr(asked_frames, "LARGEST", 4)
        assert asked_frames.add_upload(db, one) is None


def test_what_was_not_looked_at_for_longest_goes_first(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(100))
    monkeypatch.setattr(asked_frames, "time", lambda: float(next(clock)))
    monkeypatch.setattr(asked_frames, "MOST", 3)
    with open_store(store) as db:
        keys = [asked_frames.add_drawing(db, drawn()) for _ in range(3)]
        asked_frames.mark_used(db, keys[0])
        keys.append(asked_frames.add_drawing(db, drawn()))
        left = [asked_frames.drawing(db, key) is not None for key in keys]
        assert left == [True, False, True, True]
        monkeypatch.setattr(asked_frames, "MOST_BYTES", 20)
        key = asked_frames.add_upload(db, Upload("a", b"0123456789"))
        assert key is not None
        assert asked_frames.upload(db, key) is not None
        assert db.conn.execute("SELECT count(*) FROM asked_frames").fetchone()[0] == 1
        assert not list(row_checksums.mismatches(db, "asked_frames"))
