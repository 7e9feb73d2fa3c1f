"""Progress of a training run: its pictures, then its figures in a line."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from analysis import held_out_elbo
from analysis.frame_pixels import held_out_pixels
from jobs.history import of_run
from morphcore.config import MOST_EPOCHS
from morphcore.types import COIN_FLIP_NATS_PER_PIXEL, EpochMetrics, TrainingPoint
from store import jobs, runs, training_curve, tunings
from store.db import open_store
from store.jobs import Job
from store.runs import Run
from ui import coin_flip, failures, selection
from ui.runs import pictures
from wording import glossary
from wording.escapes import plain
from wording.jobs import STATE_WORDS
from wording.numbers import duration
from wording.training import end
from wording.tuning import STATES

AT_WORK_SECONDS = 1.0  # how often the figures of a running training are read


def show(store: Path, run_id: int, *, at_work: bool) -> None:
    """Show a run's figures and curves; read again every second while it is at work."""
    failures.fragment(_view, run_every=AT_WORK_SECONDS if at_work else None)(store, run_id)


def _view(store: Path, run_id: int) -> None:
    with open_store(store) as db:
        try:
            run = runs.run(db, run_id)
        except runs.UnknownRun:  # deleted in another tab
            st.rerun()
        epochs = runs.epochs(db, run_id)
        points = training_curve.of_run(db, run_id)
        job = of_run(jobs.all_jobs(db), run_id)
        pixels = held_out_pixels(db, run)
        elbo = held_out_elbo.of_run(db, run, shown=False)
        validation = runs.has_validation(db, run_id)
        trial = tunings.trial_of(db, run_id)
    # Before its first epoch is done, no training knows anything: there is nothing to warn of.
    if run.epochs or (job is not None and job.state not in jobs.WAITING_OR_AT_WORK):
        coin_flip.warn(store, run, shown=False)
    if epochs:
        drawn = pictures.show(store, run_id, epochs, points, pixels)
        _figures(run, epochs, points, job, pixels, validation=validation)
        pictures.parts(epochs, points, drawn, pixels)
    else:
        st.info(
            "The first figures come before the first epoch, as soon as the frames are loaded.",
            icon=":material/hourglass_top:",
        )
        _figures(run, epochs, points, job, pixels, validation=validation)
    device = f" · on {plain(run.device)}" if run.device else ""
    # The job of a trial did more than that, and may have ended otherwise.
    words = state(run, job) if trial is None else STATES[trial[1].state]
    st.caption(
        f"{selection.describe(run, elbo, shown=False)}{device} · **{words}**",
        help=glossary.meaning("latent", "elbo", "held_out", "epoch", "step"),
    )
    if length := end(run.config):
        st.caption(length)


def _figures(
    run: Run,
    epochs: Sequence[EpochMetrics],
    points: Sequence[TrainingPoint],
    job: Job | None,
    pixels: float,
    *,
    validation: bool,
) -> None:
    last = epochs[-1] if epochs else None
    config = run.config
    kind = "validation" if validation else "held-out"
    with st.container(horizontal=True, gap="small"):
        limit = "" if config.epochs == MOST_EPOCHS or config.minutes else f" of {config.epochs:,}"
        _metric(f"Epoch{limit}", f"{last.epoch if last else 0:,}")
        done = max([point.step for point in points[-1:]] + [last.steps or 0 if last else 0])
        if done or config.steps:
            total = "" if config.steps is None else f" of {config.steps:,}"
            _metric(f"Step{total}", f"{done:,}")
        st.metric(
            f"{kind.capitalize()} −ELBO, nats per frame",
            f"{last.held_out_neg_elbo_nats:,.0f}" if last else "–",
            f"{last.held_out_neg_elbo_nats - epochs[0].held_out_neg_elbo_nats:,.0f} since the start"
            if last and len(epochs) > 1
            else None,
            delta_color="inverse",
            border=True,
            width="content",
            help="Lower is better: how badly the model codes a frame that it has not learnt from. "
            f"A coin flip for every pixel has {pixels * COIN_FLIP_NATS_PER_PIXEL:,.0f}. Of up to "
            f"512 {kind} frames.",
        )
        _metric("Nats per pixel", f"{last.held_out_neg_elbo_nats / pixels:.4f}" if last else "–")
        newest = points[-1].frames_per_second if points else last.frames_per_second if last else 0
        _metric("Frames/s", f"{newest:,.0f}" if newest else "–")
        if job and job.state == "running":
            _metric("Time left", _short(job.seconds_left) if job.seconds_left else "–")
        else:
            _metric("Trained for", _short(last.seconds) if last else "–")


def _short(seconds: float) -> str:
    """A rounded duration without its "about", so that all figures fit beside each other."""
    return duration(seconds).removeprefix("about ")


def _metric(label: str, value: str) -> None:
    st.metric(label, value, border=True, width="content")


def state(run: Run, job: Job | None) -> str:
    """The state of a run in a word: that of the newest job that worked on it."""
    if job is not None:
        return STATE_WORDS.get(job.state, job.state)
    return "done" if run.index else "–"
