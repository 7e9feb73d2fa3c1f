"""The installed project holds what the checkout does: every room, and the files beside modules."""

import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
NOT_INSTALLED = {"tests", "benchmarks", "examples"}


def rooms() -> set[str]:
    """Folders of modules at the top."""
    return {path.parent.name for path in ROOT.glob("[!.]*/*.py")} - NOT_INSTALLED


def test_every_room_is_installed() -> None:
    included = SETUPTOOLS["packages"]["find"]["include"]
    # "morph*" would be morphcore, too.
    assert {pattern.removesuffix("*").removesuffix(".") for pattern in included} == rooms()


def test_files_beside_modules_are_installed() -> None:
    patterns = SETUPTOOLS["package-data"]["*"]
    files = [
        path
        for room in rooms()
        for path in (ROOT / room).rglob("*.*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    ]
    assert any(path.suffix == ".js" for path in files)
    assert [path for path in files if not any(fnmatch(path.name, each) for each in patterns)] == []
