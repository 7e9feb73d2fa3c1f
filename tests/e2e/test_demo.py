"""A first visit: an empty store, one button, and at its end every page has something to show."""

from pathlib import Path

from playwright.sync_api import Page, expect

from store import datasets, jobs, projections, runs
from store.db import open_store
from tests.e2e.conftest import serving, settle, until


def state(store: Path) -> str:
    with open_store(store) as db:
        found = jobs.all_jobs(db)
    return found[0].state if found else "none"


def test_the_button_builds_the_demo_and_the_pages_fill(store: Path, page: Page) -> None:
    with serving(store) as app:
        page.goto(app.url)
        settle(page)
        page.get_by_role("button", name="Settings").click()
        for label, value in (
            ("Steps of training", "8"),
            ("Frames a trajectory", "8"),
            ("Pairs of phi and chi", "2"),
        ):
            box = page.get_by_label(label)
            box.fill(value)
            box.press("Enter")
            settle(page)
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Build the demo").click()
        until(lambda: state(store) != "none", 20, "the job is queued")
        # Streamlit's own header has a Stop while the page is drawn.
        stop = page.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True)
        expect(stop).to_be_visible()
        until(lambda: state(store) not in ("queued", "running"), 180, "the demo ends")
        assert state(store) == "done"
        expect(page.get_by_text("Current model")).to_be_visible(timeout=30_000)

        with open_store(store) as db:
            dataset, replicates, twins = datasets.all_datasets(db)
            assert twins.twin_of == replicates.replicates_of == dataset.id
            assert (replicates.trajectories, replicates.frames) == (2 * 3, 2 * 3 * 8)
            (run,) = runs.all_runs(db)
            assert (dataset.trajectories, dataset.frames) == (4, 32)
            assert run.index is not None
            assert run.index.frames == 32
            maps = projections.of_checkpoint(db, run.index.checkpoint_id)
            assert [each.points for each in maps] == [32]  # of few frames one map of all
            result = jobs.all_jobs(db)[0].result
            assert result is not None
            assert 0 <= result["same_params@1"] <= 1

        for name, words in (
            ("Trajectories", "area fraction"),
            ("Map", "Colour by"),
            ("Compare", "Draw"),
        ):
            page.get_by_role("link", name=name, exact=True).first.click()
            settle(page)
            expect(page.get_by_text(words).first).to_be_visible()
