"""What a browser makes of hostile names: it asks no other host, and shows no link to one."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import App, serving, settle
from tests.hostile import HOST, build_hostile

PAGES = ("data?dataset=2", "train?run=1", "trajectories?frame=30", "compare?frame=30&with=60")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    path = tmp_path_factory.mktemp("hostile") / "morph.sqlite"
    build_hostile(path)
    with serving(path) as running:
        yield running


@pytest.mark.parametrize("address", PAGES)
def test_a_name_reaches_no_other_host(app: App, page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{app.url}/{address}")
    settle(page)
    assert not [url for url in asked if HOST in url]
    assert page.locator(f'[href*="{HOST}"], [src*="{HOST}"]').count() == 0
    assert page.locator('[href^="mailto:"]').count() == 0
