"""Kinds of widgets for the options of an import: a choice, numbers, a word."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from morphcore.readers.look import TrajectoryLook
from ui.datasets import option_state as state
from wording import imports as words

AS_FOUND = "as found"  # shown for None, and chosen for it
NUMBERS = "numbers"  # the choice that shows fields for numbers


@dataclass(frozen=True)
class Place:
    """Where a widget stands, and what was found."""

    asked: bool  # at a question: nothing is filled in, and "as found" is no answer
    trajectories: Sequence[TrajectoryLook]


def choice(
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
    return NUMBERS if is_number and NUMBERS in choices else value


def _take_choice(name: str, key: str) -> None:
    value = st.session_state[key]
    if value != NUMBERS:  # its fields set it, once they are filled
        state.put(name, None if value == AS_FOUND else value)


def numbers(
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


def square(values: list[Any]) -> Any:
    """Both sides of a pixel; the second is the first where it is left empty."""
    along_x, along_y = values
    if along_x is None:
        return None
    return (along_x, along_x if along_y is None else along_y)


def word(name: str, place: Place, *, label: str, choices: Sequence[str], help: str) -> None:
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
