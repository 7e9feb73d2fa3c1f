"""Simulating and importing from the page, with the real jobs, and deleting what came of it."""

import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from store import datasets as dataset_table
from store import jobs, trajectories
from store.db import open_store
from tests.e2e.conftest import serving, settle, until
from tests.factory import blobs, build_store


def datasets(store: Path) -> dict[str, int]:
    """How many frames each data set has."""
    with open_store(store) as db:
        return {each.name: each.frames for each in dataset_table.all_datasets(db)}


def fill(page: Page, label: str, value: str) -> None:
    page.get_by_label(label, exact=True).fill(value)
    page.keyboard.press("Tab")
    settle(page)


def films(tmp_path: Path) -> Path:
    """A zip with a film of 4 frames, a picture that is cut off and a README."""
    path = tmp_path / "films.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for step, frame in enumerate(blobs(5, phi=0.5, seed=1)[1:]):
            out = io.BytesIO()
            Image.fromarray(frame).save(out, "PNG")
            archive.writestr(
                f"films/data_0.514_2.4/data_0.514_2.4_{step * 20:06d}.png", out.getvalue()
            )
        archive.writestr("films/broken/frame_000020.png", out.getvalue()[:200])
        archive.writestr("films/README.md", "About these films.")
    return path


def test_simulate_import_and_delete(store: Path, tmp_path: Path, page: Page):
    with serving(store) as app:
        page.goto(f"{app.url}/data")
        settle(page)
        expect(page.get_by_text("There are no trajectories yet.")).to_be_visible()
        fill(page, "Trajectories", "2")
        fill(page, "Frames a trajectory", "6")
        fill(page, "Last step", "40")
        page.get_by_role("button", name="Simulate", exact=True).dblclick()
        until(lambda: datasets(store) == {"thin film": 12}, 60, "two films of 6 frames")
        # The page fills by itself.
        expect(page.get_by_role("heading", name="thin film")).to_be_visible()
        expect(page.get_by_text("1 data set, 12 frames")).to_be_visible()
        with open_store(store) as db:
            assert len(jobs.all_jobs(db)) == 1

        for wanted in ("4 frames in 1 trajectory", "1 trajectory had been there already"):
            page.goto(f"{app.url}/data")
            settle(page)
            page.get_by_role("tab", name="Import").click()
            page.get_by_text("Upload files").click()
            settle(page)
            uploader = page.locator("[class*=st-key-import_files] input[type=file]")
            uploader.set_input_files(films(tmp_path))
            settle(page)
            expect(page.get_by_text("1 trajectory, 4 frames, 400 × 100 px")).to_be_visible()
            page.get_by_role("button", name="Import", exact=True).click()
            expect(page.get_by_text(wanted)).to_be_visible(timeout=60_000)
            assert datasets(store) == {"thin film": 12, "films": 4}
        expect(page.get_by_text("1 file could not be read").first).to_be_visible()
        assert not list(store.parent.glob("morph-uploads/*/*"))  # the copies are gone

        page.goto(f"{app.url}/data?dataset=1")
        settle(page)
        page.get_by_role("button", name="Delete", exact=True).click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text("2 trajectories")).to_be_visible()
        expect(dialog.get_by_text("12 frames")).to_be_visible()
        dialog.get_by_role("button", name="Delete", exact=True).click()
        until(lambda: datasets(store) == {"films": 4}, 20, "the data set to be deleted")
        expect(page.get_by_role("heading", name="films")).to_be_visible()


def test_what_is_drawn_is_what_is_stored(store: Path, page: Page):
    build_store(store, trajectories_count=2)
    with serving(store) as app:
        page.goto(f"{app.url}/data")
        settle(page)
        pictures = page.get_by_role("img", name="Frame ")
        expect(pictures).to_have_count(10)
        settle(page)
        source = pictures.first.get_attribute("src") or ""
        answer = page.request.get(source if "://" in source else app.url + source)
        shown = np.asarray(Image.open(io.BytesIO(answer.body())).convert("L"))
        card = pictures.first.locator("xpath=ancestor::*[@data-testid='stColumn'][1]")
        href = card.get_by_test_id("stPageLink-NavLink").get_attribute("href") or ""
        with open_store(store) as db:
            stored = trajectories.frame(db, int(href.split("frame=")[1]))
        assert np.array_equal(shown, stored)
