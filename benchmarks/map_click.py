"""Seconds from a click on the map to the right picture: python -m benchmarks.map_click --store PATH

Opens the map of most points in headless Chromium and clicks points. The clock starts
at the page's pointerdown event and stops at the first screen refresh at which the picture
beside the map has, pixel by pixel, the gray levels of the frame stored under that point. Prints,
as JSON, the median and the 95th percentile, and how often the picture never became the right one;
beside them, for comparison, the time of one full run of the page (a reload in the browser).
"""

import argparse
import base64
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64
from playwright.sync_api import Page, sync_playwright

from charts.map import spec
from morphcore.types import Projection
from store import projections, runs, trajectories
from store.db import open_store
from store.projections import Map
from tests.e2e import vega
from tests.e2e.conftest import CHROMIUM, FLAGS, serving, settle

EDGE = 0.3  # px: where a point's rim is nearer to the click, it is unsure whether it is hit
DIAMOND = 8.0  # px: about the reach of a point of a frame that has not separated
TOP, BOTTOM = 80, 1180  # px: the part of the window in which the mouse meets the map
PATIENCE = 15.0  # seconds after which a picture counts as wrong
_WATCH = """
([expected, patience]) => {
  const want = Uint8Array.from(atob(expected), letter => letter.charCodeAt(0));
  const canvas = document.createElement('canvas');
  canvas.width = 400; canvas.height = 100;
  const pen = canvas.getContext('2d', {willReadFrequently: true});
  const right = () => {
    const picture = document.querySelector('.st-key-map_frame img');
    if (!picture || !picture.complete || picture.naturalWidth !== 400) return false;
    pen.drawImage(picture, 0, 0);
    const seen = pen.getImageData(0, 0, 400, 100).data;
    for (let at = 0; at < want.length; at++) if (seen[4 * at] !== want[at]) return false;
    return true;
  };
  window.__seconds = null;
  if (right()) { window.__seconds = -1; return; }
  window.addEventListener('pointerdown', () => {
    const begun = performance.now();
    const look = () => {
      const seconds = (performance.now() - begun) / 1000;
      if (right()) window.__seconds = seconds;
      else if (seconds > patience) window.__seconds = Infinity;
      else requestAnimationFrame(look);
    };
    look();
  }, {capture: true, once: true});
}
"""


def measure(store: Path, clicks: int, seed: int) -> dict[str, Any]:
    """Measure the seconds from a click to the right picture, on a store served here."""
    run_id, stored = largest(store)
    with open_store(store) as db:
        points = projections.points(db, stored.id)
    with serving(store) as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 1200})
        address = f"{app.url}/map?run={run_id}&map={stored.id}"
        first, again = (_load(page, address, stored.points) for _ in range(2))
        page.locator(vega.CHART).scroll_into_view_if_needed()
        coords = [(x, y) for x, y in points.coords.tolist()]
        spots = np.array(vega.pixels(page, coords), dtype=np.float64)
        targets = _targets(store, points, spots)
        chosen = np.random.default_rng(seed).permutation(len(targets))[:clicks]
        seconds = []
        for row, top in (targets[index] for index in chosen.tolist()):
            x, y = spots[row].tolist()
            took = _click(page, store, int(points.frame_ids[top]), (x, y))
            seconds += [] if took is None else [took]
        browser.close()
    right = [value for value in seconds if np.isfinite(value)]
    return {
        "points": stored.points,
        "targets": len(targets),
        "clicks": len(seconds),
        "wrong": len(seconds) - len(right),
        "median_s": round(float(np.median(right)), 3) if right else None,
        "p95_s": round(float(np.percentile(right, 95)), 3) if right else None,
        "first_load_s": round(first, 2),
        "load_s": round(again, 2),
        "load_over_click": round(again / float(np.median(right)), 1) if right else None,
    }


def largest(store: Path) -> tuple[int, Map]:
    """The stored map of most points, a t-SNE before a PCA, and its run."""
    with open_store(store) as db:
        maps = [
            (run.id, stored)
            for run in runs.all_indexed(db)
            for stored in projections.of_checkpoint(db, run.index.checkpoint_id)
        ]
    if not maps:
        sys.exit(f"{store} has no map; draw one with: python -m jobs map --run R --every 1")
    return max(maps, key=lambda pair: (pair[1].points, pair[1].config.method == "tsne", pair[0]))


def _load(page: Page, address: str, points: int) -> float:
    begun = time.perf_counter()
    page.goto(address)
    vega.ready(page, points)
    seconds = time.perf_counter() - begun
    settle(page)
    return seconds


def _targets(
    store: Path, points: Projection, spots: Float64[np.ndarray, "points 2"]
) -> list[tuple[int, int]]:
    """Rows to click, each with the row that lies on top there, where that is beyond doubt.

    Points are drawn in the order of trajectories and time, later ones over earlier ones, and
    those of frames that have not separated over all others.
    """
    from scipy.spatial import KDTree

    with open_store(store) as db:
        infos = [trajectories.frame_info(db, frame_id) for frame_id in points.frame_ids.tolist()]
    order = [(info.unseparated, info.trajectory.id, info.index) for info in infos]
    radius = float(np.sqrt(spec.point_size(len(spots)) / np.pi))
    tree = KDTree(spots)
    targets = []
    for row, near in enumerate(tree.query_ball_point(spots, DIAMOND)):
        apart = np.hypot(*(spots[near] - spots[row]).T)
        hit = [i for i, distance in zip(near, apart, strict=True) if distance < radius - EDGE]
        unsure = [
            i for i, distance in zip(near, apart, strict=True) if abs(distance - radius) <= EDGE
        ]
        top = max(hit, key=order.__getitem__)
        clear = all(order[i] < order[top] for i in unsure) and not any(order[i][0] for i in near)
        if clear and TOP < spots[row][1] < BOTTOM:
            targets.append((row, top))
    return targets


def _click(page: Page, store: Path, frame_id: int, spot: tuple[float, float]) -> float | None:
    """Seconds to the right picture; infinite where it does not come.

    None where the picture before was the same to the pixel, so that the click proves nothing.
    """
    with open_store(store) as db:
        gray = trajectories.frame(db, frame_id)
    expected = base64.b64encode(gray.tobytes()).decode()
    page.mouse.move(*spot)
    page.wait_for_timeout(100)
    page.evaluate(_WATCH, [expected, PATIENCE])
    page.mouse.click(*spot)
    page.wait_for_function("() => window.__seconds !== null", timeout=(PATIENCE + 15) * 1000)
    seconds = float(page.evaluate("() => window.__seconds"))
    settle(page)
    return None if seconds < 0 else seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--store", type=Path, required=True, help="a store with a map")
    parser.add_argument("--clicks", type=int, default=25)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if CHROMIUM is None:
        sys.exit("no Chromium: sudo apt-get install chromium")
    print(json.dumps(measure(options.store.resolve(), options.clicks, options.seed)))


if __name__ == "__main__":
    main()
