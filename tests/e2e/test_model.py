"""The Model page in a browser: sliders by keyboard, what is saved, and a small screen."""

import io
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.conftest import serving, settle
from tests.factory import build_store


def saved(page: Page, button: str) -> Image.Image:
    with page.expect_download() as download:
        page.get_by_role("button", name=button, exact=True).first.click()
    return Image.open(io.BytesIO(Path(download.value.path()).read_bytes()))


def shown(page: Page, alt: str) -> np.ndarray:
    picture = page.get_by_alt_text(alt)
    data = page.request.get(picture.evaluate("image => image.src")).body()
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"))


def test_sliders_ways_and_samples(store: Path, page: Page) -> None:
    made = build_store(store, trajectories_count=3, frames=8, model=True, preset="two-level")
    page.set_viewport_size({"width": 1024, "height": 900})
    badges = page.locator(".stMarkdownBadge", has_text="Synthetic")
    with serving(store) as app:
        page.goto(f"{app.url}/model?run={made.run_id}&frame=20")
        settle(page)
        expect(badges).to_have_count(1)
        before = page.url
        slider = page.get_by_role("slider").first
        slider.focus()
        slider.press("ArrowRight")
        settle(page)
        assert "z=" in before
        assert page.url != before
        image = saved(page, "PNG")
        picture = shown(page, "Synthetic frame: where the sliders stand")
        np.testing.assert_array_equal(np.asarray(image), picture)
        assert image.info["Description"].startswith("Synthetic")

        page.get_by_role("radio", name="Between two frames").click()
        settle(page)
        expect(badges).to_have_count(8)
        expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(6)
        assert saved(page, "Strip as PNG").size == (8 * 408 - 8, 2 * 126)

        page.get_by_role("radio", name="Samples of one frame").click()
        settle(page)
        expect(badges).to_have_count(4)
        wide = page.evaluate(
            "document.querySelector('[data-testid=stMain]').scrollWidth > window.innerWidth"
        )
        assert not wide
