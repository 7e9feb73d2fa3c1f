"""A few frames of a data set side by side, spread over its trajectories and over time."""

from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import Int64

from store import trajectories
from store.db import open_store
from store.trajectories import FrameTable
from ui.cached import rows as cached_rows
from ui.frame import card
from wording.escapes import plain

_GOLDEN = 0.618034  # steps of this share spread times evenly, however many trajectories there are


def spread(table: FrameTable, count: int) -> Int64[np.ndarray, " chosen"]:
    """Choose up to `count` separated frames, as evenly as can be over trajectories and time.

    Always the same ones for the same table; where nothing has separated, frames as they are.
    """
    usable = ~table.unseparated if not table.unseparated.all() else np.ones_like(table.unseparated)
    ids: Int64[np.ndarray, " usable"] = table.frame_ids[usable]
    owners = table.trajectory_ids[usable]
    trajectory_ids = np.unique(owners)
    if not len(trajectory_ids):
        return ids
    chosen: list[int] = []
    count = min(count, len(ids))
    for number in range(count):
        owner = trajectory_ids[number * len(trajectory_ids) // count % len(trajectory_ids)]
        own = ids[owners == owner]
        free = own[~np.isin(own, chosen)]
        if len(free):
            chosen.append(int(free[int(len(free) * ((0.6 + number * _GOLDEN) % 1.0))]))
    return np.array(chosen, dtype=np.int64)


def show(store: Path, table: FrameTable, *, count: int, columns: int) -> None:
    """Show the frames as pictures, each with a link to its trajectory."""
    ids = spread(table, count).tolist()
    for start in range(0, len(ids), columns):
        row = st.columns(columns)
        for column, frame_id in zip(row, ids[start : start + columns], strict=False):
            with open_store(store) as db:
                info = trajectories.frame_info(db, frame_id)
            when = card.when(info)
            # Wrapped between name and time only.
            words = f"{plain(info.trajectory.name)}, {plain(when).replace(' ', chr(0xA0))}"
            with column:
                st.image(
                    cached_rows.png(store, frame_id),
                    width="stretch",
                    output_format="PNG",  # else Streamlit makes a JPEG of it
                    alt=card.alt_text(info),
                )
                st.page_link(
                    "pages/trajectories.py",
                    label=f":small[{words}]",
                    query_params={"frame": str(frame_id)},
                )
