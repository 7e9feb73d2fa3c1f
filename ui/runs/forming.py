"""The map of a run as it was after an epoch of its training."""

import numpy as np
import streamlit as st
from sqlite_utils import Database

from charts import forming
from morphcore.frames import rows_of
from store import runs, trajectories
from store.forming_maps import FormingMap
from wording.numbers import amount


def show(db: Database, run_id: int, drawn: FormingMap, *, height: int) -> None:
    """Show the places of the frames that still are in the store, `height` px high."""
    table = trajectories.frame_table(db, runs.run(db, run_id).dataset_id)
    kept = np.isin(drawn.frame_ids, table.frame_ids)
    if not kept.any():
        return
    ids = drawn.frame_ids[kept]
    rows = rows_of(table.frame_ids, ids)
    owners, counts = np.unique(table.trajectory_ids, return_counts=True)
    held_out = np.isin(ids, runs.split(db, run_id).measured)
    st.altair_chart(
        forming.draw(
            drawn.coords[kept],
            held_out=held_out,
            index=table.index[rows],
            length=counts[np.searchsorted(owners, table.trajectory_ids[rows])].astype(np.float64),
            height=height,
        ),
        key="forming_map",
        alt=f"{amount(len(ids), 'frame')} placed by their latents after epoch {drawn.epoch}",
    )
    st.caption(
        f"{amount(len(ids), 'frame')}, placed by their latents (PCA) after epoch {drawn.epoch:,}. "
        "At the end of the training all frames are mapped."
    )
