"""Frames of the map while it is zoomed and panned: python -m benchmarks.map_frames --store PATH

Opens the map of most points in headless Chromium without a GPU. A frame is the time between two
screen refreshes, in milliseconds, while the wheel turns and while the map is dragged. Beside it, in
seconds: from a click to a picture in the panel, from hover to the thumbnail, and from the choice of
a colour to the map in it. Prints JSON, with the machine's load while it was measured.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.map_click import largest
from store import projections
from store.db import open_store
from tests.e2e import vega
from tests.e2e.conftest import CHROMIUM, FLAGS, serving, settle

COLOURS = ("Domain size L", "Interaction χ", "Blend ratio φ", "Time")
_RECORD = """() => {
  window.__frames = []; window.__recording = true;
  let before = performance.now();
  const look = () => {
    const now = performance.now();
    window.__frames.push(now - before);
    before = now;
    if (window.__recording) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
_STOP = "() => { window.__recording = false; return window.__frames; }"
# A canvas is looked at on a small grid: another colour is on it when that differs and stands still.
_SNAP = """() => {
  const canvas = document.querySelector('[data-testid="stVegaLiteChart"] canvas');
  const small = document.createElement('canvas');
  small.width = 96; small.height = 64;
  const pen = small.getContext('2d', {willReadFrequently: true});
  pen.drawImage(canvas, 0, 0, 96, 64);
  return pen.getImageData(0, 0, 96, 64).data.join();
}"""
_HOVERED = """() => {
  const find = root => [...root.querySelectorAll('*')].some(each =>
    (each.matches('.hover') && !each.hidden && each.dataset.drawn) ||
    (each.shadowRoot && find(each.shadowRoot)));
  return find(document);
}"""


def measure(store: Path, repeats: int) -> dict[str, Any]:
    """Measure on a store that is served here; see the module."""
    run_id, stored = largest(store)
    with open_store(store) as db:
        coords = [(x, y) for x, y in projections.points(db, stored.id).coords.tolist()]
    load = os.getloadavg()[0]
    with serving(store) as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        begun = time.perf_counter()
        page.goto(f"{app.url}/map?run={run_id}&map={stored.id}")
        vega.ready(page, stored.points)
        loaded = time.perf_counter() - begun
        settle(page)
        page.wait_for_timeout(6000)
        page.locator(vega.CHART).scroll_into_view_if_needed()
        result = {
            "points": stored.points,
            "first_load_s": round(loaded, 2),
            "zoom_ms": _frames(page, _zoom),
            "pan_ms": _frames(page, _pan),
            "hover_s": _hover(page, coords, repeats),
            "click_s": _click(page, coords, repeats),
            "colour_s": [_colour(page, name) for name in COLOURS],
            "load": [round(load, 2), round(os.getloadavg()[0], 2)],
        }
        browser.close()
    return result


def _frames(page: Page, gesture: Any) -> dict[str, float]:
    page.mouse.move(*_middle(page))
    page.wait_for_timeout(500)
    page.evaluate(_RECORD)
    gesture(page)
    page.wait_for_timeout(700)  # what comes after the last event counts, too
    frames = page.evaluate(_STOP)[1:]
    settle(page)
    return {
        "median": round(statistics.median(frames), 1),
        "p95": round(sorted(frames)[int(0.95 * len(frames))], 1),
        "worst": round(max(frames), 1),
        "frames": len(frames),
    }


def _zoom(page: Page) -> None:
    for turn in (-120, 120):
        for _ in range(30):
            page.mouse.wheel(0, turn)
            page.wait_for_timeout(16)


def _pan(page: Page) -> None:
    x, y = _middle(page)
    page.mouse.down()
    for step in range(60):
        page.mouse.move(x + 4 * min(step, 60 - step), y + 2 * min(step, 60 - step))
        page.wait_for_timeout(16)
    page.mouse.up()


def _middle(page: Page) -> tuple[float, float]:
    box = page.locator(f"{vega.CHART} canvas").first.bounding_box()
    assert box is not None
    return box["x"] + 0.5 * box["width"], box["y"] + 0.45 * box["height"]


def _hover(page: Page, coords: list[tuple[float, float]], repeats: int) -> list[float]:
    """Seconds from the pointer's move onto a point to its thumbnail, each from off the points."""
    seconds = []
    spots = vega.pixels(page, coords[:: max(1, len(coords) // repeats)][:repeats])
    for x, y in spots:
        page.mouse.move(2, 2)
        page.wait_for_timeout(150)
        begun = time.perf_counter()
        page.mouse.move(x, y)
        try:
            page.wait_for_function(_HOVERED, timeout=2000)
        except Exception:
            continue
        seconds.append(time.perf_counter() - begun)
    return [round(each, 3) for each in seconds]


def _click(page: Page, coords: list[tuple[float, float]], repeats: int) -> list[float]:
    seconds = []
    for x, y in vega.pixels(page, coords[11 :: max(1, len(coords) // repeats)][:repeats]):
        page.mouse.move(x, y)
        page.wait_for_timeout(400)
        page.evaluate(
            """() => {
              const now = () => document.querySelector('.st-key-map_frame img')?.src;
              const before = now(); window.__seconds = null;
              window.addEventListener('pointerdown', () => {
                const begun = performance.now();
                const look = () => {
                  const picture = document.querySelector('.st-key-map_frame img');
                  const seconds = (performance.now() - begun) / 1000;
                  if (picture && picture.src !== before && picture.complete || seconds > 5)
                    window.__seconds = seconds;
                  else requestAnimationFrame(look);
                };
                look();
              }, {capture: true, once: true});
            }"""
        )
        page.mouse.click(x, y)
        page.wait_for_function("() => window.__seconds !== null")
        seconds.append(round(float(page.evaluate("window.__seconds")), 3))
        settle(page)
    return seconds


def _colour(page: Page, name: str) -> float:
    """Seconds from the choice in the list to the first picture of the map that then stands."""
    before = page.evaluate(_SNAP)
    page.get_by_role("combobox", name="Colour by").fill(name)
    option = page.get_by_role("option", name=name, exact=True)
    option.wait_for()
    begun = time.perf_counter()
    option.click()
    last, since = before, 0.0
    while time.perf_counter() - begun < 15:
        now = page.evaluate(_SNAP)
        if now != last:
            last, since = now, time.perf_counter() - begun
        elif since and time.perf_counter() - begun - since > 1:
            break
        page.wait_for_timeout(20)
    return round(since, 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--store", type=Path, required=True, help="a store with a map")
    parser.add_argument("--repeats", type=int, default=12, help="hovers, and clicks")
    options = parser.parse_args()
    if CHROMIUM is None:
        sys.exit("no Chromium: sudo apt-get install chromium")
    print(json.dumps(measure(options.store.resolve(), options.repeats)))


if __name__ == "__main__":
    main()
