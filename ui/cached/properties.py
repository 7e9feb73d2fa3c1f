"""Cached properties of data sets, read anew when they have changed."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from store import properties
from store.db import open_store
from store.properties import FrameProperty, Property
from ui.cached.rows import HOUR


def properties_of(store: Path, dataset_id: int) -> Sequence[Property]:
    """The properties of a data set, by name."""
    return _properties(store, dataset_id, _version(store, dataset_id))


def values_of(store: Path, dataset_ids: Sequence[int]) -> Mapping[str, FrameProperty]:
    """Every property of every frame of some data sets, by name."""
    every = [_values(store, each, _version(store, each)) for each in dataset_ids]
    return properties.joined(every)


def _version(store: Path, dataset_id: int) -> tuple[int, int]:
    with open_store(store) as db:
        return properties.version(db, dataset_id)


@st.cache_data(ttl=HOUR, max_entries=8, show_spinner=False)
def _properties(store: Path, dataset_id: int, version: tuple[int, int]) -> list[Property]:
    with open_store(store) as db:
        return properties.of_dataset(db, dataset_id)


@st.cache_data(ttl=HOUR, max_entries=4, show_spinner=False)
def _values(store: Path, dataset_id: int, version: tuple[int, int]) -> dict[str, FrameProperty]:
    with open_store(store) as db:
        return properties.all_values(db, dataset_id)
