"""Widgets of the options of an import, each at a question that it decides or among all options."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from morphcore.readers.look import ImportLook, TrajectoryLook
from morphcore.types import LEAST_SIDE, MOST_SIDE
from ui.datasets import option_state as state
from wording import imports as words

AS_FOUND = "as found"  # shown for None, and chosen for it
_NUMBERS = "numbers"  # the choice that shows fields for numbers
_UNITS = ("nm", "µm", "mm", "Å")
_TIME_UNITS = ("step", "frame", "s", "ms", "min", "h")


@dataclass(frozen=True)
class Place:
    """Where a widget stands, and what was found."""

    asked: bool  # at a question: nothing is filled in, and "as found" is no answer
    trajectories: Sequence[TrajectoryLook]


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


# --- kinds of widgets -------------------------------------------------------------------------


def _choice(
    name: str,
    place: Place,
    *,
    label: str,
    choices: Mapping[Any, str],
    may_be_found: bool = True,
    help: str | None = None,
) -> Any:
    """A list to choose from, with "as found" before the choices where that is an answer."""
    key = state.key(name, asked=place.asked)
    value = state.value(name)
    unanswered = value is None or (place.asked and name not in state.given())
    shown = None if unanswered else _shown(value, choices)
    st.session_state.setdefault(key, AS_FOUND if shown is None and not place.asked else shown)
    options = [*choices] if place.asked or not may_be_found else [AS_FOUND, *choices]
    found = words.found(name, place.trajectories)
    usual = f"{AS_FOUND}: {found}" if found else AS_FOUND
    return st.selectbox(
        label,
        options,
        index=None if place.asked else 0,
        format_func=lambda option: choices.get(option, usual),
        key=key,
        help=help,
        placeholder="Choose",
        on_change=_take_choice,
        args=(name, key),
    )


def _shown(value: Any, choices: Mapping[Any, str]) -> Any:
    """The entry of a list for a value; fields for numbers are behind an entry of their own."""
    is_number = isinstance(value, tuple | list) or (
        isinstance(value, int | float) and not isinstance(value, bool)
    )
    return _NUMBERS if is_number and _NUMBERS in choices else value


def _take_choice(name: str, key: str) -> None:
    value = st.session_state[key]
    if value != _NUMBERS:  # its fields set it, once they are filled
        state.put(name, None if value == AS_FOUND else value)


def _numbers(
    name: str,
    place: Place,
    *,
    labels: Sequence[str],
    whole: bool = False,
    least: float | None = None,
    most: float | None = None,
    placeholders: Sequence[str] = (),
    complete: Callable[[list[Any]], Any] | None = None,
    help: str | None = None,
) -> None:
    """Fields for numbers side by side; the option is set once `complete` makes a value of them."""
    value = state.value(name)
    known: Sequence[Any]
    if isinstance(value, tuple | list):
        known = value
    else:
        known = [value] if isinstance(value, int | float) else []
    if not placeholders and (found := words.found(name, place.trajectories)):
        placeholders = [found] * len(labels)
    keys = [state.key(name, str(index), asked=place.asked) for index in range(len(labels))]
    for index, (key, column) in enumerate(zip(keys, st.columns(len(labels)), strict=True)):
        filled = known[index] if index < len(known) else None
        st.session_state.setdefault(
            key, filled if filled is None else (int(filled) if whole else float(filled))
        )
        cast = int if whole else float
        with column:
            st.number_input(
                labels[index],
                min_value=None if least is None else cast(least),
                max_value=None if most is None else cast(most),
                value=None,
                step=1 if whole else None,
                format=None if whole else "%.6g",
                key=key,
                placeholder=placeholders[index] if index < len(placeholders) else AS_FOUND,
                help=help if index == 0 else None,
                on_change=_take_numbers,
                args=(name, keys, complete or _all_or_none),
            )


def _take_numbers(name: str, keys: Sequence[str], complete: Callable[[list[Any]], Any]) -> None:
    values = [st.session_state.get(key) for key in keys]
    if all(value is None for value in values):
        state.put(name, None)
    elif (value := complete(values)) is not None:
        state.put(name, value)


def _all_or_none(values: list[Any]) -> Any:
    if any(value is None for value in values):
        return None
    return values[0] if len(values) == 1 else tuple(values)


def _square(values: list[Any]) -> Any:
    """Both sides of a pixel; the second is the first where it is left empty."""
    along_x, along_y = values
    if along_x is None:
        return None
    return (along_x, along_x if along_y is None else along_y)


def _word(name: str, place: Place, *, label: str, choices: Sequence[str], help: str) -> None:
    """A list to choose from that takes other words, too."""
    key = state.key(name, asked=place.asked)
    value = state.value(name)
    st.session_state.setdefault(key, value)
    found = words.found(name, place.trajectories)
    st.selectbox(
        label,
        [*choices] if value is None or value in choices else [*choices, value],
        index=None,
        key=key,
        placeholder="Choose or type" if place.asked else (found or AS_FOUND),
        accept_new_options=True,
        help=help,
        on_change=_take_choice,
        args=(name, key),
    )


# --- the options -------------------------------------------------------------------------------


def _threshold(name: str, place: Place) -> None:
    mode = _choice(
        name,
        place,
        label="White from",
        choices={
            "half": "half of the range on",
            "otsu": "Otsu's threshold on",
            _NUMBERS: "a value on",
        },
        help="Pixels of at least this value are white. Otsu's threshold divides all values of a "
        "trajectory into two classes that are as even in themselves as can be.",
    )
    if mode == _NUMBERS:
        _numbers(name, place, labels=["Threshold"], placeholders=["in the files' own values"])


def _value_range(name: str, place: Place) -> None:
    found = words.found(name, place.trajectories).split(" to ")
    _numbers(
        name,
        place,
        labels=["Value of black", "Value of white"],
        placeholders=found if len(found) == 2 else (),
        help="Gray lies between these two; values beyond them are cut off.",
    )


def _crop(name: str, place: Place) -> None:
    mode = _choice(
        name,
        place,
        label="Crop",
        choices={
            "auto": "what is the same in all frames",
            "none": "nothing",
            _NUMBERS: "by numbers",
        },
        help="Margins, axes and information bars are no film. Found are those that are the same in "
        "all frames.",
    )
    if mode == _NUMBERS:
        _numbers(
            name,
            place,
            labels=["Left", "Top", "Right", "Bottom"],
            whole=True,
            least=0,
            placeholders=["px"] * 4,
            complete=lambda values: tuple(value or 0 for value in values),
        )


def _window(name: str, place: Place) -> None:
    _numbers(
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
    "tyx": "rows are y: as it is",
    "txy": "rows are x: turned by a quarter",
    "yxt": "time is the last axis; rows are y",
    "xyt": "time is the last axis; rows are x, turned",
    "ytx": "time is the middle axis; y is first",
    "xty": "time is the middle axis; x is first, turned",
}
_FLIPS = {"none": "nothing", "x": "left and right", "y": "top and bottom", "xy": "both"}
_PERIODIC = {
    "none": "none: walls on all sides",
    "x": "left and right",
    "y": "top and bottom",
    "xy": "all",
}
_COLOURS = {
    "lightness": "by lightness",
    "map": "by the place on the colour map",
    "red": "red alone",
    "green": "green alone",
    "blue": "blue alone",
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
        _choice,
        label="White is",
        choices={False: "the phase of higher values", True: "the phase of lower values"},
        may_be_found=False,
        help="Swapping the phases makes white what was black.",
    ),
    "value_range": _value_range,
    "colours": partial(
        _choice,
        label="Colours become one number",
        choices=_COLOURS,
        help="Many colour maps are not lighter where the value is higher: there lightness would "
        "take the interface for a phase.",
    ),
    "channel": partial(
        _numbers,
        labels=["Channel"],
        whole=True,
        least=0,
        help="Of pictures with several, counted from 0.",
    ),
    "axes": partial(
        _choice,
        label="Axes",
        choices=_AXES,
        help="y is across the film, from top to bottom; x along it.",
    ),
    "flip": partial(_choice, label="Mirror", choices=_FLIPS, may_be_found=False),
    "crop": _crop,
    "window": _window,
    "periodic": partial(
        _choice,
        label="Edges that join",
        choices=_PERIODIC,
        help="Where the film goes on at the opposite edge, as in a periodic simulation.",
    ),
    "pixel_size": partial(
        _numbers,
        labels=["Pixel along x", "Pixel along y"],
        least=0,
        complete=_square,
        help="The sides of a pixel in the unit of length. Along y left empty: it is square. "
        "Pixels that are not are made square by resampling.",
    ),
    "length_unit": partial(
        _word, label="Unit of length", choices=_UNITS, help="In which the pixel's sides are given."
    ),
    "time_unit": partial(
        _word, label="Unit of time", choices=_TIME_UNITS, help="Of the times in names or files."
    ),
    "time_step": partial(
        _numbers,
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
