import os
import threading
from pathlib import Path
from typing import Any

import pytest

from morphcore.readers import read
from morphcore.readers.look import ImportLook
from morphcore.readers.options import DEFAULT_OPTIONS
from tests.looks import film, looked
from ui.cached import looks


@pytest.fixture(autouse=True)
def _fresh():
    looks._looking.clear()


def test_a_mark_changes_with_what_lies_in_a_folder(tmp_path: Path):
    (tmp_path / "a").mkdir()
    file = tmp_path / "a" / "f_0.png"
    file.write_bytes(b"1")
    seen = [looks.mark(tmp_path)]
    assert looks.mark(tmp_path) == seen[0]
    file.write_bytes(b"22")
    seen.append(looks.mark(tmp_path))
    os.utime(file, (1, file.stat().st_mtime + 10))
    seen.append(looks.mark(tmp_path))
    (tmp_path / "a" / "f_1.png").write_bytes(b"")
    seen.append(looks.mark(tmp_path))
    assert len(set(seen)) == 4
    assert looks.mark(tmp_path / "missing") == ""


def test_what_was_looked_at_is_kept_by_path_mark_and_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(read, "look", lambda *_, **__: looked(film("a")))
    first = looks.looking(tmp_path, "1", DEFAULT_OPTIONS)
    assert first.wait(10)
    assert first.look is not None
    assert looks.looking(tmp_path, "1", DEFAULT_OPTIONS) is first
    assert looks.looking(tmp_path, "2", DEFAULT_OPTIONS) is not first


@pytest.mark.parametrize("why", ["stopped", "abandoned"])
def test_a_look_that_nobody_wants_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str):
    ended, tick = threading.Event(), threading.Event()

    def look(*_: Any, progress: Any, **__: Any) -> ImportLook:
        try:
            while True:
                tick.wait(0.01)
                progress(0.5)
        except Exception:  # as a reader does that rejects a file, whatever is wrong with it
            return looked(film("a"))
        finally:
            ended.set()

    monkeypatch.setattr(read, "look", look)
    if why == "abandoned":
        monkeypatch.setattr(looks, "_ABANDONED_SECONDS", 0.05)
    looking = looks.looking(tmp_path, "1", DEFAULT_OPTIONS)
    if why == "stopped":
        looking.stop()
    assert ended.wait(10)
    assert looking.wait(10)
    assert looking.stopped
    assert looking.look is None
    again = looks.looking(tmp_path, "1", DEFAULT_OPTIONS)
    assert again is not looking  # asked for once more, it is begun anew
    again.stop()
