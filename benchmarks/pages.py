"""Seconds until a page is there, and until it has answered a click: python -m benchmarks.pages

    python -m benchmarks.pages --store PATH [--loads 20] [--page Map]

Every page of `VISITS` is opened in headless Chromium on a store. *First* is its first load by a
server that has only just started: modules are imported and caches filled. *Warm* are the loads
after it, each a session of its own, by the same server in the same browser. A page is there when
its main content is drawn (`there`) and its script has ended. The clock of a click starts at the
page's pointerdown event and stops at the first screen refresh at which the content is another
(or `answer` is there) and the script has ended. Goals: 2 s and 0.5 s.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from playwright.sync_api import BrowserContext, Locator, Page, sync_playwright

from store import current_run, projections, runs
from store.db import open_store
from tests.e2e import vega
from tests.e2e.conftest import CHROMIUM, FLAGS, IDLE, serving, settle

LOAD_GOAL, CLICK_GOAL = 2.0, 0.5  # seconds
PATIENCE = 60.0  # seconds
CHART = '[data-testid="stVegaLiteChart"] :is(canvas, svg)'
IMAGE = '[data-testid="stImage"] img'
TABLE = '[data-testid="stDataFrame"] canvas'


class Visit(NamedTuple):
    """A page, what of it must be there, and one typical click."""

    page: str
    path: str
    there: tuple[str, int]  # a selector, and how many of it there are at least
    click: str  # in words
    where: Callable[[Page], Locator] | None  # what is clicked; None: a point of the map
    answer: str = ""  # a selector; empty: the text of the page has changed


def _button(name: str) -> Callable[[Page], Locator]:
    return lambda page: page.get_by_test_id("stMain").get_by_role("button", name=name).first


def _option(name: str) -> Callable[[Page], Locator]:
    return lambda page: page.get_by_test_id("stButtonGroup").get_by_text(name, exact=True)


def _link(name: str) -> Callable[[Page], Locator]:
    return lambda page: page.get_by_test_id("stMain").get_by_role("link", name=name).first


def _to(title: str) -> Callable[[Page], Locator]:
    return lambda page: page.get_by_test_id("stTopNavLink").filter(has_text=title)


# Every page, in the order of the navigation.
VISITS = (
    Visit("Overview", "/", (IMAGE, 10), "to Help", _to("Help")),
    Visit("Data", "/data", (f"{TABLE}, {IMAGE}", 12), "zoo of physics", _option("Zoo of physics")),
    Visit("Train", "/train", (CHART, 4), "curves along time", _option("Time")),
    Visit(
        "Trajectories",
        "/trajectories",
        (f"canvas, {IMAGE}", 2),
        "next frame",
        _button("One frame forward"),
        'a[href$="compare?frame=2"]',  # the ways on lead from that frame
    ),
    Visit("Map", "/map", (CHART, 1), "a point", None, f".st-key-map_frame {IMAGE}"),
    Visit("Compare", "/compare", (IMAGE, 6), "its nearest one's own", _link("Similar")),
    Visit("Model", "/model", (IMAGE, 2), "another frame", _button("Random frame")),
    Visit("Quality", "/quality", (f"{CHART}, {IMAGE}", 30), "other queries", _button("Others")),
    Visit("Help", "/help", ("p strong", 20), "to Overview", _to("Overview")),
)
# The player draws in a shadow root, into which a selector does not look by itself.
_READY = f"""([there, count]) => {{
  if (!document.querySelector('{IDLE}')) return false;
  const all = root => [...root.querySelectorAll(there), ...[...root.querySelectorAll('*')]
    .flatMap(each => each.shadowRoot ? all(each.shadowRoot) : [])];
  const drawn = each => each.tagName !== 'IMG' || each.complete && each.naturalWidth;
  return all(document).filter(drawn).length >= count;
}}"""
_WATCH = f"""(answer) => {{
  const main = () => document.querySelector('[data-testid="stMain"]').textContent;
  const before = main();
  window.__seconds = null;
  window.addEventListener('pointerdown', () => {{
    const begun = performance.now();
    const look = () => {{
      const found = answer ? document.querySelector(answer) : null;
      const changed = answer ? found && found.complete !== false : main() !== before;
      if (changed && document.querySelector('{IDLE}'))
        window.__seconds = (performance.now() - begun) / 1000;
      else requestAnimationFrame(look);
    }};
    look();
  }}, {{capture: true, once: true}});
}}"""


class Times(NamedTuple):
    """The load and click times of a page, in seconds."""

    first: float
    warm: list[float]
    clicks: list[float]


def measure(store: Path, visit: Visit, loads: int, context: BrowserContext) -> Times:
    """Time the loads of a page by a server of its own, and a click after every warm load."""
    warm, clicks = [], []
    with serving(store) as app:
        address = f"{app.url}{visit.path}"
        first, page = _load(context, address, visit)
        page.close()
        for _ in range(loads):
            seconds, page = _load(context, address, visit)
            warm.append(seconds)
            settle(page)
            clicks.append(_click(page, store, visit))
            page.close()
    return Times(first, warm, clicks)


def _load(context: BrowserContext, address: str, visit: Visit) -> tuple[float, Page]:
    page = context.new_page()
    begun = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(_READY, arg=list(visit.there), timeout=PATIENCE * 1000)
    return time.perf_counter() - begun, page


def _click(page: Page, store: Path, visit: Visit) -> float:
    if visit.where is None:
        vega.ready(page)
        page.locator(vega.CHART).scroll_into_view_if_needed()
        (spot,) = vega.pixels(page, [_point(store)])
        page.evaluate(_WATCH, visit.answer)
        page.mouse.click(*spot)
    else:
        target = visit.where(page)
        target.scroll_into_view_if_needed()
        page.evaluate(_WATCH, visit.answer)
        target.click()
    page.wait_for_function("() => window.__seconds !== null", timeout=PATIENCE * 1000)
    return float(page.evaluate("window.__seconds"))


def _point(store: Path) -> tuple[float, float]:
    """The coordinates of a point of the map that the page opens: the current model's largest."""
    with open_store(store) as db:
        current = current_run.of(db)
        if current is None:
            sys.exit(f"{store} has no indexed model.")
        indexed = runs.indexed(db, current).index.checkpoint_id
        maps = projections.of_checkpoint(db, indexed)
        largest = max(maps, key=lambda drawn: (drawn.points, drawn.config.method == "tsne"))
        points = projections.points(db, largest.id)
    x, y = points.coords[len(points.coords) // 2].tolist()
    return x, y


def _row(name: str, times: Times, click: str) -> str:
    load, load_high = statistics.median(times.warm), float(np.percentile(times.warm, 95))
    answer, answer_high = statistics.median(times.clicks), float(np.percentile(times.clicks, 95))
    kept = "yes" if load <= LOAD_GOAL and answer <= CLICK_GOAL else "no"
    return (
        f"{name:13}{times.first:7.2f}{load:9.2f}{load_high:7.2f}{answer:9.2f}{answer_high:7.2f}"
        f"   {kept:5}{click}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--store", type=Path, required=True, help="with a judged, mapped model")
    parser.add_argument("--loads", type=int, default=20, help="warm loads, and clicks, of each")
    parser.add_argument("--page", choices=[visit.page for visit in VISITS], help="this one alone")
    options = parser.parse_args()
    if CHROMIUM is None:
        sys.exit("no Chromium: sudo apt-get install chromium")
    print(
        f"Seconds; {options.loads} warm loads a page. Goals: load {LOAD_GOAL}, click {CLICK_GOAL}."
    )
    print("             first   warm: med    95 %  click: med 95 %   kept  the click")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(viewport={"width": 1440, "height": 1200})
        for visit in VISITS:
            if options.page in (None, visit.page):
                times = measure(options.store.resolve(), visit, options.loads, context)
                print(_row(visit.page, times, visit.click), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
