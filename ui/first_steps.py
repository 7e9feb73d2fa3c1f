"""The three steps from an empty store to a judged model: which are done, and which is under way."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import streamlit as st
from sqlite_utils import Database

from store import datasets, evaluations
from store.jobs import Job
from store.runs import Run
from wording.escapes import plain
from wording.jobs import now, stage_name
from wording.numbers import amount

_HAVE, _TRAIN, _JUDGE = range(3)
# The steps that jobs and their stages belong to; of a demo, the stage says it.
_STEP_OF: Mapping[str, int] = {
    **dict.fromkeys(("demo", "simulate", "import", "replicates"), _HAVE),
    **dict.fromkeys(("train", "index", "map", "halves", "realisations", "axes"), _TRAIN),
    **dict.fromkeys(("encode", "describe", "maps"), _TRAIN),
    **dict.fromkeys(("evaluate", "twins", "twins-read", "elbo", "neighbours"), _JUDGE),
    **dict.fromkeys(("baselines", "figures"), _JUDGE),
}


class FirstStep(NamedTuple):
    """A step: its title, its reason, its result so far, and the pages where it is done."""

    title: str
    why: str
    done: str  # what is there; empty where the step is still to be done
    links: tuple[tuple[str, str, str], ...]  # page, label, icon
    doing: str = ""  # the stage that is under way; empty where none is


def steps(db: Database, model: Run | None, pending: Sequence[Job] = ()) -> list[FirstStep]:
    """The steps in order; `model` is the current one, `pending` the jobs at work or waiting."""
    doing = _doing(pending)
    frames = sum(dataset.frames for dataset in datasets.all_datasets(db))
    index = None if model is None else model.index
    evaluation = index and evaluations.newest_whole(db, index.checkpoint_id)
    listed = [
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
            (
                (
                    "pages/train.py",
                    "See it train" if _TRAIN in doing else "Train a model",
                    ":material/model_training:",
                ),
            ),
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
    return [step._replace(doing=doing.get(place, "")) for place, step in enumerate(listed)]


def _doing(pending: Sequence[Job]) -> dict[int, str]:
    """The names of the stages under way, by the place of the step that they belong to."""
    doing = {}
    for job in pending:
        key = now(job.stages) or job.kind
        place = _STEP_OF.get(key, _STEP_OF.get(job.kind))
        if job.state == "running" and place is not None:
            doing[place] = stage_name(key)
    return doing


def show(all_steps: list[FirstStep]) -> None:
    """Show the steps side by side: those done, the one that is next, and those that wait for it."""
    ready = True  # whether what this step needs is there
    turn = True  # whether it is the next to do: nothing before it is under way
    for column, (number, step) in zip(
        st.columns(len(all_steps)), enumerate(all_steps, 1), strict=True
    ):
        with column.container(border=True, height="stretch"):
            if step.doing:
                sign = ":primary[:material/progress_activity:]"
            elif step.done:
                sign = ":green[:material/check_circle:]"
            else:
                sign = ":primary[:material/arrow_circle_right:]" if turn else ":material/circle:"
            st.markdown(f"{sign} **{number}. {step.title}**")
            done = f" Done: {step.done}." if step.done else ""
            doing = f" Under way: {step.doing}." if step.doing else ""
            st.caption(f"{step.why}{done}{doing}")
            for page, label, icon in step.links:
                waits = page != "pages/data.py" and not ready and not step.doing
                needs_frames = page == "pages/trajectories.py" and not step.done
                st.page_link(page, label=label, icon=icon, disabled=waits or needs_frames)
        ready = ready and bool(step.done)
        turn = turn and bool(step.done) and not step.doing
