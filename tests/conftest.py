"""Fixtures shared by all tests: every test has a store of its own."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

# Before NumPy and torch are imported: on busy cores their threads mostly wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest

from store.db import checkpoints_folder
from tests.factory import Made, build_store


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What lies under e2e/ drives a browser; `-m "not browser"` leaves it out."""
    for item in items:
        if "e2e" in Path(str(item.fspath)).parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(autouse=True)
def _own_main() -> Iterator[None]:
    """A page under test is run as `__main__`; processes that later tests start would import it."""
    own = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = own


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The path of a store that does not exist yet."""
    return tmp_path / "morph.sqlite"


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return build_store(tmp_path_factory.mktemp("template") / "morph.sqlite")


@pytest.fixture
def made(store: Path, _template: Made) -> Made:
    """A store with a data set, a run, latents and maps: a copy, so that a test may change it."""
    shutil.copyfile(_template.path, store)
    shutil.copytree(checkpoints_folder(_template.path), checkpoints_folder(store))
    return replace(_template, path=store)
