"""A browser at an app that asks for the token: with the link, with the token typed, without."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import settle
from tests.intruders import serving


def test_the_link_opens_the_app_once_and_for_all(page: Page, tmp_path: Path) -> None:
    with serving(tmp_path) as app:
        here = f"http://127.0.0.1:{app.port}"
        page.goto(f"{here}/help")
        expect(page.get_by_text("This Morph asks who comes in")).to_be_visible()
        page.get_by_label("Token").fill("not the token, though it is as long")
        page.get_by_role("button", name="Come in").click()
        expect(page.get_by_text("This Morph asks who comes in")).to_be_visible()
        page.get_by_label("Token").fill(app.token)
        page.get_by_role("button", name="Come in").click()
        settle(page)  # by the WebSocket, which the cookie opens
        expect(page.get_by_test_id("stMain").get_by_role("heading").first).to_be_visible()
        assert page.url == f"{here}/help"
        page.context.clear_cookies()
        page.goto(f"{here}/?token={app.token}")
        settle(page)
        assert app.token not in page.url
