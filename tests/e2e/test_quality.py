"""The Quality page in a real browser."""

from pathlib import Path

from playwright.sync_api import Page, expect

from store import evaluations
from store.db import open_store
from tests.e2e.conftest import serving, settle
from tests.evaluated import evaluation
from tests.factory import build_store


def test_figures_chart_table_and_pictures_are_drawn(store: Path, page: Page) -> None:
    made = build_store(store, trajectories_count=4, model=True)
    with open_store(store) as db:
        evaluations.add(db, made.checkpoint_id, evaluation())
    with serving(store) as app:
        page.goto(f"{app.url}/quality?run={made.run_id}")
        settle(page)
        expect(page.get_by_text("66 %").first).to_be_visible()
        expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(4)
        chart = page.get_by_test_id("stVegaLiteChart").first
        expect(chart.get_by_text("this model")).to_be_visible()
        expect(page.get_by_test_id("stDataFrame")).to_be_visible()
        with page.expect_download() as got:
            page.get_by_role("button", name="All figures as CSV").click()
        assert "this model,0.66" in Path(got.value.path()).read_text()
        chart.hover()
        with page.expect_download() as got:
            page.get_by_role("button", name="Download as PNG").first.click()
        assert Path(got.value.path()).read_bytes().startswith(b"\x89PNG")
        pictures = page.get_by_test_id("stImage")
        before = 2 + 3 * 10  # hubs, and three queries with nine neighbours each
        expect(pictures).to_have_count(before)
        page.get_by_text("Show the best, the median and the worst").click()
        expect(page.get_by_text("As the model gives it back").first).to_be_visible(timeout=60_000)
        expect(pictures).to_have_count(before + 6)
