"""Progress of a training run: figures, curves, the grid of reconstructions."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from sqlite_utils import Database

from analysis.frame_pixels import held_out_pixels
from charts import training
from jobs.history import of_run
from morphcore.types import COIN_FLIP_NATS_PER_PIXEL, EpochMetrics
from store import jobs, runs
from store.db import open_store
from store.jobs import Job
from store.runs import Run
from ui import selection
from wording import glossary
from wording.jobs import STATE_WORDS
from wording.numbers import duration

AT_WORK_SECONDS = 1.0  # how often the figures of a running training are read


def show(store: Path, run_id: int, *, at_work: bool) -> None:
    """Show a run's figures and curves; read again every second while it is at work."""
    st.fragment(_view, run_every=AT_WORK_SECONDS if at_work else None)(store, run_id)


def _view(store: Path, run_id: int) -> None:
    with open_store(store) as db:
        try:
            run = runs.run(db, run_id)
        except runs.UnknownRun:  # deleted in another tab
            st.rerun()
        epochs = runs.epochs(db, run_id)
        job = of_run(jobs.all_jobs(db), run_id)
        pixels = held_out_pixels(db, run)
    device = f" · on {run.device}" if run.device else ""
    st.caption(
        f"{selection.describe(run, shown=False)}{device} · **{state(run, job)}**",
        help=glossary.meaning("latent", "elbo", "held_out", "epoch"),
    )
    _figures(run, epochs, job, pixels)
    if not epochs:
        st.info(
            "The first figures come before the first epoch, as soon as the frames are loaded.",
            icon=":material/hourglass_top:",
        )
        return
    _curves(epochs, pixels)
    with open_store(store) as db:
        _reconstructions(db, run_id)


def _figures(run: Run, epochs: Sequence[EpochMetrics], job: Job | None, pixels: float) -> None:
    last = epochs[-1] if epochs else None
    with st.container(horizontal=True):
        end = f" of {run.config.epochs:,}" if run.config.minutes is None else ""
        _metric(f"Epoch{end}", f"{last.epoch if last else 0:,}")
        st.metric(
            "Held-out −ELBO, nats per frame",
            f"{last.held_out_neg_elbo_nats:,.0f}" if last else "–",
            f"{last.held_out_neg_elbo_nats - epochs[0].held_out_neg_elbo_nats:,.0f} since the start"
            if last and len(epochs) > 1
            else None,
            delta_color="inverse",
            border=True,
            width="content",
            help="Lower is better: how badly the model codes a frame that it has not learnt from. "
            f"A coin flip for every pixel has {pixels * COIN_FLIP_NATS_PER_PIXEL:,.0f}. Of up to "
            "512 held-out frames.",
        )
        _metric("Nats per pixel", f"{last.held_out_neg_elbo_nats / pixels:.4f}" if last else "–")
        speed = f"{last.frames_per_second:,.0f}" if last and last.frames_per_second else "–"
        _metric("Frames per second", speed)
        if job and job.state == "running":
            _metric("Time left", duration(job.seconds_left) if job.seconds_left else "–")
        else:
            _metric("Trained for", duration(last.seconds) if last else "–")


def _metric(label: str, value: str) -> None:
    st.metric(label, value, border=True, width="content")


def state(run: Run, job: Job | None) -> str:
    """The state of a run in a word: that of the newest job that worked on it."""
    if job is not None:
        return STATE_WORDS.get(job.state, job.state)
    return "done" if run.index else "–"


def _curves(epochs: Sequence[EpochMetrics], pixels: float) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        axes: list[training.Against] = ["epoch", "time"]
        against = st.segmented_control(
            "Along",
            axes,
            default="epoch",
            required=True,
            key="curve_x",
            format_func=str.capitalize,
            persist_state="session",
        )
        scale = st.segmented_control(
            "Scale",
            ["linear", "log"],
            default="log",
            required=True,
            key="curve_y",
            format_func=str.capitalize,
            persist_state="session",
        )
        part = st.segmented_control(
            "Show",
            ["all", "last half"],
            default="all",
            required=True,
            key="curve_part",
            format_func=str.capitalize,
            persist_state="session",
            help="The first epochs fall steeply and hide what comes after.",
        )
    shown = epochs
    if part == "last half":
        shown = training.from_epoch(epochs, training.middle(epochs))
    log = scale == "log"
    first, last = shown[0], shown[-1]
    st.altair_chart(
        training.loss(shown, "−ELBO", against=against, log=log, pixels=pixels),
        key="curve_neg_elbo",
        alt=f"−ELBO in nats per frame, held-out: from {first.held_out_neg_elbo_nats:,.0f} at epoch "
        f"{first.epoch} to {last.held_out_neg_elbo_nats:,.0f} at epoch {last.epoch}",
    )
    recon, kl, rate = st.columns(3)
    recon.altair_chart(
        training.loss(
            shown,
            "Reconstruction",
            against=against,
            log=log,
            height=220,
            legend=False,
            pixels=pixels,
        ),
        key="curve_recon",
        alt="The reconstruction part of −ELBO, training and held-out, in nats per frame",
    )
    kl.altair_chart(
        training.loss(shown, "KL", against=against, height=220, legend=False, pixels=pixels),
        key="curve_kl",
        alt="The KL part of −ELBO, training and held-out, in nats per frame",
    )
    rate.altair_chart(
        training.learning_rate(shown, against=against, height=220),
        key="curve_lr",
        alt=f"Learning rate, now {last.learning_rate:g}",
    )


def _reconstructions(db: Database, run_id: int) -> None:
    stored = runs.reconstruction_grid_epochs(db, run_id)
    if not stored:
        return
    st.markdown("**Held-out frames and what the model makes of them**")
    epoch = _choose_epoch(run_id, stored)
    grid = runs.reconstruction_grid(db, run_id, epoch)
    if grid:
        st.image(
            grid.png,
            width="stretch",
            output_format="PNG",
            alt=f"Held-out frames above their reconstructions after epoch {epoch}",
        )
        st.caption(f"Above: held-out frames. Below: reconstructed after epoch {epoch:,}.")


def _choose_epoch(run_id: int, stored: Sequence[int]) -> int:
    """Choose a stored epoch: the newest, until the user moves the slider to an earlier one."""
    if len(stored) == 1:
        return stored[0]
    held, key = f"strip_held_{run_id}", f"strip_epoch_{run_id}"

    def hold() -> None:
        moved = st.session_state[key]
        st.session_state[held] = None if moved == stored[-1] else moved

    wanted = st.session_state.get(held)
    st.session_state[key] = wanted if wanted in stored else stored[-1]
    return int(
        st.select_slider(
            "After epoch", stored, key=key, on_change=hold, format_func=lambda epoch: f"{epoch:,}"
        )
    )
