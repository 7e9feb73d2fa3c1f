"""The data sets as a table, and one of them with its trajectories, frames and rejections."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from exports import frame_table
from exports.table_files import Columns
from store import attached, datasets, runs
from store.datasets import Dataset
from store.db import NameTaken, open_store
from store.properties import PARAMETERS
from store.trajectories import FrameTable, TrajectoryInfo
from ui import deletion, downloads, links
from ui.cached import rows as cached_rows
from ui.datasets import how_imported, property_form, replicates, twins
from ui.frame import contact_sheet
from wording import geometry, glossary
from wording.escapes import plain
from wording.imports import time_range
from wording.numbers import amount, percent, when

_VISIT = "datasets_visit"
_ROWS = 11  # of the table of trajectories, which then scrolls


def choose(all_datasets: Sequence[Dataset], models: Mapping[int, Sequence[str]]) -> Dataset:
    """Show the table of data sets; a click on a row chooses one, which is kept in the link."""
    ids = [dataset.id for dataset in all_datasets]
    linked, kept = links.int_param("dataset"), st.session_state.get("dataset_id", ids[0])
    wanted = kept if linked is None else linked
    row = ids.index(wanted) if wanted in ids else 0
    if wanted != kept:  # a table keeps its selection, whatever the address says: another table
        st.session_state[_VISIT] = st.session_state.get(_VISIT, 0) + 1
    event = st.dataframe(
        dataset_rows(all_datasets, models),
        hide_index=True,
        placeholder="–",
        # Rows are chosen by number, so another list is another table.
        key=f"datasets_{'_'.join(map(str, ids))}_{st.session_state.get(_VISIT, 0)}",
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [row]}},
        column_config={
            "Trajectories": st.column_config.NumberColumn(format="localized"),
            "Frames": st.column_config.NumberColumn(format="localized"),
            "Created": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
        },
        alt="All data sets",
    )
    rows = event.selection.rows or [row]
    chosen = all_datasets[min(rows[0], len(all_datasets) - 1)]
    links.set_params({"dataset": chosen.id})
    st.session_state["dataset_id"] = chosen.id  # the other pages start with it too
    return chosen


def dataset_rows(
    all_datasets: Sequence[Dataset], models: Mapping[int, Sequence[str]]
) -> list[dict[str, Any]]:
    """The rows of the table, in the order given; `models` are the names by data set id."""
    names = {dataset.id: dataset.name for dataset in all_datasets}
    return [
        {
            "Name": dataset.name,
            "Kind": _kind(dataset, names),
            "Trajectories": dataset.trajectories,
            "Frames": dataset.frames,
            "Models": ", ".join(models.get(dataset.id, [])) or "none yet",
            "Created": when(dataset.created),
        }
        for dataset in all_datasets
    ]


def _kind(dataset: Dataset, names: Mapping[int, str]) -> str:
    if dataset.serves is None or dataset.serves not in names:
        return dataset.kind
    what = "replicates" if dataset.twin_of is None else "twins"
    return f"{what} of {names[dataset.serves]}"


def trajectory_rows(infos: Sequence[TrajectoryInfo], table: FrameTable) -> list[dict[str, Any]]:
    """The rows of the table of trajectories: parameters, properties, frames, first and last time.

    A property that several have is a column; one of a few trajectories of many has empty cells.
    """
    known = _properties(infos)
    rows = []
    for info in infos:
        own = table.time[table.trajectory_ids == info.id]
        unseparated = int(np.count_nonzero(table.unseparated[table.trajectory_ids == info.id]))
        row = {
            "Trajectory": info.name,
            "Family": info.family,
            "phi": info.phi,
            "chi": info.chi,
            "Frames": info.frame_count,
            "Times": time_range(own.tolist(), info.time_unit),
            "Size, px": geometry.size(info.shape),
            "Pixel size": geometry.pixel_size(info.pixel_size, info.length_unit),
            "Edges": geometry.edges((info.periodic, info.periodic_y)),
            "White from": f"{percent(info.threshold)} of gray",
            "Not yet separated": unseparated,
            "Source": info.source_file or "",
        }
        own_properties = {
            f"{name} (property)" if name in row else name: value
            for name, value in known[info.id].items()
        }
        rows.append({**row, **own_properties})
    return rows


def _properties(infos: Sequence[TrajectoryInfo]) -> dict[int, dict[str, float | str | None]]:
    """Numbers and words of trajectories beyond phi and chi, by trajectory, all with all names."""
    owned: dict[int, dict[str, float | str]] = {
        info.id: {
            **{name: each for name, each in info.params.items() if name not in PARAMETERS},
            **info.labels,
        }
        for info in infos
    }
    names = dict.fromkeys(name for known in owned.values() for name in known)
    return {owner: {name: known.get(name) for name in names} for owner, known in owned.items()}


def _facts(store: Path, dataset_id: int) -> Columns:
    with open_store(store) as db:
        return frame_table.facts(db, dataset_id)


def show(store: Path, dataset: Dataset, busy: Collection[str]) -> None:
    """Show one data set: rename, delete, its trajectories, some frames, and rejected files."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(dataset.name), width="stretch")
        in_use = dataset.name in busy
        if dataset.kind == "simulated" and dataset.serves is None and dataset.frames:
            with st.popover("Twins", icon=":material/group:"):
                twins.offer(store, dataset)
            with st.popover("Replicates", icon=":material/content_copy:"):
                replicates.offer(store, dataset)
        with st.popover("Rename", icon=":material/edit:", disabled=in_use):
            _rename(store, dataset)
        st.button(
            "Delete",
            icon=":material/delete:",
            key=f"dataset_delete_{dataset.id}",
            on_click=deletion.ask,
            args=("dataset", dataset.id),
            disabled=in_use,
            help="A background job uses it just now." if in_use else None,
        )
    if dataset.twin_of is not None:
        st.caption(twins.TWINS)
    if dataset.replicates_of is not None:
        st.caption(replicates.REPLICATES)
    with open_store(store) as db:
        rejected = datasets.rejections(db, dataset.id)
    if dataset.frames:
        table = cached_rows.frame_table(store, dataset.id, dataset.frames)
        infos = cached_rows.trajectory_list(store, dataset.id, dataset.frames)
        rows = trajectory_rows(infos, table)
        how_imported.show(dataset, infos, rows)
        facts, sheet = st.columns([3, 2])
        hidden = {"Source"} if dataset.kind == "simulated" else set()
        hidden |= how_imported.alike(rows)  # the line above the table has them
        if all(info.family in (None, "neutral") for info in infos):
            hidden.add("Family")
        hidden |= {name for name in ("phi", "chi") if all(row[name] is None for row in rows)}
        facts.dataframe(
            [{key: row[key] for key in row if key not in hidden} for row in rows],
            hide_index=True,
            placeholder="–",
            height=430 if len(rows) > _ROWS else "content",
            column_config={
                "Trajectory": st.column_config.Column(pinned=True),
                "phi": st.column_config.NumberColumn(format="%.3f", help=glossary.meaning("phi")),
                "chi": st.column_config.NumberColumn(format="%.2f", help=glossary.meaning("chi")),
                "Not yet separated": st.column_config.NumberColumn(
                    help=glossary.meaning("separated")
                ),
            },
            alt=f"The trajectories of {dataset.name}",
        )
        with facts:
            downloads.table(
                "All frames' numbers", f"{dataset.name}-frames", partial(_facts, store, dataset.id)
            )
        with sheet:
            contact_sheet.show(store, table, count=10, columns=2)
        if dataset.serves is None:
            property_form.show(store, dataset)
    else:
        st.info("No frames yet.", icon=":material/hourglass_top:")
    if rejected:
        with st.expander(f"{amount(len(rejected), 'file')} could not be read", expanded=True):
            st.dataframe(
                [{"File": rejection.file, "Why": rejection.reason} for rejection in rejected],
                hide_index=True,
                placeholder="–",
                alt="Files that could not be read, with the reason",
            )


def models_by_dataset(store: Path) -> dict[int, list[str]]:
    """The names of the runs trained on each data set, or that look at it, by its id."""
    names: dict[int, list[str]] = {}
    with open_store(store) as db:
        for run in runs.all_runs(db):
            names.setdefault(run.dataset_id, []).append(run.name)
            for dataset_id in {each.dataset_id for each in attached.of_run(db, run.id)}:
                names.setdefault(dataset_id, []).append(f"attached to {run.name}")
    return names


def _rename(store: Path, dataset: Dataset) -> None:
    name = st.text_input(
        "New name", dataset.name, max_chars=100, key=f"dataset_name_{dataset.id}"
    ).strip()
    if not st.button("Save", key=f"dataset_rename_{dataset.id}", disabled=not name):
        return
    try:
        with open_store(store) as db:
            datasets.rename(db, dataset.id, name)
    except NameTaken as err:
        st.error(plain(str(err)))
    else:
        st.rerun()
