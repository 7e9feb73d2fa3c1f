"""Query parameters of the page's address: the only module that reads and writes them.

What an address may name (a row, a frame, a latent) belongs to the page; here is how it is written:
`?run=3`, `?traj=4,7`. A value that is not of its kind counts as not there.
"""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_ID_DIGITS = 17  # SQLite's integers end at 19 digits

_Option = TypeVar("_Option", int, str)
_Default = TypeVar("_Default", bound=str | int | None)  # one of the options, or None


def text_param(name: str) -> str | None:
    """The parameter as it is written; None without it."""
    return st.query_params.get(name)


def int_param(name: str) -> int | None:
    """The parameter as an id, or another whole number from 0 on; None where it is none."""
    return as_id(text_param(name) or "")


def ids_param(name: str) -> list[int]:
    """The ids of a parameter that lists them, `?name=4,7`; what is none is left out."""
    return as_ids(text_param(name) or "")


def numbers_param(name: str) -> list[float]:
    """The finite numbers of a parameter that lists them, `?name=0.5,-2`; none where one is none."""
    return as_numbers(text_param(name) or "")


def has_param(*names: str) -> bool:
    """Whether the address has one of the parameters, whatever its value."""
    return any(name in st.query_params for name in names)


def went_back() -> bool:
    """Whether Back or Forward brought this page: its address says all, and what it lacks is unset.

    A choice that was kept over pages then counts no more.
    """
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and context.is_history_navigation


def set_params(values: Mapping[str, str | int | Sequence[int]]) -> None:
    """Write parameters as one change of the address, so that Back undoes them together."""
    texts = {name: _text(value) for name, value in values.items()}
    if any(st.query_params.get(name) != text for name, text in texts.items()):
        st.query_params.update(texts)


def drop_params(*names: str) -> None:
    """Take parameters out of the address."""
    for name in names:
        st.query_params.pop(name, None)


def linked_selectbox(
    label: str,
    options: Sequence[_Option],
    *,
    link: str,
    key: str,
    default: _Default,
    format_func: Callable[[_Option], str],
    session_first: bool = False,
    **layout: Any,
) -> _Option | _Default:
    """A select box bound to `?link=OPTION`; the address follows what is chosen.

    The address wins once, then the user's choice, which is kept over pages (`session_first`: the
    other way round, so that an address counts only where nothing was chosen yet), then `default`.
    After Back, the address alone counts. None, for no choice, is possible only where that is the
    default.
    """
    state = st.session_state
    named = int_param(link), text_param(link)
    linked = next((option for option in options if option in named), None)
    kept = key in state and state[key] in (options if default is not None else [*options, None])
    if linked is not None and (went_back() or not (kept and session_first)):
        state[key] = linked
    elif not kept or went_back():
        state[key] = default

    def to_link() -> None:  # before the page runs again, where the older address would win
        set_params({link: state[key]})

    chosen: Any = st.selectbox(
        label,
        options,
        format_func=format_func,
        key=key,
        index=None if default is None else 0,
        on_change=None if session_first else to_link,
        persist_state="session",
        **layout,
    )
    if chosen is None:
        drop_params(link)
    else:
        set_params({link: chosen})
    return chosen  # type: ignore[no-any-return]


def linked_segments(
    label: str,
    options: Sequence[str],
    *,
    link: str,
    key: str,
    default: str,
    **layout: Any,
) -> str:
    """A segmented control bound to `?link=OPTION`, which is there unless it is the default.

    The address wins, then the user's choice, which is kept over pages, then `default`.
    """
    state, linked = st.session_state, text_param(link)
    if linked in options:
        state[key] = linked
    elif key not in state or went_back():
        state[key] = default

    def to_link() -> None:
        if state[key] == default:
            drop_params(link)
        else:
            set_params({link: state[key]})

    chosen = st.segmented_control(
        label,
        options,
        required=True,
        key=key,
        on_change=to_link,
        persist_state="session",
        **layout,
    )
    to_link()  # of a choice that was kept while other pages were open
    return str(chosen)


def as_id(text: str) -> int | None:
    """A whole number in ASCII digits that is no longer than ids are.

    >>> as_id("17"), as_id("²"), as_id("9" * 30)
    (17, None, None)
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _ID_DIGITS else None


def as_ids(text: str) -> list[int]:
    """The ids in a list; what is none is left out."""
    ids = (as_id(part) for part in text.split(","))
    return [number for number in ids if number is not None]


def as_numbers(text: str) -> list[float]:
    """The finite numbers in a list; none where one is none."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        return []
    return numbers if all(map(isfinite, numbers)) else []


def _text(value: str | int | Sequence[int]) -> str:
    return ",".join(map(str, value)) if not isinstance(value, str | int) else str(value)
