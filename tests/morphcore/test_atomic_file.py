import os
from pathlib import Path

import pytest

from morphcore.atomic_file import atomic_write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "table.csv"
    file.write_text("old")
    return file


def test_a_file_takes_its_name_when_it_is_whole(path: Path) -> None:
    with atomic_write(path) as temporary:
        assert temporary.suffix == ".csv"
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(path: Path) -> None:
    def write() -> None:
        with atomic_write(path) as temporary:
            temporary.write_text("half of the")
            raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        write()
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_a_full_disk_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"), atomic_write(path) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_the_file_has_the_usual_permissions(path: Path) -> None:
    usual = path.stat().st_mode
    with atomic_write(path) as temporary:
        temporary.write_text("new")
    assert path.stat().st_mode == usual
