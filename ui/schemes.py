"""The lines that say which frames on a page are not of one scheme, or not of one clock."""

from collections.abc import Iterable
from pathlib import Path

import streamlit as st

from store import datasets, trajectories
from store.db import open_store
from wording import schemes
from wording.escapes import plain


def warn(store: Path, dataset_ids: Iterable[int]) -> None:
    """Warn in one line where the data sets whose frames a page shows are of both schemes."""
    with open_store(store) as db:
        shown = [datasets.by_id(db, dataset_id) for dataset_id in sorted(set(dataset_ids))]
    if words := schemes.mixed({dataset.name: dataset.scheme for dataset in shown}):
        st.warning(plain(words), icon=":material/difference:")


def clock(store: Path, films: Iterable[tuple[int, float | None]]) -> None:
    """Say in one line where a step is not the same time for all films: each a data set and chi.

    Of films of both schemes nothing is said: there `warn` says it.
    """
    known = [(dataset_id, chi) for dataset_id, chi in films if chi is not None]
    with open_store(store) as db:
        owners = {owner: datasets.by_id(db, owner).scheme for owner, _ in known}
    used = {scheme for scheme in owners.values() if scheme is not None}
    if len(used) == 1:
        words = schemes.clock(used.pop(), {chi for owner, chi in known if owners[owner]})
        if words:
            st.caption(f":material/timer: {plain(words)}")


def of_frames(store: Path, frame_ids: Iterable[int | None]) -> None:
    """Say both of the frames that a page compares; None stands for one that is not stored."""
    with open_store(store) as db:
        found = [
            trajectories.frame_info(db, frame_id).trajectory
            for frame_id in frame_ids
            if frame_id is not None
        ]
    warn(store, {film.dataset_id for film in found})
    clock(store, {(film.dataset_id, film.chi) for film in found})
