"""Limits of an import are checked before they are reached."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from morphcore.readers.files.listing import in_memory, sha256
from morphcore.readers.limits import DEFAULT_LIMITS, UPLOAD_LIMITS, ReadLimits
from morphcore.readers.read import look, read
from morphcore.readers.results import TooLong, UnreadableFrame
from morphcore.readers.stacks import has_one_frame, stacks


def animation(side: int, frames: int, ending: str = "gif") -> bytes:
    rng = np.random.default_rng(0)
    pages = [
        Image.fromarray(rng.integers(0, 2, (side, side)).astype(np.uint8) * 255)
        for _ in range(frames)
    ]
    out = BytesIO()
    pages[0].save(out, format=ending.upper(), save_all=True, append_images=pages[1:])
    return out.getvalue()


def test_an_animation_of_a_huge_canvas_is_refused_by_its_header() -> None:
    small = ReadLimits(animated_pixels=1000)
    data = in_memory(animation(40, 5), "a.gif")
    with pytest.raises(UnreadableFrame, match=r"animation of 40 x 40 pixels.*up to 1,000"):
        list(stacks("pages", data, limits=small))
    single = in_memory(animation(40, 1), "a.gif")
    assert len(list(stacks("pages", single, limits=small))) == 1


@pytest.mark.parametrize("ending", ["gif", "webp"])
def test_progress_is_reported_at_every_frame_that_is_counted(ending: str) -> None:
    shares: list[float] = []
    (stack,) = (
        (each.values.shape[0], len(shares))  # type: ignore[union-attr]
        for each in stacks(
            "pages", in_memory(animation(40, 9, ending), f"a.{ending}"), shares.append
        )
    )
    assert stack[0] == 9
    assert stack[1] >= 9
    assert shares == sorted(shares)
    assert max(shares) <= 1.0


def test_whether_a_file_has_one_frame_is_known_without_counting_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object) -> Iterator[object]:
        raise AssertionError("it was read")

    monkeypatch.setattr("morphcore.readers.pictures.images.page_values", never)
    assert not has_one_frame("pages", in_memory(animation(40, 5), "a.gif"))
    assert has_one_frame("pages", in_memory(animation(40, 1), "a.gif"))
    assert has_one_frame("pages", in_memory(b"GIF89a", "a.gif"))
    assert has_one_frame("pages", in_memory(b"", "a.gif"))


class Enough(BaseException):
    pass


def test_a_stop_is_heard_while_a_file_is_hashed() -> None:
    def stop(_share: float) -> None:
        raise Enough

    with pytest.raises(Enough):
        sha256(in_memory(b"frame", "a.npy"), stop)


def test_an_upload_ends_when_its_time_is_over_or_would_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(path := tmp_path / "film.npy", np.tile(np.eye(20), (4, 2, 2)))
    hours = iter(range(10**6))
    monkeypatch.setattr("morphcore.readers.found.time.monotonic", lambda: 3600.0 * next(hours))
    with pytest.raises(TooLong, match=r"more than 60 minutes.*as a path on the machine"):
        look(path, limits=UPLOAD_LIMITS)
    with pytest.raises(TooLong):
        list(read(path, limits=UPLOAD_LIMITS))
    assert len(look(path).trajectories) == 1  # of a path the time is free
    with pytest.raises(TooLong):
        UPLOAD_LIMITS.check_time(300.0, 0.03)  # it would take three hours
    UPLOAD_LIMITS.check_time(300.0, 0.1)
    UPLOAD_LIMITS.check_time(30.0, 0.001)  # too early to tell
    DEFAULT_LIMITS.check_time(1e9, 0.001)
