"""Overview: the contents of the store, the current model, background work, first steps."""

from pathlib import Path

import streamlit as st

from analysis import held_out_elbo
from jobs.specs import DemoJob
from morphcore.config import DEFAULT_PRESET
from store import current_run, jobs, runs
from store import datasets as dataset_table
from store.datasets import Dataset
from store.db import open_store, size_bytes
from store.runs import Run
from ui import (
    coin_flip,
    damaged_model,
    first_steps,
    header,
    selection,
    shell,
)
from ui.cached import rows as cached_rows
from ui.frame import contact_sheet, first_film
from ui.jobs import panel
from wording import glossary
from wording.escapes import plain
from wording.numbers import amount, duration, size


def _empty(store: Path, *, building: bool) -> None:
    """What an empty store shows; `building`: the demo is under way, and its panel says the rest."""
    st.markdown(
        "Morph learns what the frames of a separating film look like, to compare them by meaning "
        "rather than pixel by pixel."
    )
    demo = DemoJob(preset=DEFAULT_PRESET)
    with st.container(horizontal=True, vertical_alignment="center"):
        button = st.container(width="content")
        with st.popover("Settings", icon=":material/tune:", type="tertiary"):
            for name, label, low, high, usual in (
                ("steps", "Steps of training, 16 frames each", 1, 100_000, "500"),
                ("frames", "Frames a trajectory", 4, 255, "128"),
                ("cells", "Pairs of phi and chi, 2 trajectories each", 1, 6, "6"),
            ):
                value = st.number_input(
                    label, low, high, None, key=f"demo_{name}", placeholder=usual
                )
                if value is not None:
                    demo = demo.changed(**{name: value})
    with button:
        if panel.start_button(
            store,
            "Build the demo",
            demo,
            key="build_demo",
            icon=":material/play_arrow:",
            help="Simulates small trajectories, trains a model on them, indexes all frames, draws "
            "the map and judges the model.",
        ):
            st.rerun()
    how_long = st.empty()
    film = first_film.show()
    if not building:
        how_long.caption(
            f"{duration(first_film.demo_seconds(film, demo)).capitalize()} on this machine, told "
            "by how fast the film below was simulated. It runs in the background."
        )


def _filled(
    store: Path,
    datasets: list[Dataset],
    models: list[Run],
    model: Run | None,
    steps: list[first_steps.FirstStep],
) -> None:
    """Frames, what to do next, and in a line each the model and what the store holds."""
    # Twins and replicates show nothing that their data set does not.
    own = [dataset for dataset in datasets if dataset.frames and dataset.serves is None]
    if own:
        top.line.caption(f"Some frames of {plain(own[-1].name)}", width="content")
        table = cached_rows.frame_table(store, own[-1].id, own[-1].frames)
        contact_sheet.show(store, table, count=10, columns=5)
    first_steps.show(steps)
    if model is not None:
        _model(store, model)
    st.caption(
        " · ".join(
            (
                amount(len(datasets), "data set"),
                amount(
                    sum(dataset.trajectories for dataset in datasets),
                    "trajectory",
                    "trajectories",
                ),
                amount(sum(dataset.frames for dataset in datasets), "frame"),
                amount(len(models), "model"),
                f"{size(size_bytes(store))} on disk",
            )
        )
    )


def _model(store: Path, run: Run) -> None:
    damaged_model.warn(store, run)
    coin_flip.warn(store, run)
    with open_store(store) as db:
        elbo = held_out_elbo.of_run(db, run)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"Current model: {selection.describe(run, elbo)} · trained on "
            f"{plain(run.device or 'an unknown device')}",
            help=glossary.meaning("current", "latent", "elbo", "held_out", "epoch"),
        )
        st.page_link(
            "pages/train.py",
            label="See its curves, or make another one current",
            icon=":material/show_chart:",
            query_params={"run": str(run.id)},
        )


shell.enter()
top = header.show(
    "Morph",
    "Morph learns what frames of a separating polymer film look like, so that two of them can be"
    " compared by morphology rather than pixel by pixel.",
)
store = cached_rows.store_path()
panel.live(
    store,
    growing=True,
)
with open_store(store) as db:
    datasets = dataset_table.all_datasets(db)
    models = runs.all_runs(db)
    current_id = current_run.of(db)
    model = next((run for run in models if run.id == current_id), None)
    pending = jobs.pending(db)
    steps = first_steps.steps(db, model, pending)
if any(dataset.frames for dataset in datasets):
    _filled(store, datasets, models, model, steps)
else:
    _empty(store, building=any(job.kind == "demo" for job in pending))
    st.subheader("Or step by step")
    first_steps.show(steps)
