"""WCAG 2.2 AA by axe-core on every page, in both themes and at 200 % zoom; nothing from elsewhere.

Every control of a page's bar is within ten Tabs of its picture, to which the first stop leads.

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

# The bars of a page's picture, whose controls are within so many Tabs of it.
BARS = {
    "trajectories": ".controls",
    "map": ".st-key-map_bar",
}
TABS = 10
# Numbers the controls of bars, and keeps what has the focus as the picture; the controls' names.
CONTROLS = """bars => {
  const all = (root, selector) => [...root.querySelectorAll(selector),
    ...[...root.querySelectorAll("*")].flatMap(e => e.shadowRoot ? all(e.shadowRoot, selector)
      : [])]
  window.focused = () => {
    let at = document.activeElement
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
    return at
  }
  window.picture = window.focused()
  const stop = e => e.tabIndex >= 0 && !e.disabled && e.checkVisibility() &&
    (e.type !== "radio" || e.checked)
  return all(document, bars)
    .flatMap(bar => all(bar, "a[href], button, input, select, textarea, [tabindex]"))
    .filter(stop)
    .map((each, number) => {
      each.dataset.control = number
      return each.getAttribute("aria-label") || each.innerText || each.tagName
    })
}"""
CONTROL = "() => Number(window.focused().dataset.control ?? -1)"


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
            if name in BARS:
                found += [f"{name}: {each} is far" for each in far_controls(page, BARS[name])]
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


def far_controls(page: Page, bars: str) -> list[str]:
    """The controls of a page's bars that are more Tabs from its picture than there may be."""
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Skip to the picture")).to_be_focused()
    page.keyboard.press("Enter")
    names: list[str] = page.evaluate(CONTROLS, bars)
    assert names
    seen = set()
    for key in ("Tab", "Shift+Tab"):
        page.evaluate("() => window.picture.focus()")
        for _ in range(TABS):
            page.keyboard.press(key)
            seen.add(page.evaluate(CONTROL))
    return [name for number, name in enumerate(names) if number not in seen]


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
