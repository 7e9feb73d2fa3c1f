"""Back in a real browser: one entry for each thing that is done, and what was seen comes back."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import serving, settle
from tests.factory import add_run, build_store

QUIET_MS = 300  # in which a page that has settled writes nothing more into its address


class Walk:
    """A walk over pages: the addresses that were seen, one for each act."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.rest()
        self.entries = self._length()
        self.seen = [self.address]

    @property
    def address(self) -> str:
        return str(self.page.evaluate("location.pathname + location.search"))

    def _length(self) -> int:
        return int(self.page.evaluate("history.length"))

    def rest(self) -> None:
        settle(self.page, QUIET_MS)

    def act(self, target: Locator) -> None:
        """One click makes one entry."""
        target.click()
        self.rest()
        self.entries += 1
        assert self._length() == self.entries, self.address
        self.seen.append(self.address)

    def go_to(self, name: str) -> None:
        self.act(self.page.get_by_role("link", name=name, exact=True).first)

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_role("combobox", name=re.compile(label)).first.click()
        self.act(self.page.get_by_role("option", name=re.compile(option)).first)

    def back(self) -> None:
        """Back leads to the address before, as it was when it was left."""
        self.seen.pop()
        self.page.go_back(wait_until="commit")
        self.rest()
        assert self.address == self.seen[-1]
        assert self._length() == self.entries


def test_back_walks_through_the_pages_as_they_were(store: Path, page: Page) -> None:
    made = build_store(store, trajectories_count=4, frames=8, model=True, preset="two-level")
    add_run(made, "newer")
    along_time = page.get_by_role("radio", name="Time", exact=True)
    two_frames = page.get_by_role("radio", name=re.compile("Two frames"))
    with serving(store) as app:
        page.goto(app.url)
        settle(page)
        walk = Walk(page)
        walk.go_to("Data")
        walk.go_to("Train")
        walk.act(page.get_by_text("Time", exact=True).first)
        walk.choose("Run", "-1 on blobs")
        walk.go_to("Model")
        walk.act(page.get_by_text("Between two frames", exact=True).first)
        walk.go_to("Trajectories")
        walk.choose("Trajectory", "phi0.520-chi2.8")
        walk.go_to("Map")
        walk.go_to("Compare")
        walk.act(page.get_by_text("Two frames", exact=False).first)
        walk.act(page.get_by_text("Nearest frames", exact=False).first)
        walk.go_to("Quality")
        walk.go_to("Help")
        while len(walk.seen) > 1:
            walk.back()
            if walk.address.startswith("/train"):
                expect(along_time).to_be_checked(checked="along=time" in walk.address)
            elif walk.address.startswith("/compare"):
                expect(two_frames).to_be_checked(checked="what=two" in walk.address)
        assert walk.address == "/"
        page.go_forward(wait_until="commit")
        walk.rest()
        assert walk.address.startswith("/data?dataset=")
