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
from wording.numbers import duration, size


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


def _filled(store: Path, datasets: list[Dataset], models: list[Run], model: Run | None) -> None:
    # Twins and replicates show nothing that their data set does not.
    own = [dataset for dataset in datasets if dataset.frames and dataset.serves is None]
    if own:
        st.subheader(f"Some frames of {plain(own[-1].name)}")
        table = cached_rows.frame_table(store, own[-1].id, own[-1].frames)
        contact_sheet.show(store, table, count=10, columns=5)
    if model is not None:
        _model(store, model)
    with st.container(horizontal=True):  # which wraps where columns would cut figures short
        for label, value in (
            ("Data sets", f"{len(datasets):,}"),
            ("Trajectories", f"{sum(dataset.trajectories for dataset in datasets):,}"),
            ("Frames", f"{sum(dataset.frames for dataset in datasets):,}"),
            ("Models", f"{len(models):,}"),
            ("On disk", size(size_bytes(store))),
        ):
            st.metric(label, value, border=True, width="stretch")


def _model(store: Path, run: Run) -> None:
    st.subheader("Current model")
    damaged_model.warn(store, run)
    coin_flip.warn(store, run)
    with open_store(store) as db:
        elbo = held_out_elbo.of_run(db, run)
    with st.container(border=True):
        st.markdown(
            selection.describe(run, elbo),
            help=glossary.meaning("latent", "elbo", "held_out", "epoch"),
        )
        with st.container(horizontal=True):
            st.caption(
                f"Trained on {plain(run.device or 'an unknown device')}",
                help=glossary.meaning("current"),
            )
            st.page_link(
                "pages/train.py",
                label="See its curves, or make another one current",
                icon=":material/show_chart:",
                query_params={"run": str(run.id)},
            )


shell.enter()
header.show(
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
    if not all(step.done for step in steps):
        first_steps.show(steps)
    _filled(store, datasets, models, model)
    if all(step.done for step in steps):
        st.subheader("Where to go")
        first_steps.show(steps)
else:
    _empty(store, building=any(job.kind == "demo" for job in pending))
    st.subheader("Or step by step")
    first_steps.show(steps)
