"""Where a training ends: after minutes, steps or epochs, one of them."""

from typing import Any, Literal

import streamlit as st

from morphcore.config import MOST_EPOCHS, MOST_MINUTES, MOST_STEPS, TrainConfig
from store.runs import Run

Ending = Literal["minutes", "steps", "epochs"]
_ENDINGS: list[Ending] = ["minutes", "steps", "epochs"]
_USUAL_MINUTES, _USUAL_STEPS = 30.0, 1000
_MOST: dict[Ending, int] = {"minutes": MOST_MINUTES, "steps": MOST_STEPS, "epochs": MOST_EPOCHS}
_HELP = (
    "**Minutes** are turned into a number of steps once, by the speed of the first ones; the "
    "training then has as many, however busy the machine becomes. **Steps** are batches: the same "
    "number gives the same model anywhere, on a slow machine later. An **epoch** is one pass over "
    "all training frames."
)
_HELP_OF_TRIAL = (
    "**Minutes** count what larger models cost. **Steps** are those of usual batches: with smaller "
    "ones a trial has more steps, so that all see as many frames, and the same tuning comes to the "
    "same trials anywhere."
)


def choose(usual: TrainConfig) -> dict[str, Any]:
    """The end of a new training: arguments of the job; `usual` are the preset's settings."""
    return _choose(
        "train",
        usual.preset,
        "minutes",
        {"minutes": _USUAL_MINUTES, "steps": _USUAL_STEPS, "epochs": usual.epochs},
    )


def of_trial(usual: TrainConfig) -> dict[str, Any]:
    """The end of each trial of a tuning: minutes or steps."""
    suggested = {"minutes": _USUAL_MINUTES / 10, "steps": _USUAL_STEPS / 2}
    return _choose("tune", usual.preset, "minutes", suggested)


def later(run: Run, *, finished: bool) -> dict[str, Any]:
    """The end of a run that goes on: the one it had, or where it is `finished` twice as far."""
    config = run.config
    had: Ending = "epochs"
    if config.minutes is not None:
        had = "minutes"
    elif config.steps is not None:
        had = "steps"
    more = 2 if finished else 1
    suggested = {
        "minutes": (config.minutes or _USUAL_MINUTES) * more,
        "steps": (config.steps or _USUAL_STEPS) * more,
        "epochs": config.epochs if run.epochs < config.epochs < MOST_EPOCHS else run.epochs + 100,
    }
    chosen = _choose("resume", str(run.id), had, suggested)
    return {"epochs": None, "minutes": None, "steps": None, **chosen}


def _choose(form: str, key: str, first: Ending, suggested: dict[Any, float]) -> dict[str, Any]:
    """Let one of the ends be chosen, and its number."""
    # What a run that goes on is offered changes with it.
    keep: Literal["session"] | None = None if form == "resume" else "session"
    by: Ending = st.segmented_control(
        "A trial ends after" if form == "tune" else "Ends after",
        [each for each in _ENDINGS if each in suggested],
        default=first,
        required=True,
        key=f"{form}_end_{key}",
        persist_state=keep,
        format_func=str.capitalize,
        width="stretch",
        help=_HELP_OF_TRIAL if form == "tune" else _HELP,
    )
    value = min(suggested[by], _MOST[by])
    number: dict[str, Any] = {"key": f"{form}_{by}_{key}", "persist_state": keep}
    label = f"{by.capitalize()} in all" if form == "resume" else by.capitalize()
    if by == "minutes":
        return {
            by: st.number_input(label, 0.1, float(_MOST[by]), float(value), 1.0, "%g", **number)
        }
    return {by: st.number_input(label, 1, _MOST[by], int(value), **number)}
