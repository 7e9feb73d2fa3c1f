"""Back in a real browser: one entry for each thing that is done, and what was seen comes back."""

from pathlib import Path

from playwright.sync_api import Page

from tests.e2e.conftest import serving, settle
from tests.factory import add_run, build_store

QUIET_MS = 600  # in which a page that has settled writes nothing more into its address


class Walk:
    """A walk over pages: the addresses that were seen, one for each act."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.entries = self._length()
        self.seen = [self.address]

    @property
    def address(self) -> str:
        return str(self.page.evaluate("location.pathname + location.search"))

    def _length(self) -> int:
        return int(self.page.evaluate("history.length"))

    def rest(self) -> None:
        settle(self.page)
        self.page.wait_for_timeout(QUIET_MS)
        settle(self.page)

    def acted(self) -> None:
        """One act has made one entry."""
        self.rest()
        self.entries += 1
        assert self._length() == self.entries, self.address
        self.seen.append(self.address)

    def go_to(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()
        self.acted()

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_role("combobox", name=label).first.click()
        self.page.get_by_role("option", name=option).first.click()
        self.acted()

    def back(self) -> None:
        """Back leads to the address before, as it was when it was left."""
        self.seen.pop()
        self.page.go_back(wait_until="commit")
        self.rest()
        assert self.address == self.seen[-1]
        assert self._length() == self.entries


def chosen(page: Page, label: str) -> str:
    return page.get_by_role("combobox", name=label).first.input_value()


def test_back_walks_through_the_pages_as_they_were(store: Path, page: Page) -> None:
    made = build_store(store, trajectories_count=4, frames=8, model=True)
    add_run(made, "newer")
    with serving(store) as app:
        page.goto(app.url)
        settle(page)
        page.goto(f"{app.url}/quality")  # the pages that fill in their address make no entry of it
        settle(page)
        walk = Walk(page)
        walk.rest()
        walk.seen = [walk.address]
        assert walk._length() == walk.entries
        for name in ("Train", "Data", "Model", "Compare", "Trajectories", "Map"):
            walk.go_to(name)
        for address in reversed(walk.seen[:-1]):
            walk.back()
            assert walk.address == address
