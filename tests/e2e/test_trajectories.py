"""The player in a real browser: what is on its canvas is the stored frame that it names."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from store import trajectories
from store.db import open_store
from tests.e2e.conftest import App, serving, settle, until
from tests.factory import build_store

FRAMES = 60
BITS = """canvas => {
  const data = canvas.getContext("2d").getImageData(0, 0, 400, 100).data;
  return Array.from({length: 40000}, (_, i) =>
    data[4 * i + 3] !== 255 ? "?" : data[4 * i] === 255 ? "1" : data[4 * i] === 0 ? "0" : "?"
  ).join("");
}"""


def jump_in_latent_space(store: Path, *, trajectory_id: int) -> None:
    """Have this film change at one time, step 600, faster than before and after."""
    with open_store(store) as db:
        for index, frame_id in enumerate(trajectories.frame_ids_of(db, trajectory_id).tolist()):
            place = np.full(16, np.tanh(np.log((index + 1) / 30) / 0.2), dtype="<f4")
            row = [place.tobytes(), frame_id]
            db.conn.execute("UPDATE latents SET mean = ? WHERE frame_id = ?", row)
        db.conn.commit()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[App]:
    store = tmp_path_factory.mktemp("trajectories") / "morph.sqlite"
    build_store(store, trajectories_count=4, frames=FRAMES)
    jump_in_latent_space(store, trajectory_id=3)
    with serving(store) as running:
        page = browser.new_page()
        page.goto(running.url)  # until its front door was opened once, a server knows no pages
        settle(page)
        page.close()
        yield running


class Player:
    """The player on an open page, and the stored frames that it should show."""

    def __init__(self, page: Page, app: App, trajectory: int = 0) -> None:
        with open_store(app.store) as db:
            info = trajectories.trajectories(db, 1)[trajectory]
            self.frame_ids = trajectories.frame_ids_of(db, info.id).tolist()
            self.bits = trajectories.packed(db, np.array(self.frame_ids)).one_size.bits()
        self.page = page
        self.root = page.locator(".player")

    def open(self, app: App, start: int) -> None:
        self.page.goto(f"{app.url}/trajectories?frame={self.frame_ids[start]}")
        settle(self.page)
        self.page.wait_for_selector('.player[data-ready="true"]')

    def button(self, name: str) -> Locator:
        return self.root.locator(f"button.{name}")

    @property
    def link(self) -> str:
        return str(self.page.evaluate("location.href"))  # page.url lags behind

    @property
    def index(self) -> int:
        return int(self.root.get_attribute("data-index") or -1)

    @property
    def drawn(self) -> int:
        return int(self.root.get_attribute("data-drawn") or 0)

    def shows(self, index: int) -> None:
        """Rests at this frame: the canvas, the words, the slider and the link all say so."""
        assert self.index == index
        seen = self.root.locator(".screen canvas").evaluate(BITS)
        stored = "".join("1" if bit else "0" for bit in self.bits[index].ravel())
        assert seen == stored
        words = f"frame {index + 1} of {FRAMES} · step {(index + 1) * 20:,}"
        assert self.root.locator(".counter").inner_text() == words
        assert self.root.locator(".scrub").input_value() == str(index)
        frame_id = self.frame_ids[index]
        until(lambda: f"frame={frame_id}" in self.link, 20, "the link follows")
        # The server has heard of it: the ways on lead from this frame.
        onward = self.page.get_by_role("link", name="Find similar frames")
        until(
            lambda: (onward.get_attribute("href") or "").endswith(f"frame={frame_id}"),
            20,
            "the ways on follow",
        )


def test_the_player_plays_steps_and_jumps(page: Page, app: App) -> None:
    player = Player(page, app, trajectory=1)
    player.open(app, start=5)
    player.shows(5)

    # Play, by a key as soon as the page is there: the counter moves by itself, at frames that the
    # canvas really shows, and the mark on the curves and the page around it move along.
    onward, before = page.get_by_role("link", name="Find similar frames"), player.link
    page.keyboard.press("Space")
    until(lambda: player.index > 6, 20, "it plays")
    counter = player.root.locator(".counter").inner_text
    until(lambda: player.link != before, 20, "the link follows while it plays")
    until(
        lambda: not (onward.get_attribute("href") or "").endswith(f"={player.frame_ids[5]}"),
        20,
        "the ways on",
    )
    assert player.root.get_attribute("data-playing") == "true"
    assert counter().startswith("frame ")
    page.keyboard.press("Space")
    player.button("play").press("Space")  # a button's own Space is not taken twice
    assert player.root.get_attribute("data-playing") == "true"
    page.keyboard.press("Space")
    player.root.get_by_label("Speed in frames per second").select_option("60")
    player.button("play").click()
    page.wait_for_function(
        "start => Number(document.querySelector('[data-testid=stBidiComponentIsolated]')"
        ".shadowRoot.querySelector('.player').dataset.drawn) > start + 20",
        arg=player.drawn,
    )
    assert player.root.get_attribute("data-playing") == "true"
    player.button("play").click()
    assert player.root.get_attribute("data-playing") == "false"
    rested = player.index
    page.wait_for_timeout(300)
    player.shows(rested)

    # Keys, with the focus on the player.
    page.keyboard.press("Home")
    player.shows(0)
    assert player.root.locator(".badge").is_visible()  # frame 0 is one colour
    for key, index in [
        ("ArrowRight", 1),
        ("Shift+ArrowRight", 11),
        ("ArrowLeft", 10),
        ("End", FRAMES - 1),
        ("ArrowRight", FRAMES - 1),
        ("Shift+ArrowLeft", FRAMES - 11),
    ]:
        page.keyboard.press(key)
        player.shows(index)
    assert not player.root.locator(".badge").is_visible()

    # Buttons, the slider, a thumbnail.
    player.button("back").click()
    player.shows(FRAMES - 12)
    player.root.locator(".scrub").fill("30")
    player.shows(30)
    player.root.locator(".strip button").nth(3).click()
    player.shows(20)  # the fourth of ten over 60
    assert player.root.locator('.strip button[aria-current="true"]').count() == 1

    # A click on a curve: at its right end is the last frame.
    chart = player.root.locator(".charts svg").nth(1)
    box = chart.bounding_box()
    assert box is not None
    chart.click(position={"x": box["width"] - 14, "y": 60})
    player.shows(FRAMES - 1)
    assert chart.locator("path.curve").count() == 1


def test_thumbnails_are_the_stored_frames(page: Page, app: App) -> None:
    player = Player(page, app)
    player.open(app, start=0)
    thumbs = player.root.locator(".strip button")
    assert thumbs.count() == 10
    for place, index in [(0, 0), (4, 26), (9, FRAMES - 1)]:
        seen = thumbs.nth(place).locator("canvas").evaluate(BITS)
        assert seen == "".join("1" if bit else "0" for bit in player.bits[index].ravel())
    assert "not yet separated" in thumbs.nth(0).inner_text()
    assert "not yet separated" not in thumbs.nth(1).inner_text()


def test_the_link_survives_a_reload_and_other_pages(page: Page, app: App) -> None:
    player = Player(page, app, trajectory=2)
    player.open(app, start=8)
    about = page.get_by_role("button", name="About")
    about.focus()
    page.keyboard.press("ArrowRight")  # somewhere else than the player: keys do nothing there
    assert player.index == 8
    player.root.focus()
    entries = page.evaluate("history.length")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    player.shows(11)
    assert page.evaluate("history.length") == entries  # Back leaves the page, not one step
    page.reload()
    settle(page)
    page.wait_for_selector('.player[data-ready="true"]')
    player.shows(11)

    # Through the navigation and back: the place is remembered without a link.
    page.get_by_role("link", name="Data").click()
    settle(page)
    page.get_by_role("link", name="Trajectories").click()
    settle(page)
    page.wait_for_selector('.player[data-ready="true"]')
    player.shows(11)

    # Another trajectory, by typing a part of its name.
    other = Player(page, app, trajectory=0)
    box = page.get_by_role("combobox", name=re.compile("Trajectory"))
    box.click()
    box.fill("0.500-chi2.4")
    page.keyboard.press("Enter")
    counter = player.root.locator(".counter")
    until(lambda: counter.inner_text().startswith("frame 1 of"), 20, "the other is opened")
    other.shows(0)


def test_without_looping_it_stops_at_the_last_frame(page: Page, app: App) -> None:
    player = Player(page, app)
    player.open(app, start=FRAMES - 6)
    loop = player.button("loop")
    loop.click()
    assert loop.get_attribute("aria-pressed") == "false"
    player.root.locator(".screen canvas").click()  # the picture itself plays and pauses
    until(lambda: player.root.get_attribute("data-playing") == "false", 20, "it stops")
    player.shows(FRAMES - 1)
    page.keyboard.press("Space")  # from the last frame it begins again
    until(lambda: 0 < player.index < FRAMES - 1, 20, "it plays from the start")
    page.keyboard.press("Space")
    assert player.root.get_attribute("data-playing") == "false"


def test_log_axes_can_be_chosen(page: Page, app: App) -> None:
    player = Player(page, app)
    player.open(app, start=0)
    labels = player.root.locator(".charts svg").first.locator("text")
    box = player.root.locator(".switch input")
    assert box.is_checked()  # steps 20 to 1,200: a ratio of 60
    assert "100" in labels.all_text_contents()
    logarithmic = labels.all_text_contents()
    box.uncheck()
    assert labels.all_text_contents() != logarithmic
    assert "time (simulation steps)" in labels.all_text_contents()


def test_two_go_together_by_time_by_l_aligned_and_freely(page: Page, app: App) -> None:
    films = [Player(page, app, trajectory=number) for number in (0, 1)]
    root = films[0].root

    def both_show(*indices: int) -> None:
        assert root.get_attribute("data-frames") == ",".join(map(str, indices))
        for film, index, canvas in zip(films, indices, root.locator("canvas").all(), strict=True):
            stored = "".join("1" if bit else "0" for bit in film.bits[index].ravel())
            assert canvas.evaluate(BITS) == stored

    def shown() -> tuple[int, ...]:
        return tuple(int(each) for each in (root.get_attribute("data-frames") or "").split(","))

    def choose(words: str) -> None:
        page.get_by_role("radio", name=words).click()
        settle(page)
        page.wait_for_selector('.player[data-ready="true"]')

    page.goto(f"{app.url}/trajectories?traj=1,2&sync=step&at=200")
    settle(page)
    page.wait_for_selector('.player[data-ready="true"]')
    both_show(9, 9)
    root.locator(".screen canvas").first.click()  # plays both
    until(lambda: shown()[0] > 12, 20, "it plays")
    page.keyboard.press("Space")
    assert len(set(shown())) == 1
    page.keyboard.press("Home")
    both_show(0, 0)
    page.keyboard.press("End")
    both_show(FRAMES - 1, FRAMES - 1)
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("location.href.includes('at=1180')")

    choose("By domain size L")
    root.locator(".scrub").fill("120")
    assert re.fullmatch(r"L \d+\.\d px", root.locator(".counter").inner_text())
    by_length = shown()
    both_show(*by_length)
    until(lambda: "sync=L" in films[0].link and "at=" in films[0].link, 20, "the link follows")

    choose("Aligned by the model")
    chart = root.locator(".charts svg").first
    box = chart.bounding_box()
    assert box is not None
    chart.click(position={"x": box["width"] - 14, "y": 60})  # the last pair
    both_show(FRAMES - 1, FRAMES - 1)
    last = films[1].frame_ids[-1]
    onward = page.get_by_role("link", name="Find frames similar to B")
    until(lambda: (onward.get_attribute("href") or "").endswith(f"={last}"), 20, "the ways on too")

    choose("Freely")
    root.locator("input.one").nth(1).fill("30")
    both_show(FRAMES - 1, 30)  # the other stays where it was
    root.focus()
    page.keyboard.press("Shift+ArrowLeft")
    both_show(FRAMES - 11, 20)
    page.wait_for_function("decodeURIComponent(location.href).includes('at=49,20')")
    page.reload()
    settle(page)
    page.wait_for_selector('.player[data-ready="true"]')
    both_show(FRAMES - 11, 20)


def test_an_event_jumps_and_a_movie_comes(page: Page, app: App) -> None:
    player = Player(page, app, trajectory=2)
    player.open(app, start=3)
    speed = player.root.locator(".charts svg").nth(3)
    events = player.root.locator(".events button")
    assert speed.locator("path.event").count() == events.count() == 1
    events.first.click()
    jumped = player.index
    assert abs(jumped - 29) <= 2
    player.shows(jumped)
    page.keyboard.press("Home")
    player.shows(0)
    speed.locator("path.event").first.click()
    player.shows(jumped)

    page.get_by_role("button", name="Movie or filmstrip").click()
    page.get_by_role("radio", name="GIF").click()
    settle(page)
    with page.expect_download() as movie:
        page.get_by_role("button", name="Make the movie").click()
    assert movie.value.suggested_filename.endswith(".gif")
    assert movie.value.path().read_bytes()[:6] == b"GIF89a"
    with page.expect_download() as strip:
        page.get_by_role("button", name="Make the filmstrip").click()
    assert strip.value.path().read_bytes()[1:4] == b"PNG"


def test_gray_is_played_and_what_the_model_sees_at_a_switch(page: Page, app: App) -> None:
    """One trajectory's pictures are made gray: their binary form stays as it is."""
    player = Player(page, app, trajectory=3)
    with open_store(app.store) as db:
        for index, frame_id in enumerate(player.frame_ids):
            levels = np.where(player.bits[index], 150, 100).astype(np.uint8)
            out = io.BytesIO()
            Image.fromarray(levels).save(out, format="PNG")
            db.execute("UPDATE pictures SET png = ? WHERE frame_id = ?", [out.getvalue(), frame_id])
    player.open(app, start=30)
    level = """canvas => canvas.getContext("2d").getImageData(7, 9, 1, 1).data[0]"""
    canvas = player.root.locator(".screen canvas")
    white = bool(player.bits[30][9, 7])
    assert abs(canvas.evaluate(level) - (150 if white else 100)) <= 1
    look = player.root.get_by_label("How frames are shown")
    look.select_option("binary")
    assert canvas.evaluate(level) == (255 if white else 0)
    player.shows(30)
    look.select_option("gray")
    assert abs(canvas.evaluate(level) - (150 if white else 100)) <= 1
