"""Form of a training; its fields are the arguments of the job."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from jobs.specs import TrainJob
from morphcore.config import PRESETS, ConfigError, TrainConfig, train_config
from store.datasets import Dataset
from ui.jobs import panel
from ui.runs import ending, tune_form
from wording.escapes import plain
from wording.numbers import amount

PRESET_WORDS = {
    "two-level": "A few numbers say what a frame is like, two maps where its things are. "
    "Made for comparing: its neighbours are alike in kind, wherever their domains lie.",
    "seed": "The proof of concept's variational autoencoder: 2 convolutional and 2 dense layers "
    "each way. Fast, and the baseline to beat.",
}
SPLIT_HELP = (
    "Where the held-out 20 % come from. **By frame**: drawn at random over all frames, as the "
    "proof of concept did. A frame's neighbours in time, nearly the same picture, are then in "
    "training, so the held-out figure flatters. **By trajectory**: whole trajectories are kept "
    "apart, so the figure says how the model does on one that it has never seen."
)
_LOWER_WORDS = {"stall": "When it stalls", "epoch": "From an epoch", "never": "Never"}


def show(store: Path, datasets: Sequence[Dataset]) -> bool:
    """Show the form for data sets that have frames; True when a job was queued just now."""
    tuning = (
        st.segmented_control(
            "What",
            ["training", "tuning"],
            default="training",
            required=True,
            format_func=str.capitalize,
            key="train_what",
            persist_state="session",
            label_visibility="collapsed",
            width="stretch",
            help="A tuning looks for the settings of a preset by which it is best on your data.",
        )
        == "tuning"
    )
    by_name = {dataset.name: dataset for dataset in reversed(datasets)}
    dataset = by_name[
        st.selectbox("Data set", list(by_name), key="train_dataset", persist_state="session")
    ]
    st.caption(
        f"{amount(dataset.trajectories, 'trajectory', 'trajectories')}, "
        f"{amount(dataset.frames, 'frame')}"
    )
    args: dict[str, Any] = {"dataset": dataset.name}
    args["preset"] = st.selectbox(
        "Preset", PRESETS, key="train_preset", persist_state="session", format_func=str
    )
    st.caption(PRESET_WORDS.get(args["preset"], ""))
    usual = train_config(args["preset"])
    if not tuning:
        args |= ending.choose(usual)
    args["split"] = st.segmented_control(
        "Held-out frames, 20 %",
        ["frame", "trajectory"],
        default="frame" if dataset.trajectories < 2 else usual.split,
        required=True,
        format_func=lambda split: f"By {split}",
        key=f"train_split_{args['preset']}",
        persist_state="session",
        help=SPLIT_HELP,
    )
    if args["split"] == "frame":
        st.caption("Leaks: neighbours in time are in training, so the held-out figure flatters.")
    args["seed"] = st.number_input(
        "Seed",
        0,
        2**31 - 1,
        0,
        key="train_seed",
        persist_state="session",
        help="Equal seeds and settings give the same split and the same start.",
    )
    if tuning:
        return tune_form.show(store, dataset, usual, args["split"], args["seed"])
    with st.expander("Advanced"):
        args |= _advanced(usual)
    job = TrainJob(**args)
    problem = _problem(job, dataset)
    if problem:
        st.warning(plain(problem))
    return (
        panel.start_button(
            store,
            "Start training",
            job,
            key="start_training",
            disabled=problem is not None,
            icon=":material/play_arrow:",
            help="Runs in the background; when it ends, it indexes all frames and draws the map.",
            width="stretch",
        )
        is not None
    )


def _advanced(usual: TrainConfig) -> dict[str, Any]:
    """Show the settings that few change; `usual` are those of the preset."""
    args: dict[str, Any] = {}
    args["latent"] = st.number_input(
        "Latent dimensions",
        1,
        256,
        usual.latent,
        key=f"train_latent_{usual.preset}",
        persist_state="session",
    )
    args["channels"] = st.number_input(
        "Channels, times as many as usual",
        0.25,
        4.0,
        usual.channels,
        0.25,
        "%g",
        key=f"train_channels_{usual.preset}",
        persist_state="session",
        help="Of the convolutions: a wider network learns more, and is slower.",
    )
    args["batch"] = st.number_input(
        "Frames a batch",
        1,
        4096,
        usual.batch,
        key=f"train_batch_{usual.preset}",
        persist_state="session",
    )
    args["lr"] = st.number_input(
        "Learning rate",
        1e-7,
        1.0,
        usual.lr,
        1e-4,
        "%g",
        key=f"train_lr_{usual.preset}",
        persist_state="session",
    )
    if usual.schedule == "cosine":
        st.caption("Reached after 50 steps; from there it falls along half a cosine to the end.")
    else:
        args |= _lowered(usual)
    args["mirror"] = st.toggle(
        "Mirror left and right at random", True, key="train_mirror", persist_state="session"
    )
    args["roll"] = st.toggle(
        "Roll along the film at random",
        True,
        key="train_roll",
        persist_state="session",
        help="Exact for simulated frames, periodic along x; an imported frame gets a seam.",
    )
    return args


def _lowered(usual: TrainConfig) -> dict[str, Any]:
    """Show when the learning rate goes down in one step, and to what value."""
    args: dict[str, Any] = {}
    when = st.segmented_control(
        "Lower it",
        ["stall", "epoch", "never"],
        default="stall",
        required=True,
        format_func=lambda when: _LOWER_WORDS[when],
        key="train_lower",
        persist_state="session",
        help="When the held-out −ELBO has stopped falling, or from a chosen epoch on. The proof of "
        "concept went from 1e-3 to 1e-4 after about 4,000 epochs.",
    )
    args["lr_late"] = usual.lr_late
    if when != "never":
        args["lr_late"] = st.number_input(
            "Lowered learning rate",
            1e-7,
            1.0,
            usual.lr_late,
            1e-5,
            "%g",
            key="train_lr_late",
            persist_state="session",
        )
    args["lr_late_from"] = None
    if when == "epoch":
        args["lr_late_from"] = st.number_input(
            "From epoch", 1, 100_000, 100, key="train_lr_late_from", persist_state="session"
        )
    args["lr_late_on_stall"] = when == "stall"
    return args


def _problem(job: TrainJob, dataset: Dataset) -> str | None:
    if job.split == "trajectory" and dataset.trajectories < 2:
        return "A split by trajectory needs at least two trajectories; split by frame instead."
    if dataset.frames < 2:
        return "Training needs at least two frames: one to learn from and one to be judged on."
    try:
        train_config(**job.settings())
    except ConfigError as err:
        return str(err)
    return None
