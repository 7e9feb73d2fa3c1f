"""Widgets of the options of an import, each at a question that it decides or among all options."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from morphcore.readers.look import ImportLook
from morphcore.types import LEAST_SIDE, MOST_SIDE
from ui.datasets import option_state as state
from ui.datasets.option_widgets import NUMBERS, Place, choice, numbers, square, word
from wording import imports as words

_UNITS = ("nm", "µm", "mm", "Å")
_TIME_UNITS = ("step", "frame", "s", "ms", "min", "h")


def show_all(look: ImportLook | None, asked: frozenset[str]) -> None:
    """Show every option but those that are asked for elsewhere."""
    place = Place(False, look.trajectories if look else ())
    for heading, rows in _GROUPS.items():
        free = [[name for name in row if name not in asked] for row in rows]
        if any(free):
            st.markdown(f":small[**{heading}**]")
        for row in filter(None, free):
            for column, name in zip(st.columns(3), row, strict=False):
                with column:
                    _WIDGETS[name](name, place)


def show_one(name: str, look: ImportLook) -> bool:
    """Show the widget of an option at a question; False if there is none of that name."""
    if name not in _WIDGETS:
        return False
    with st.container(width=480):
        _WIDGETS[name](name, Place(True, look.trajectories))
    return True


def _threshold(name: str, place: Place) -> None:
    mode = choice(
        name,
        place,
        label="White from",
        choices={
            "half": "half: of the range",
            "otsu": "otsu: Otsu's threshold",
            NUMBERS: "a value",
        },
        help="Pixels of at least this value are white. Otsu's threshold divides all values of a "
        "trajectory into two classes that are as even in themselves as can be.",
    )
    if mode == NUMBERS:
        numbers(name, place, labels=["Threshold"], placeholders=["in the files' own values"])


def _value_range(name: str, place: Place) -> None:
    found = words.found(name, place.trajectories).split(" to ")
    numbers(
        name,
        place,
        labels=["Value of black", "Value of white"],
        placeholders=found if len(found) == 2 else (),
        help="Gray lies between these two; values beyond them are cut off.",
    )


def _crop(name: str, place: Place) -> None:
    mode = choice(
        name,
        place,
        label="Crop",
        choices={
            "auto": "auto: what is the same in all frames",
            "none": "none: nothing",
            NUMBERS: "by numbers",
        },
        help="Margins, axes and information bars are no film. Found are those that are the same in "
        "all frames.",
    )
    if mode == NUMBERS:
        numbers(
            name,
            place,
            labels=["Left", "Top", "Right", "Bottom"],
            whole=True,
            least=0,
            placeholders=["px"] * 4,
            complete=lambda values: tuple(value or 0 for value in values),
        )


def _window(name: str, place: Place) -> None:
    numbers(
        name,
        place,
        labels=["Window height", "Window width"],
        whole=True,
        least=LEAST_SIDE,
        most=MOST_SIDE,
        placeholders=["whole pictures"] * 2,
        help="Pictures are cut into windows of this size, in pixels; each place of a window is a "
        "trajectory of its own.",
    )


_AXES = {
    "tyx": "tyx: rows are y, as it is",
    "txy": "txy: rows are x, turned by a quarter",
    "yxt": "yxt: time is the last axis; rows are y",
    "xyt": "xyt: time is the last axis; rows are x, turned",
    "ytx": "ytx: time is the middle axis; y is first",
    "xty": "xty: time is the middle axis; x is first, turned",
}
_FLIPS = {
    "none": "none",
    "x": "x: left and right",
    "y": "y: top and bottom",
    "xy": "xy: both",
}
_PERIODIC = {
    "none": "none: walls on all sides",
    "x": "x: left and right",
    "y": "y: top and bottom",
    "xy": "xy: all",
}
_COLOURS = {
    "lightness": "lightness",
    "map": "map: the place along it",
    "red": "red",
    "green": "green",
    "blue": "blue",
}


def _names(name: str, place: Place) -> None:
    key = state.key(name, asked=place.asked)
    st.session_state.setdefault(key, state.value(name) or "")
    written = st.text_input(
        "Pattern of file names",
        key=key,
        placeholder=r"(?P<trajectory>.+)_(?P<time>\d+)",
        help="A regular expression for file names without ending. Its group `time` is the time, "
        "its group `trajectory` the name of the trajectory. Empty: the number that varies is the "
        "time.",
        on_change=_take_names,
        args=(name, key),
    )
    if written and (problem := pattern_problem(written)):
        st.caption(f":red[{problem}]")


def _take_names(name: str, key: str) -> None:
    written = st.session_state[key].strip()
    if not written or not pattern_problem(written):
        state.put(name, written or None)


def pattern_problem(pattern: str) -> str:
    """What is wrong with a pattern of file names, in a sentence; empty where nothing is."""
    try:
        groups = set(re.compile(pattern).groupindex)
    except re.error as err:
        return f"This is no regular expression: {err}."
    if not groups & {"time", "trajectory"}:
        return "It needs a group (?P<time>…), (?P<trajectory>…), or both."
    return ""


_Widget = Callable[[str, Place], Any]
_WIDGETS: Mapping[str, _Widget] = {
    "threshold": _threshold,
    "swap": partial(
        choice,
        label="White is",
        choices={False: "the phase of higher values", True: "the phase of lower values"},
        may_be_found=False,
        help="Swapping the phases makes white what was black.",
    ),
    "value_range": _value_range,
    "colours": partial(
        choice,
        label="Colours become",
        choices=_COLOURS,
        help="Many colour maps are not lighter where the value is higher: there lightness would "
        "take the interface for a phase.",
    ),
    "channel": partial(
        numbers,
        labels=["Channel"],
        whole=True,
        least=0,
        help="Of pictures with several, counted from 0.",
    ),
    "axes": partial(
        choice,
        label="Axes",
        choices=_AXES,
        help="y is across the film, from top to bottom; x along it.",
    ),
    "flip": partial(choice, label="Mirror", choices=_FLIPS, may_be_found=False),
    "crop": _crop,
    "window": _window,
    "periodic": partial(
        choice,
        label="Edges that join",
        choices=_PERIODIC,
        help="Where the film goes on at the opposite edge, as in a periodic simulation.",
    ),
    "pixel_size": partial(
        numbers,
        labels=["Pixel along x", "Pixel along y"],
        least=0,
        complete=square,
        help="The sides of a pixel in the unit of length. Along y left empty: it is square. "
        "Pixels that are not are made square by resampling.",
    ),
    "length_unit": partial(
        word, label="Unit of length", choices=_UNITS, help="In which the pixel's sides are given."
    ),
    "time_unit": partial(
        word, label="Unit of time", choices=_TIME_UNITS, help="Of the times in names or files."
    ),
    "time_step": partial(
        numbers,
        labels=["Time between frames"],
        least=0,
        help="For frames whose times are not known, in the unit of time.",
    ),
    "names": _names,
}
# By heading, in rows.
_GROUPS = {
    "Black and white": (("threshold", "swap", "value_range"), ("colours", "channel")),
    "Geometry": (
        ("axes", "flip", "periodic"),
        ("pixel_size", "length_unit"),
        ("crop", "window"),
    ),
    "Times and names": (("time_unit", "time_step", "names"),),
}
