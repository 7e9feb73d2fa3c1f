"""Compare in a browser: what is drawn, uploaded or picked is what is compared, pixel by pixel."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from store import trajectories
from store.db import open_store
from tests.e2e.conftest import App, serving, settle
from tests.factory import Made, build_store

OWN = "phi0.500-chi2.8-r1"  # the trajectory of frames 21 to 40


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    path = tmp_path_factory.mktemp("compare") / "morph.sqlite"
    return build_store(path, trajectories_count=4, model=True)


@pytest.fixture(scope="module")
def app(made: Made, browser: Browser) -> Iterator[App]:
    with serving(made.path) as running:
        # Streamlit takes the folder pages/ for its older kind of app until app.py has run once.
        first = browser.new_page()
        first.goto(running.url)
        settle(first)
        first.close()
        yield running


def compared(page: Page) -> np.ndarray:
    """The pixels of the frame that is compared, as the page shows it: True is white."""
    picture = page.get_by_alt_text("The frame to compare", exact=True)
    data = page.request.get(picture.evaluate("image => image.src")).body()
    return np.asarray(Image.open(io.BytesIO(data)).convert("L")) > 127


def said(page: Page) -> list[str]:
    """What is said of the neighbours, the nearest first."""
    return page.locator('[class*="st-key-neighbour_"]').all_inner_texts()


def stroke(page: Page, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Draw a line on the canvas, in frame pixels; the canvas has margins of 40."""
    canvas = page.locator("canvas.upper-canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    scale = box["width"] / 480
    places = [(box["x"] + scale * (x + 40), box["y"] + scale * y) for x, y in (start, end)]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=10)
    page.mouse.up()
    settle(page)


def choose(page: Page, name: str, key: str = "compare_mode") -> None:
    widget = page.locator(f".st-key-{key}")
    widget.get_by_role("radio", name=name).click()
    settle(page)


def test_a_stroke_over_the_edge_is_folded_and_has_neighbours(app: App, page: Page):
    page.goto(f"{app.url}/compare")
    settle(page)
    choose(page, "Draw")
    expect(page.get_by_text("Draw at least one domain")).to_be_visible()
    page.locator("canvas.upper-canvas").wait_for()
    stroke(page, (360, 50), (425, 50))  # 25 px into the right margin
    expect(page.get_by_alt_text("The frame to compare", exact=True)).to_be_visible(timeout=60_000)
    settle(page)
    assert len(said(page)) == 4  # one of each trajectory
    white = compared(page)
    assert white.shape == (100, 400)
    assert white[50, :20].all()  # came in at the left
    assert white[50, 365:].all()
    assert not white[50, 45:350].any()
    thickness = white[:, [5, 380]].sum(axis=0)  # the medium pen: 14 px
    assert (abs(thickness - 14) <= 1).all()

    # Black paints over; the drawing outlives a look elsewhere, and one can go on with it.
    choose(page, "Black", "draw_pen")
    stroke(page, (380, 20), (380, 80))
    assert not compared(page)[50, 376:384].any()
    page.get_by_role("link", name="Map").click()
    settle(page)
    page.get_by_role("link", name="Compare").first.click()
    settle(page)
    restored = compared(page)
    assert restored[50, :20].all()
    assert not restored[50, 376:384].any()
    page.locator("canvas.upper-canvas").wait_for()
    choose(page, "White", "draw_pen")
    stroke(page, (200, 30), (200, 70))
    further = compared(page)
    assert further[30:70, 198:203].all()
    np.testing.assert_array_equal(further[:, :180], restored[:, :180])
    np.testing.assert_array_equal(further[:, 220:], restored[:, 220:])

    # Its address opens it again, in this tab and in another, and one can go on from there.
    address = str(page.evaluate("location.href"))
    assert "drawing=" in address
    page.reload()
    settle(page)
    np.testing.assert_array_equal(compared(page), further)
    other = page.context.new_page()
    other.goto(address)
    settle(other)
    np.testing.assert_array_equal(compared(other), further)
    other.locator("canvas.upper-canvas").wait_for()
    choose(other, "Black", "draw_pen")
    stroke(other, (200, 30), (200, 70))
    np.testing.assert_array_equal(compared(other)[:, 220:], restored[:, 220:])
    assert not compared(other)[35:65, 198:203].any()
    # A pattern is drawn on like any other ground.
    choose(other, "Stripes", "draw_ground")
    pattern = compared(other)
    assert (pattern == pattern[:1]).all()
    stroke(other, (0, 50), (400, 50))
    drawn = compared(other)
    assert not drawn[48:52].any()
    np.testing.assert_array_equal(drawn[:40], pattern[:40])


def test_drawing_on_a_stored_frame_and_erasing(app: App, page: Page):
    page.goto(f"{app.url}/compare?frame=36")
    settle(page)
    before = compared(page)
    page.get_by_role("button", name="Draw on it").click()
    settle(page)
    page.locator("canvas.upper-canvas").wait_for()
    choose(page, "30", "draw_width")
    stroke(page, (100, 50), (300, 50))
    drawn = compared(page)
    assert drawn[40:60, 100:300].all()
    np.testing.assert_array_equal(drawn[:, 330:], before[:, 330:])
    choose(page, "Eraser", "draw_pen")
    stroke(page, (90, 50), (310, 50))
    np.testing.assert_array_equal(compared(page)[40:60], before[40:60])


def test_a_stored_frames_picture_finds_that_frame(app: App, page: Page, made: Made, tmp_path: Path):
    file = tmp_path / "asked.png"
    with open_store(made.path) as db:
        file.write_bytes(trajectories.png(db, 30))
        white = trajectories.frame(db, 30) > 127
    page.goto(f"{app.url}/compare")
    settle(page)
    choose(page, "Upload")
    page.locator('input[type="file"]').set_input_files(file)
    expect(page.get_by_alt_text("The frame to compare", exact=True)).to_be_visible(timeout=60_000)
    settle(page)
    np.testing.assert_array_equal(compared(page), white)
    assert OWN in said(page)[0]
    assert "step 200" in said(page)[0]
    assert "Distance 0.000" in said(page)[0]

    # Links lead on: the neighbour becomes the question, at an address of its own.
    page.get_by_role("link", name="Similar").first.click()
    page.wait_for_url("**/compare?*frame=30*")
    settle(page)
    np.testing.assert_array_equal(compared(page), white)
    assert not any(OWN in each for each in said(page))


def test_a_picked_frame_and_the_options(app: App, page: Page):
    page.goto(f"{app.url}/compare?frame=30")
    settle(page)
    assert len(said(page)) == 3  # one of each other trajectory
    page.get_by_role("button", name="5 nearest").click()
    page.get_by_text("Its own too").click()
    settle(page)
    page.keyboard.press("Escape")
    assert any(OWN in each for each in said(page))
    slider = page.get_by_role("slider", name="Frame, of 20")
    slider.focus()
    slider.press("ArrowRight")
    settle(page)
    page.wait_for_url("**/compare?*frame=31*")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    rows = Path(download.value.path()).read_text().splitlines()
    assert rows[0] == (
        "rank,model,dataset,frame_id,trajectory,index,time,distance,percentile,scale,query_scale"
    )
    assert len(rows) == 6
