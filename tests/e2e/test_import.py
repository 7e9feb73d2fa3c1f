"""The preview of an import, with the real look and the real job: a wrong guess seen and mended."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, TimeoutError, expect

from store import datasets as dataset_table
from store import descriptors, trajectories
from store.db import open_store
from tests.e2e.conftest import serving, settle, until
from tests.factory import blobs

WHITE = (0.3, 0.5, 0.7)


def films(shares: Sequence[float] = WHITE) -> list[np.ndarray]:
    """Fields from 0 to 1 of 100 x 400 pixels, of which these shares are above one half."""
    fields = []
    for seed, share in enumerate(shares):
        gray = blobs(2, phi=0.5, seed=seed)[-1].astype(float)
        for _ in range(6):  # a soft interface
            gray = (gray + sum(np.roll(gray, by, axis) for by in (1, -1) for axis in (0, 1))) / 5
        ranks = gray.ravel().argsort().argsort().reshape(gray.shape) / gray.size
        fields.append(np.clip(0.5 + 4 * (ranks - (1 - share)), 0, 1))
    return fields


def save(folder: Path, frames: Sequence[np.ndarray]) -> Path:
    folder.mkdir()
    for number, frame in enumerate(frames):
        Image.fromarray(frame).save(folder / f"t_{number}.png")
    return folder


def look_at(page: Page, url: str, path: Path | str) -> None:
    page.goto(f"{url}/data")
    settle(page)
    page.get_by_role("tab", name="Import").click()
    page.get_by_label("Folder or file", exact=True).fill(str(path))
    page.keyboard.press("Enter")
    settle(page)


def pick(page: Page, label: str, answer: str) -> None:
    option = page.get_by_role("option", name=answer)

    def opened() -> bool:
        # A click while the page still moves or is drawn anew opens nothing.
        settle(page)
        page.get_by_role("combobox", name=label).click()
        with suppress(TimeoutError):
            option.wait_for(timeout=3_000)
        return option.is_visible()

    until(opened, 30, f"the answers to {label} are shown")
    option.click()
    settle(page)


def stored(store: Path) -> tuple[tuple[int, int], np.ndarray]:
    """The size of the one trajectory's frames, and the area fraction of each."""
    with open_store(store) as db:
        (dataset,) = dataset_table.all_datasets(db)
        (info,) = trajectories.trajectories(db, dataset.id)
        return info.shape, descriptors.of_dataset(db, dataset.id).fraction


def press_import(store: Path, page: Page) -> None:
    button = page.get_by_role("button", name="Import", exact=True)
    expect(button).to_be_enabled()
    with open_store(store) as db:
        assert dataset_table.all_datasets(db) == []  # nothing is stored before
    button.click()
    expect(page.get_by_text("3 frames in 1 trajectory came in")).to_be_visible(timeout=60_000)


def test_a_diverging_colour_map_is_asked_about_and_read_by_its_order(
    store: Path, tmp_path: Path, page: Page
):
    blue_white_red = []
    for field in films():
        red, blue = np.clip(2 * field, 0, 1), np.clip(2 - 2 * field, 0, 1)
        colours = np.dstack([red, np.minimum(red, blue), blue])
        blue_white_red.append(np.rint(colours * 255).astype(np.uint8))
    path = save(tmp_path / "bwr", blue_white_red)
    with serving(store) as app:
        look_at(page, app.url, path)
        expect(page.get_by_text("To be decided before the import")).to_be_visible()
        expect(page.get_by_role("button", name="Import", exact=True)).to_be_disabled()
        expect(page.get_by_text("when the question above is decided")).to_be_visible()
        pick(page, "Colours become", "map: ")
        expect(page.get_by_text("To be decided before the import")).to_have_count(0)
        expect(page.get_by_text("--colours map")).to_be_visible()
        press_import(store, page)
        shape, fraction = stored(store)
        assert shape == (100, 400)
        assert np.allclose(fraction, WHITE, atol=0.02) or np.allclose(
            1 - fraction, WHITE, atol=0.02
        )


def test_a_film_on_its_side_is_asked_about_and_turned(store: Path, tmp_path: Path, page: Page):
    upright = [np.rint(field.T * 255).astype(np.uint8) for field in films()]
    path = save(tmp_path / "upright", upright)
    with serving(store) as app:
        look_at(page, app.url, path)
        expect(page.get_by_text("1 trajectory, 3 frames, 100 × 400 px")).to_be_visible()
        expect(page.get_by_role("button", name="Import", exact=True)).to_be_disabled()
        pick(page, "Axes", "txy: ")
        expect(page.get_by_text("1 trajectory, 3 frames, 400 × 100 px")).to_be_visible()
        press_import(store, page)
        shape, fraction = stored(store)
        assert shape == (100, 400)
        assert np.allclose(fraction, WHITE, atol=0.02)
        # The data set says how it came in.
        expect(page.get_by_text("400 × 100 px · ")).to_be_visible()
        page.get_by_text("How it was imported").click()
        expect(page.get_by_text("--axes txy").first).to_be_visible()


def test_a_wrong_phase_is_seen_in_the_preview_and_swapped(store: Path, tmp_path: Path, page: Page):
    negative = [np.rint(255 - field * 255).astype(np.uint8) for field in films()]
    path = save(tmp_path / "negative", negative)
    with serving(store) as app:
        look_at(page, app.url, path)
        expect(page.get_by_text("70.0 % first, 30.0 % last")).to_be_visible()
        expect(page.get_by_role("img", name="of negative")).to_be_visible()
        page.get_by_text("Options", exact=True).click()
        pick(page, "White is", "the phase of lower values")
        expect(page.get_by_text("30.0 % first, 70.0 % last")).to_be_visible()
        expect(page.get_by_role("combobox", name="White is")).to_be_visible()  # still open
        press_import(store, page)
        assert np.allclose(stored(store)[1], WHITE, atol=0.02)
        expect(page.get_by_label("Folder or file", exact=True)).to_have_value("")


def test_each_refusal_is_a_clear_sentence(store: Path, tmp_path: Path, page: Page):
    empty, words, broken = (tmp_path / name for name in ("empty", "words", "broken"))
    for folder in (empty, words, broken):
        folder.mkdir()
    (words / "README.md").write_text("About nothing.")
    good = save(tmp_path / "good", [np.zeros((50, 80), np.uint8)]) / "t_0.png"
    (broken / "t_0.png").write_bytes(good.read_bytes()[:60])
    (tmp_path / "film.npy").write_bytes(b"no array")
    said = {
        tmp_path / "missing": "There is no ",
        empty: "There is nothing here that can be imported.",
        words: "1 file skipped",
        broken: "1 file cannot be read",
        tmp_path / "film.npy": "1 file cannot be read",
    }
    with serving(store) as app:
        for path, sentence in said.items():
            look_at(page, app.url, path)
            expect(page.get_by_text(sentence).first).to_be_visible()
            expect(
                page.get_by_role("button", name="Import", exact=True, disabled=False)
            ).to_have_count(0)


def test_an_upload_is_looked_at_and_its_copy_goes(store: Path, tmp_path: Path, page: Page):
    frames = np.stack([np.rint(field * 255).astype(np.uint8) for field in films()])
    np.save(tmp_path / "film.npy", frames)
    copies = store.parent / "morph-uploads"
    with serving(store) as app:
        page.goto(f"{app.url}/data")
        settle(page)
        page.get_by_role("tab", name="Import").click()
        page.get_by_text("Upload files").click()
        settle(page)
        uploader = page.locator("[class*=st-key-import_files] input[type=file]")
        uploader.set_input_files(tmp_path / "film.npy")
        expect(page.get_by_text("1 trajectory, 3 frames, 400 × 100 px")).to_be_visible()
        assert [path.name for path in copies.glob("*/*")] == ["film.npy"]
        press_import(store, page)
        until(lambda: not list(copies.glob("*/*")), 20, "the copy to be deleted")
        assert np.allclose(stored(store)[1], WHITE, atol=0.02)
        assert page.get_by_text("1 trajectory, 3 frames, 400 × 100 px").count() == 0


@pytest.mark.parametrize("width", [1440, 1024])
def test_the_page_is_never_wider_than_the_window(
    store: Path, tmp_path: Path, page: Page, width: int
):
    frames = [
        np.rint(field * 255).astype(np.uint8) for field in films([0.1 * n for n in range(1, 9)])
    ]
    path = save(tmp_path / "wide", frames)
    page.set_viewport_size({"width": width, "height": 900})
    with serving(store) as app:
        look_at(page, app.url, path)
        page.get_by_text("Options", exact=True).click()
        expect(page.get_by_role("combobox", name="Axes")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
