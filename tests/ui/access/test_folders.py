"""Which paths of the server a page may import."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ui.access import folders


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A named folder, with links in it, beside one that is not named; the app is served wider."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "frame.png").write_bytes(b"x")
    (tmp_path / "shared" / "film.png").write_bytes(b"x")
    (tmp_path / "shared" / "out").symlink_to(tmp_path / "secret")
    (tmp_path / "shared" / "out.png").symlink_to(tmp_path / "secret" / "frame.png")
    (tmp_path / "shared" / "within.png").symlink_to(tmp_path / "shared" / "film.png")
    (tmp_path / "by another name").symlink_to(tmp_path / "shared")
    monkeypatch.setenv("MORPH_ACCESS", "proxy")
    monkeypatch.setenv(folders.VARIABLE, f"{tmp_path / 'by another name'}:relative:")
    return tmp_path


def test_on_loopback_every_path_may_be_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MORPH_ACCESS", raising=False)
    monkeypatch.setenv(folders.VARIABLE, str(tmp_path))
    assert folders.some()
    assert folders.may_be_imported(Path("/etc"))


def test_wider_none_may_where_no_folder_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MORPH_ACCESS", "token")
    monkeypatch.delenv(folders.VARIABLE, raising=False)
    assert not folders.some()
    assert not folders.may_be_imported(tmp_path)


def test_wider_only_what_really_lies_in_a_named_folder_may(lab: Path) -> None:
    inside = ["shared", "shared/film.png", "shared/within.png", "by another name/film.png"]
    outside = ["secret", "shared/out", "shared/out/frame.png", "shared/out.png", "shared/../secret"]
    outside += ["", "shared2", "shared/\0", "/etc/passwd"]
    assert folders.named() == ((lab / "shared").resolve(),)
    assert [name for name in inside if not folders.may_be_imported(lab / name)] == []
    assert [name for name in outside if folders.may_be_imported(lab / name)] == []


def _form() -> None:
    from pathlib import Path

    import streamlit as st

    from ui.datasets import import_source

    way = import_source.way()
    source = import_source.choose(Path("unused"), way) if way == "path" else None
    st.text(f"{way} {source.path if source else None}")


def test_the_form_takes_a_named_path_and_does_not_tell_what_is_elsewhere(lab: Path) -> None:
    page = AppTest.from_function(_form).run()
    for elsewhere in ("secret", "not there"):
        page.text_input(key="import_path").set_value(str(lab / elsewhere)).run()
        assert page.warning[0].value.startswith("That path may not be imported here")
        assert page.text[0].value == "path None"
    page.text_input(key="import_path").set_value("~nobody-of-that-name").run()
    assert page.warning[0].value.startswith("That path may not be imported here")
    page.text_input(key="import_path").set_value(str(lab / "shared")).run()
    assert page.text[0].value == f"path {(lab / 'shared').resolve()}"


def test_without_named_folders_the_form_takes_uploads_alone(
    lab: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lab
    monkeypatch.delenv(folders.VARIABLE)
    page = AppTest.from_function(_form).run()
    assert page.text[0].value == "files None"
    assert page.segmented_control(key="import_from").options == ["Upload files", "Upload a folder"]
