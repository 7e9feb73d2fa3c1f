"""The pictures of a training: reconstructions on top, curves and the forming map, one bar below."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import streamlit as st
from sqlite_utils import Database

from charts import training
from morphcore.types import EpochMetrics, TrainingPoint
from store import forming_maps, runs
from store.db import open_store
from ui import links
from ui.runs import forming

HEIGHT = 340  # px, of the main curve and of the map beside it


class Drawn(NamedTuple):
    """How curves are drawn."""

    against: training.Against
    log: bool
    half: bool  # the last half of the epochs alone


def show(
    store: Path,
    run_id: int,
    epochs: Sequence[EpochMetrics],
    points: Sequence[TrainingPoint],
    pixels: float,
) -> Drawn:
    """Show a run of which there are `epochs`; `pixels` are those of a held-out frame.

    Returns how its curves are drawn, for `parts`.
    """
    strip, charts = st.container(), st.container()
    with open_store(store) as db:
        stored = runs.reconstruction_grid_epochs(db, run_id)
        with st.container(horizontal=True, vertical_alignment="bottom", key="curve_bar"):
            drawn = _choose_axes()
            epoch = _choose_epoch(run_id, stored) if stored else 0
        if stored:
            with strip:
                _reconstructions(db, run_id, epoch)
        mapped = forming_maps.newest(db, run_id, epoch) if stored else None
        with charts:
            if mapped:
                curve, beside = st.columns([3, 2], gap="medium")
                with beside:
                    forming.show(db, run_id, mapped, height=HEIGHT)
            else:
                curve = st.container()
    with curve:
        _curve(epochs, points, drawn, pixels)
    return drawn


def _choose_axes() -> Drawn:
    against: training.Against = links.linked_segments(  # type: ignore[assignment]
        "Along",
        ["epoch", "time"],
        link="along",
        key="curve_x",
        default="epoch",
        format_func=str.capitalize,
    )
    scale = links.linked_segments(
        "Scale",
        ["linear", "log"],
        link="scale",
        key="curve_y",
        default="log",
        format_func=str.capitalize,
    )
    part = links.linked_segments(
        "Show",
        ["all", "last half"],
        link="part",
        key="curve_part",
        default="all",
        format_func=str.capitalize,
        help="The first epochs fall steeply and hide what comes after.",
    )
    return Drawn(against, scale == "log", part == "last half")


def _in_sight(
    epochs: Sequence[EpochMetrics], points: Sequence[TrainingPoint], drawn: Drawn
) -> tuple[Sequence[EpochMetrics], Sequence[TrainingPoint]]:
    if not drawn.half:
        return epochs, points
    first = training.middle(epochs)
    return training.from_epoch(epochs, first), training.points_from(points, first)


def _curve(
    epochs: Sequence[EpochMetrics], points: Sequence[TrainingPoint], drawn: Drawn, pixels: float
) -> None:
    shown, between = _in_sight(epochs, points, drawn)
    first, last = shown[0], shown[-1]
    st.altair_chart(
        training.loss(
            shown,
            "−ELBO",
            points=between,
            against=drawn.against,
            log=drawn.log,
            height=HEIGHT,
            pixels=pixels,
        ),
        key="curve_neg_elbo",
        alt=f"−ELBO in nats per frame, held-out: from {first.held_out_neg_elbo_nats:,.0f} at epoch "
        f"{first.epoch} to {last.held_out_neg_elbo_nats:,.0f} at epoch {last.epoch}",
    )


def parts(
    epochs: Sequence[EpochMetrics], points: Sequence[TrainingPoint], drawn: Drawn, pixels: float
) -> None:
    """Show the two parts of −ELBO and the learning rate."""
    shown, between = _in_sight(epochs, points, drawn)
    recon, kl, rate = st.columns(3)
    recon.altair_chart(
        training.loss(
            shown,
            "Reconstruction",
            points=between,
            against=drawn.against,
            log=drawn.log,
            height=220,
            legend=False,
            pixels=pixels,
        ),
        key="curve_recon",
        alt="The reconstruction part of −ELBO, training and held-out, in nats per frame",
    )
    kl.altair_chart(
        training.loss(
            shown,
            "KL",
            points=between,
            against=drawn.against,
            height=220,
            legend=False,
            pixels=pixels,
        ),
        key="curve_kl",
        alt="The KL part of −ELBO, training and held-out, in nats per frame",
    )
    rate.altair_chart(
        training.learning_rate(shown, against=drawn.against, height=220),
        key="curve_lr",
        alt=f"Learning rate, now {shown[-1].learning_rate:g}",
    )


def _reconstructions(db: Database, run_id: int, epoch: int) -> None:
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
            "After epoch",
            stored,
            key=key,
            on_change=hold,
            format_func=lambda epoch: f"{epoch:,}",
            width=240,
        )
    )
