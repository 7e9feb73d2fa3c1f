"""A real training, started from the form, watched, left alone, stopped and taken up again."""

import os
import signal
from pathlib import Path

import psutil
from playwright.sync_api import Page, expect

from store import jobs as job_table
from store import runs
from store.db import open_store
from tests.e2e import conftest
from tests.e2e.conftest import settle, until
from tests.factory import build_store


def jobs(store: Path) -> list[job_table.Job]:
    with open_store(store) as db:
        return job_table.all_jobs(db)


def curve(store: Path, run_id: int) -> list[float]:
    with open_store(store) as db:
        return [each.held_out_neg_elbo_nats for each in runs.epochs(db, run_id)]


def shown_epoch(page: Page) -> int:
    metric = page.get_by_test_id("stMetric").filter(has_text="Epoch").first
    return int(metric.get_by_test_id("stMetricValue").inner_text().replace(",", ""))


def drawn(page: Page) -> str:
    """The path of the held-out curve as the browser has drawn it."""
    lines = page.get_by_test_id("stVegaLiteChart").first.locator(".mark-line path")
    return lines.first.get_attribute("d") or ""


def process_gone(pid: int | None) -> bool:
    if pid is None or not psutil.pid_exists(pid):
        return True
    return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def end_all(store: Path) -> None:
    """Nothing that a failed test has started goes on after it."""
    for job in jobs(store):
        if job.state == "running" and job.pid and not process_gone(job.pid):
            os.killpg(job.pid, signal.SIGKILL)


def test_a_training_outlives_the_page_and_the_server_and_stops_when_told(store: Path, page: Page):
    build_store(store, trajectories_count=4, frames=6)  # few, so that epochs are short
    app = conftest.serve(store)
    try:
        page.goto(f"{app.url}/train")
        settle(page)
        # A fresh server that is entered over a page's own address shows the whole app.
        expect(page.get_by_role("link", name="Overview")).to_be_visible()
        page.get_by_test_id("stButtonGroup").get_by_text("Epochs", exact=True).click()
        settle(page)
        page.get_by_role("spinbutton", name="Epochs", exact=True).fill("90000")
        page.keyboard.press("Tab")
        settle(page)
        page.get_by_role("button", name="Start training").dblclick()
        until(lambda: len(jobs(store)) > 0, 20, "a job in the queue")
        until(lambda: "run" in jobs(store)[0].args, 60, "a run of the new job")
        (job,) = jobs(store)  # pressed twice, started once
        assert (job.kind, job.args["epochs"]) == ("train", 90_000)
        run_id, pid = job.args["run"], job.pid
        until(lambda: len(curve(store, run_id)) > 3, 60, "some epochs")

        expect(page.get_by_role("button", name="Pause")).to_be_visible()
        expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(5)  # the forming map, too
        before, path = shown_epoch(page), drawn(page)
        until(lambda: shown_epoch(page) > before + 1, 30, "the number of epochs to rise")
        until(lambda: drawn(page) not in ("", path), 20, "the curve to move")
        found = curve(store, run_id)
        assert found[-1] < found[0]

        before = shown_epoch(page)
        page.reload()
        settle(page)
        until(lambda: shown_epoch(page) > before, 30, "the curve to go on after a refresh")

        conftest.stop(app)
        at_stop = len(curve(store, run_id))
        until(lambda: len(curve(store, run_id)) > at_stop, 30, "epochs without a server")
        app = conftest.serve(store, app.port)
        page.goto(f"{app.url}/train")
        settle(page)
        expect(page.get_by_role("link", name="Overview")).to_be_visible()
        assert shown_epoch(page) >= at_stop
        assert not process_gone(pid)
        assert [each.pid for each in jobs(store)] == [pid]

        # Streamlit's own header has a Stop while the page is drawn.
        page.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True).click()
        until(lambda: process_gone(pid), 30, "the process to end")
        expect(page.get_by_text("was stopped; what it had done is kept.")).to_be_visible()
        expect(page.get_by_role("button", name="Start training")).to_be_enabled()
        assert jobs(store)[0].state == "stopped"

        done = len(curve(store, run_id)) - 1
        page.get_by_test_id("stPopover").filter(has_text="Resume").get_by_role("button").click()
        page.get_by_label("Epochs in all").fill(str(done + 2))
        page.get_by_label("Learning rate").last.fill("0.0005")
        page.keyboard.press("Tab")
        settle(page)
        page.get_by_role("button", name="Go on").click()
        until(lambda: jobs(store)[0].state == "done", 90, "the resumed training to end")
        with open_store(store) as db:
            run = runs.run(db, run_id)
            rates = [each.learning_rate for each in runs.epochs(db, run_id)]
        assert (run.epochs, run.indexed_frames) == (done + 2, 24)
        assert run.config.lr == 0.0005
        assert rates[-1] < 0.0005  # it falls along its cosine, from that height
        expect(page.get_by_test_id("stPopover").filter(has_text="Train on")).to_be_visible()
    finally:
        end_all(store)
        conftest.stop(app)
