"""The three steps from an empty store to a judged model; the store has which are done."""

from typing import NamedTuple

import streamlit as st
from sqlite_utils import Database

from store import datasets, evaluations
from store.runs import Run
from wording.escapes import plain
from wording.numbers import amount


class FirstStep(NamedTuple):
    """A step: its title, its reason, its result so far, and the pages where it is done."""

    title: str
    why: str
    done: str  # what is there; empty where the step is still to be done
    links: tuple[tuple[str, str, str], ...]  # page, label, icon


def steps(db: Database, model: Run | None) -> list[FirstStep]:
    """The steps in order; `model` is the current one."""
    frames = sum(dataset.frames for dataset in datasets.all_datasets(db))
    index = None if model is None else model.index
    evaluation = index and evaluations.newest_whole(db, index.checkpoint_id)
    return [
        FirstStep(
            "Have trajectories",
            "Simulate films that separate and coarsen, or import your own.",
            f"{amount(frames, 'frame')} in the store" if frames else "",
            (
                ("pages/data.py", "Simulate or import", ":material/add:"),
                ("pages/trajectories.py", "Play a trajectory", ":material/play_circle:"),
            ),
        ),
        FirstStep(
            "Train a model",
            "It learns what the frames look like, in the background, then indexes them all and "
            "draws a map.",
            f"{plain(model.name)} has {amount(model.indexed_frames, 'frame')} indexed"
            if model
            else "",
            (("pages/train.py", "Train a model", ":material/model_training:"),),
        ),
        FirstStep(
            "Look, compare, judge",
            "See all frames as a map, find those most like one that you draw, and ask how far the "
            "model can be trusted.",
            "the model has been judged" if evaluation else "",
            (
                ("pages/map.py", "Open the map", ":material/scatter_plot:"),
                ("pages/compare.py", "Draw a frame and compare", ":material/draw:"),
                ("pages/quality.py", "Judge the model", ":material/verified:"),
            ),
        ),
    ]


def show(all_steps: list[FirstStep]) -> None:
    """Show the steps side by side: those done, the one that is next, and those that wait for it."""
    ready = True  # whether all steps before this one are done
    for column, (number, step) in zip(
        st.columns(len(all_steps)), enumerate(all_steps, 1), strict=True
    ):
        with column.container(border=True, height="stretch"):
            if step.done:
                sign = ":green[:material/check_circle:]"
            else:
                sign = ":primary[:material/arrow_circle_right:]" if ready else ":material/circle:"
            st.markdown(f"{sign} **{number}. {step.title}**")
            st.caption(f"{step.why} Done: {step.done}." if step.done else step.why)
            for page, label, icon in step.links:
                waits = page != "pages/data.py" and not ready
                needs_frames = page == "pages/trajectories.py" and not step.done
                st.page_link(page, label=label, icon=icon, disabled=waits or needs_frames)
        ready = ready and bool(step.done)
