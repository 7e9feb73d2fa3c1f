import io
import os
import time
import zipfile
from pathlib import Path

import pytest

from ui.datasets import uploads


class Sent(io.BytesIO):
    def __init__(self, name: str, data: bytes):
        super().__init__(data)
        self.name = name


def test_one_file_keeps_its_name_and_bytes(store: Path):
    path = uploads.keep(store, [Sent("film_1.npy", b"123")])
    assert path.name == "film_1.npy"
    assert path.read_bytes() == b"123"
    assert uploads.folder(store) in path.parents


def test_several_files_become_a_zip_with_their_folders(store: Path):
    path = uploads.keep(store, [Sent("films/a/1.png", b"1"), Sent("films/b/1.png", b"2")])
    with zipfile.ZipFile(path) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "films/a/1.png": b"1",
            "films/b/1.png": b"2",
        }


def test_the_same_upload_is_the_same_path_and_another_is_not(store: Path):
    first = uploads.keep(store, [Sent("a.npy", b"1")])
    assert uploads.keep(store, [Sent("a.npy", b"1")]) == first
    assert uploads.keep(store, [Sent("a.npy", b"2")]) != first


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("..\\x.png", "x.png"),
        ("a/./b.png", "a/b.png"),
        ("..", "file"),
    ],
)
def test_no_name_leads_out_of_the_folder(store: Path, name: str, kept: str):
    assert str(uploads.inside(name)) == kept
    assert uploads.folder(store) in uploads.keep(store, [Sent(name, b"x")]).parents


def test_a_copy_is_forgotten_with_its_folder(store: Path):
    path = uploads.keep(store, [Sent("a.npy", b"1")])
    uploads.forget(path)
    assert not path.parent.exists()
    uploads.forget(path)  # another tab has done so already


def test_folders_of_imports_that_are_over_go_and_copies_stay_a_day(store: Path):
    over = uploads.keep(store, [Sent("a.npy", b"1")])
    over.unlink()  # as the import does with cleanup
    old, needed, new = (uploads.keep(store, [Sent("b.npy", data)]) for data in (b"1", b"2", b"3"))
    yesterday = time.time() - 25 * 3600
    for path in (over, old, needed):
        os.utime(path.parent, (yesterday, yesterday))
    uploads.sweep(store, {str(needed)})
    assert [path.exists() for path in (over.parent, old, needed, new)] == [False, False, True, True]


@pytest.mark.parametrize(
    ("names", "called"),
    [
        ([], None),
        (["film_1.npy"], "film_1"),
        (["films/a/1.png"], "films"),
        (["films/a/1.png", "films/b/1.png"], "films"),
        (["a.png", "b.png"], None),
        (["films/1.png", "b.png"], None),
        (["one/1.png", "two/1.png"], None),
    ],
)
def test_a_data_set_is_called_as_what_was_sent(names: list[str], called: str | None):
    assert uploads.usual_name([Sent(name, b"") for name in names]) == called
