"""WCAG 2.2 AA by axe-core on every page, in both themes and at 200 % zoom; nothing from elsewhere.

axe-core's script comes with a package; the browser asks no other machine for anything.
"""

from importlib import resources
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from store import evaluations
from store.db import open_store
from tests.e2e.conftest import serving, settle
from tests.evaluated import evaluation
from tests.factory import build_store

PAGES = ("", "data", "train", "tune", "trajectories", "map", "compare", "model", "quality", "help")
WHAT = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
# Rules that Streamlit's own markup breaks, each with why; docs/accessibility.md has them too.
STREAMLITS_OWN: dict[str, str] = {}
AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()

# What the keyboard is on, and whether one sees that: an outline, a shadow or a border of its own,
# on it or on the frame that Streamlit draws round it.
FOCUS = r"""() => {
  let at = document.activeElement
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
  const seen = (node) => {
    const style = getComputedStyle(node)
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) ||
      style.boxShadow !== "none"
  }
  const near = [at, ...[1, 2, 3].map(() => (at = at?.parentElement))].filter(Boolean)
  const on = near[0]
  const name = on.getAttribute("aria-label") ?? on.innerText ?? ""
  const what = `${on.tagName} ${on.dataset?.testid ?? ""} ${name.slice(0, 40)}`
  return [on === document.body || near.some(seen), what.replaceAll("\n", " ")]
}"""


def test_every_page_meets_wcag_and_asks_no_other_machine(store: Path, page: Page) -> None:
    made = build_store(store, trajectories_count=4, model=True)
    with open_store(store) as db:
        evaluations.add(db, made.checkpoint_id, evaluation())
    foreign: list[str] = []
    found: list[str] = []
    with serving(store) as app:
        page.on(
            "request",
            lambda sent: (
                None
                if sent.url.startswith((app.url, "data:", "blob:"))
                else foreign.append(sent.url)
            ),
        )
        for name in PAGES:
            page.set_viewport_size({"width": 1440, "height": 900})
            page.emulate_media(color_scheme="light")
            page.goto(f"{app.url}/{name}")
            settle(page)
            expect(page.get_by_role("heading", level=1)).to_have_count(1)
            page.evaluate(AXE)
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                page.wait_for_timeout(300)
                found += [f"{name} {theme}: {each}" for each in violations(page)]
            assert not unnamed(page), name
            if name == "quality":  # what opens over a page is alike on all
                page.get_by_role("button", name="About").click()
                expect(page.get_by_text("held-out −ELBO").first).to_be_visible()
                found += [f"{name}, About: {each}" for each in violations(page)]
                page.keyboard.press("Escape")
            for _ in range(24):
                page.keyboard.press("Tab")
                visible, what = page.evaluate(FOCUS)
                found += [] if visible else [f"{name}: no visible focus on {what}"]
            page.set_viewport_size({"width": 720, "height": 450})  # 200 % of 1440 x 900
            page.wait_for_timeout(300)
            wide = page.get_by_test_id("stMain").evaluate("node => node.scrollWidth")
            found += [] if wide <= 720 else [f"{name}: {wide} px wide at 200 %"]
    assert not found, "\n".join(found)
    assert not foreign, foreign


def violations(page: Page) -> list[str]:
    """What axe-core finds, but for what Streamlit alone can mend: a line a node."""
    report: dict[str, Any] = page.evaluate("what => axe.run(document, what)", WHAT)
    return [
        f"{rule['id']} {node['target']} {node['html'][:120]} {node['failureSummary'][:300]}"
        for rule in report["violations"]
        if rule["id"] not in STREAMLITS_OWN
        for node in rule["nodes"]
    ]


def unnamed(page: Page) -> list[str]:
    """The charts that tell a screen reader nothing of what they show."""
    charts = page.get_by_test_id("stVegaLiteChart").all()
    names = [
        chart.evaluate(
            "node => (node.closest('[aria-label]') ?? node.querySelector('[aria-label]'))"
            "?.getAttribute('aria-label') ?? ''"
        )
        for chart in charts
    ]
    return [name for name in names if not name.strip()]
