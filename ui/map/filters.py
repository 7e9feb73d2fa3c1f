"""Filters of a map by parameters, time, contrast, split, family and properties.

The axes stay.
"""

from collections.abc import Mapping

import numpy as np
import streamlit as st
from jaxtyping import Float64

from analysis.map_filters import Filters, Range
from analysis.map_points import MapPoints
from morphcore.descriptors.contrast import SEPARATED_FROM
from store.properties import FrameProperty
from ui.map import property_filters
from ui.map.time_slider import moments
from wording import glossary
from wording.escapes import plain
from wording.numbers import amount

SPLITS: Mapping[str, bool | None] = {"Both": None, "Training": False, "Held out": True}
_KEY = "map_filter"


def words(left: int, count: int) -> str:
    """The number of a map's frames that are shown, in a line."""
    if left == count:
        return amount(count, "frame")
    return f"**{left:,} of {amount(count, 'frame')}** shown"


def choose(points: MapPoints, dataset_id: int, properties: Mapping[str, FrameProperty]) -> Filters:
    """Choose the filters of a data set's maps, behind a button that counts those in force."""
    _rebase(points, dataset_id)
    before = _stored(points, dataset_id, properties)
    label = f"Filter ({before.count})" if before.count else "Filter"
    with st.popover(label, icon=":material/filter_alt:", key=f"{_KEY}_open"):
        for name, word in (
            ("phi", "Blend ratio φ"),
            ("chi", "Interaction χ"),
            ("time", f"Time ({plain(points.time_unit)})"),
        ):
            options = _values(points, name)
            if len(options) > 1:
                st.select_slider(
                    word,
                    options,
                    value=(options[0], options[-1]),
                    key=_key(name, dataset_id),
                    format_func=lambda value: f"{value:,.6g}",
                    persist_state="session",
                    bind="query-params",
                )
        if np.isfinite(points.contrast).any():
            st.slider(
                "Contrast",
                0.0,
                1.0,
                (0.0, 1.0),
                0.05,
                key=_key("contrast", dataset_id),
                persist_state="session",
                bind="query-params",
                help=glossary.meaning("contrast"),
            )
        st.segmented_control(
            "Split",
            list(SPLITS),
            default="Both",
            required=True,
            key=_key("split", dataset_id),
            persist_state="session",
            bind="query-params",
        )
        families = sorted(set(points.families.values()))
        if len(families) > 1:
            st.multiselect(  # which shows names as they are, and has them so in the address
                "Family",
                families,
                key=_key("family", dataset_id),
                persist_state="session",
                bind="query-params",
                placeholder="All",
            )
        property_filters.choose(properties, dataset_id)
        bare = int(points.unseparated.sum())
        if bare:
            st.toggle(
                f"Show not yet separated ({bare:,})",
                value=True,
                key=_key("bare", dataset_id),
                persist_state="session",
                bind="query-params",
                help=f"Frames whose contrast is below {SEPARATED_FROM}, drawn as diamonds.",
            )
        st.button(
            "Reset",
            icon=":material/filter_alt_off:",
            key=f"{_KEY}_reset",
            disabled=not _stored(
                points, dataset_id, properties
            ).count,  # the widgets have the link's filters by now
            on_click=_reset,
            args=(points, dataset_id),
        )
    return _stored(points, dataset_id, properties)


def _stored(points: MapPoints, dataset_id: int, properties: Mapping[str, FrameProperty]) -> Filters:
    """The filters as the widgets stand; a range over everything is none."""
    state = st.session_state
    ranges: dict[str, Range] = {}
    for name in ("phi", "chi", "time"):
        options, ends = _values(points, name), state.get(_key(name, dataset_id))
        if ends is not None and len(options) > 1 and tuple(ends) != (options[0], options[-1]):
            ranges[name] = (float(ends[0]), float(ends[1]))
    contrast = state.get(_key("contrast", dataset_id))
    if contrast is not None and tuple(contrast) != (0.0, 1.0):
        ranges["contrast"] = (float(contrast[0]), float(contrast[1]))
    of_properties = property_filters.stored(properties, dataset_id)
    return Filters(
        phi=ranges.get("phi"),
        chi=ranges.get("chi"),
        time=ranges.get("time"),
        contrast=ranges.get("contrast"),
        held_out=SPLITS[state.get(_key("split", dataset_id)) or "Both"],
        families=frozenset(state.get(_key("family", dataset_id)) or ()) or None,
        ranges=of_properties.ranges,
        words=of_properties.words,
        unseparated=bool(state.get(_key("bare", dataset_id), True)),
    )


def _rebase(points: MapPoints, dataset_id: int) -> None:
    """Carry ranges over to another map: an open end stays open, another goes to the nearest value.

    Maps of fewer frames have other values: an end that stood at the last of these would hide what
    comes after it on the next map, though nobody had set it.
    """
    state = st.session_state
    for name in ("phi", "chi", "time"):
        options, key = _values(points, name), _key(name, dataset_id)
        known = f"{key}_options"
        ends, before = state.get(key), state.get(known, options)
        if len(options) > 1:
            state[known] = options
        if ends is None or len(options) < 2 or before == options:
            continue
        snapped, wish = state.get(f"{key}_wish", (None, None))
        if snapped != tuple(ends):  # it was set on the map before
            wish = (
                None if ends[0] <= before[0] else ends[0],
                None if ends[1] >= before[-1] else ends[1],
            )
        snapped = (
            options[0] if wish[0] is None else _nearest(options, wish[0]),
            options[-1] if wish[1] is None else _nearest(options, wish[1]),
        )
        state[key], state[f"{key}_wish"] = snapped, (snapped, wish)


def _nearest(options: list[float], value: float) -> float:
    return min(options, key=lambda option: abs(option - value))


def _reset(points: MapPoints, dataset_id: int) -> None:
    state = st.session_state
    for name in ("phi", "chi", "time"):
        options = _values(points, name)
        if len(options) > 1:
            state[_key(name, dataset_id)] = (options[0], options[-1])
    state[_key("contrast", dataset_id)] = (0.0, 1.0)
    state[_key("split", dataset_id)] = "Both"
    state[_key("family", dataset_id)] = []
    state[_key("bare", dataset_id)] = True
    property_filters.reset(dataset_id)


def _values(points: MapPoints, name: str) -> list[float]:
    """The values that a range can be set to, in rising order."""
    if name == "time":
        return [float(moment) for moment in moments(points.time)]
    values: Float64[np.ndarray, " points"] = getattr(points, name)
    distinct: list[float] = np.unique(values[np.isfinite(values)]).tolist()
    return distinct


def _key(name: str, dataset_id: int) -> str:
    return f"{_KEY}_{name}_{dataset_id}"
