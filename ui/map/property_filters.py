"""Filters of a map by properties: the ones that are chosen, each by a range or by its words."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import streamlit as st

from analysis.map_filters import Range
from store.properties import FrameProperty
from wording.escapes import plain

_KEY = "map_filter"
_STEPS = 200  # of a range


class Chosen(NamedTuple):
    """The filters as the widgets stand; a range over everything, and no word, are none."""

    ranges: tuple[tuple[str, Range], ...] = ()
    words: tuple[tuple[str, frozenset[str]], ...] = ()


def choose(properties: Mapping[str, FrameProperty], dataset_id: int) -> None:
    """Widgets: which properties to filter by, and a range or words of each."""
    if not properties:
        return
    st.multiselect(
        "Properties",
        list(properties),
        key=_key("properties", dataset_id),
        placeholder="Choose properties to filter by",
        persist_state="session",
        bind="query-params",
        help="A frame of which a property is not known passes no filter by it.",
    )
    for name in _names(properties, dataset_id):
        known = properties[name]
        if not known.is_number:
            st.pills(
                plain(name),
                list(known.classes),
                selection_mode="multi",
                format_func=plain,
                key=_key(f"property_{name}", dataset_id),
                persist_state="session",
                help="None chosen: all of them.",
            )
            continue
        low, high = _ends(known)
        if low < high:
            st.slider(
                plain(name),
                low,
                high,
                value=(low, high),
                step=(high - low) / _STEPS,
                format="%.4g",
                key=_key(f"property_{name}", dataset_id),
                persist_state="session",
            )


def stored(properties: Mapping[str, FrameProperty], dataset_id: int) -> Chosen:
    """The filters as the widgets stand."""
    ranges: list[tuple[str, Range]] = []
    words: list[tuple[str, frozenset[str]]] = []
    for name in _names(properties, dataset_id):
        known, value = properties[name], st.session_state.get(_key(f"property_{name}", dataset_id))
        if not value:
            continue
        if not known.is_number:
            words.append((name, frozenset(value)))
            continue
        low, high = _ends(known)
        step = (high - low) / _STEPS
        # An end that was not moved is open, whatever a browser made of its digits.
        first = -np.inf if value[0] < low + step / 2 else float(value[0])
        last = np.inf if value[1] > high - step / 2 else float(value[1])
        if np.isfinite(first) or np.isfinite(last):
            ranges.append((name, (first, last)))
    return Chosen(tuple(ranges), tuple(words))


def reset(dataset_id: int) -> None:
    """Take all filters by properties away."""
    st.session_state[_key("properties", dataset_id)] = []


def _names(properties: Mapping[str, FrameProperty], dataset_id: int) -> list[str]:
    chosen = st.session_state.get(_key("properties", dataset_id)) or []
    return [name for name in chosen if name in properties]


def _ends(known: FrameProperty) -> Range:
    there = known.values[np.isfinite(known.values)]
    return float(there.min()), float(there.max())


def _key(name: str, dataset_id: int) -> str:
    return f"{_KEY}_{name}_{dataset_id}"
