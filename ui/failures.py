"""Failures that are meant for the user as a sentence on the page, rather than an exception box.

Streamlit runs three things by themselves: a page, what a widget calls when it changes, and a
fragment. `app.py` says what a page raises; a fragment is made by `fragment` here, and what a widget
calls is decorated with `@said()` where it works on the store.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

import streamlit as st

from morphcore.errors import MorphError
from ui.held_store import held
from wording.escapes import plain

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


@contextmanager
def said() -> Iterator[None]:
    """Say an error that is written for the user; a context, or a decorator as `@said()`."""
    try:
        yield
    except MorphError as err:
        st.error(plain(str(err)), icon=":material/error:")


def fragment(
    function: Callable[_Arguments, _Result], *, run_every: float | None = None
) -> Callable[_Arguments, _Result]:
    """A part of a page that runs again by itself, every so many seconds where that is given."""
    return st.fragment(said()(held()(function)), run_every=run_every)
