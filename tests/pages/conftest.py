"""A page is opened many times: the store of `made` is built once, and each test has a copy."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.factory import Made, build_store


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return build_store(tmp_path_factory.mktemp("template") / "morph.sqlite")


@pytest.fixture
def made(template: Made, store: Path) -> Made:
    """A store with a data set, a run, latents and maps, of this test alone."""
    shutil.copyfile(template.path, store)
    return replace(template, path=store)
