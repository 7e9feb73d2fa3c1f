"""A real server, a real browser. Without Chromium these tests are skipped and say how to get it."""

import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for path in map(shutil.which, NAMES) if path), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
]
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
# What a page has told its server, whether that has answered, and when either spoke last.
_WATCH = """(() => {
  const seen = window.__traffic = {said: 0, noticed: 0, heard: false, at: 0};
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", () => {
        seen.heard = true;
        seen.at = performance.now();
      });
    }
    send(data) {
      seen.said += 1;
      seen.heard = false;
      seen.at = performance.now();
      super.send(data);
    }
  };
})()"""
_SETTLED = f"""([ask, grace, quiet]) => {{
  const seen = window.__traffic, now = performance.now();
  if (seen.ask !== ask) Object.assign(seen, {{ask, began: now}});
  const acted = seen.said > seen.noticed || (seen.noticed && now - seen.began > grace);
  if (!acted || !seen.heard || now - Math.max(seen.at, seen.began) < quiet) return false;
  if (!document.querySelector('{IDLE}')) return false;
  seen.noticed = seen.said;
  return true;
}}"""
_GRACE_MS = 300  # in which an act has reached the server, if it does: a slider waits for 200 ms
_QUIET_MS = 120  # without a word, after which a page that is not running has drawn what it was told
_ASKS = itertools.count(1)


_LONGEST = ("test_train", "test_demo")  # begin first, so that two processes end together

expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.stem not in _LONGEST)


@dataclass
class App:
    """A running `streamlit run app.py` on a store of its own."""

    store: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def serve(store: Path, port: int | None = None) -> App:
    """Start the app on a free port (or the one given) and wait until it answers."""
    if port is None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command += ["--server.headless=true", f"--server.port={port}"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "MORPH_STORE": str(store)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )
    app = App(store, port, process)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{app.url}/_stcore/health", timeout=2).read()
            return app
        except OSError:
            time.sleep(0.05)
    stop(app)
    raise TimeoutError("the app did not answer within 60 s")


def stop(app: App) -> None:
    """End the server as Ctrl-C would; background jobs go on."""
    app.process.send_signal(signal.SIGINT)
    try:
        app.process.wait(10)
    except subprocess.TimeoutExpired:
        app.process.kill()
        app.process.wait()


@contextmanager
def serving(store: Path) -> Iterator[App]:
    app = serve(store)
    try:
        yield app
    finally:
        app.process.kill()  # nobody waits for its good-byes
        app.process.wait()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("MORPH_REQUIRE_BROWSER"):
            pytest.fail("no Chromium, and MORPH_REQUIRE_BROWSER asks for it")
        pytest.skip("no Chromium: `sudo apt-get install chromium` (or Google Chrome) for these")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh tab, 1440 x 900; errors of the page's scripts fail the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(_WATCH)
    page = context.new_page()
    page.set_default_timeout(30_000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    boxes = page.locator('[data-testid="stException"]').all_inner_texts()
    context.close()
    assert not problems, problems
    assert not boxes, boxes


def settle(page: Page, quiet_ms: int = _QUIET_MS) -> None:
    """Wait until the page's script has run to its end, and what it said is drawn.

    Of a page that the fixture has not opened it is not known what it tells its server.
    """
    if page.evaluate("'__traffic' in window"):
        asked = [next(_ASKS), _GRACE_MS, quiet_ms]
        page.wait_for_function(_SETTLED, arg=asked, polling=20, timeout=60_000)
        return
    page.wait_for_timeout(250)
    page.wait_for_selector(IDLE, timeout=60_000)
    page.wait_for_timeout(150)


def until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for something that happens outside the browser."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.3)
