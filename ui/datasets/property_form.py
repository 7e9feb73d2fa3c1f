"""Properties of a data set: what there is, and those of a table, matched before they are stored."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from analysis.property_match import PropertyMatch, match
from jobs import properties as adding
from morphcore.errors import MorphError
from morphcore.readers.tables import property_table
from morphcore.readers.tables.property_table import PropertyTable
from store.datasets import Dataset
from store.properties import Property
from ui.cached import properties as cached_properties
from wording import properties as words
from wording.escapes import plain
from wording.numbers import amount

ACCEPTED = (
    "A table as CSV, the first line naming its columns. `file` says which picture a row is of;"
    " or `trajectory` (or `name`), with `index` or `time` where it is of one frame; or `frame_id`,"
    " as in exported tables. Every other column is a property: numbers, or words as labels."
)


def show(store: Path, dataset: Dataset) -> None:
    """Show the properties of a data set, with a form to add and one to delete."""
    known = cached_properties.properties_of(store, dataset.id)
    label = f"Properties ({len(known)})" if known else "Properties"
    with st.expander(label, icon=":material/sell:", key=f"properties_{dataset.id}"):
        _stored(known)
        _delete(store, dataset, known)
        _add(store, dataset)


def _stored(known: Sequence[Property]) -> None:
    if not known:
        st.caption(
            "None yet. A property is a number or a word that is known of frames or trajectories,"
            " such as a current or a treatment. It colours and filters the map, and neighbours"
            " predict it."
        )
        return
    st.dataframe(
        words.property_rows(known),
        hide_index=True,
        placeholder="–",
        column_config={"Frames": st.column_config.NumberColumn(format="localized")},
        alt="The properties of the data set",
    )


def _delete(store: Path, dataset: Dataset, known: Sequence[Property]) -> None:
    if not known:
        return
    with st.popover("Delete a property", icon=":material/delete:"):
        name = st.selectbox(
            "Property", [each.name for each in known], key=f"property_delete_{dataset.id}"
        )
        st.caption("Its values are gone then, those of frames and those of trajectories.")
        if st.button("Delete", key=f"property_delete_button_{dataset.id}"):
            adding.delete(store, dataset.name, name)
            st.rerun()


def _add(store: Path, dataset: Dataset) -> None:
    st.markdown("**Add properties from a table**")
    st.caption(ACCEPTED)
    file = st.file_uploader(
        "Table", type=["csv", "txt", "tsv"], key=f"property_table_{dataset.id}", max_upload_size=64
    )
    if file is None:
        if done := st.session_state.pop(_done_key(dataset), None):
            st.success(done, icon=":material/check:")
        return
    data = file.getvalue()
    if st.session_state.get(_stored_key(dataset)) == hashlib.sha256(data).hexdigest():
        st.success(st.session_state[_done_key(dataset)], icon=":material/check:")
    try:
        table = property_table.parse(data)
        only = _columns(dataset, table)
        found = match(store, dataset.id, table, only=only)
    except MorphError as err:
        st.error(plain(str(err)), icon=":material/error:")
        return
    _preview(found)
    replace = False
    if found.conflicts:
        replace = st.toggle(
            f"Replace {amount(len(found.conflicts), 'value')} that differ",
            key=f"property_replace_{dataset.id}",
        )
    count = sum(map(len, found.frames.values())) + sum(map(len, found.trajectories.values()))
    if st.button(
        f"Store {amount(count, 'value')}",
        key=f"property_store_{dataset.id}",
        type="primary",
        icon=":material/save:",
        disabled=not count or (bool(found.conflicts) and not replace),
    ):
        adding.add(store, found, replace=replace)
        st.session_state[_stored_key(dataset)] = hashlib.sha256(data).hexdigest()
        st.session_state[_done_key(dataset)] = f"{amount(count, 'value')} stored."
        st.rerun()


def _columns(dataset: Dataset, table: PropertyTable) -> list[str]:
    names = [column.name for column in table.columns]
    return st.multiselect(
        "Columns to take",
        names,
        default=names,
        key=f"property_columns_{dataset.id}_{'-'.join(names)}",
    )


def _preview(found: PropertyMatch) -> None:
    """What would be stored: matches, columns, rows without a match, conflicts."""
    st.markdown(words.matched(found))
    st.dataframe(
        words.column_rows(found.columns),
        hide_index=True,
        placeholder="–",
        alt="The columns of the table, and how they would be taken",
    )
    if found.unmatched:
        with st.expander(
            f"{amount(len(found.unmatched), 'row')} of nothing in this data set", expanded=True
        ):
            st.dataframe(
                [{"Line": row.line, "Of": row.name, "Why": row.reason} for row in found.unmatched],
                hide_index=True,
                placeholder="–",
                alt="Rows without a match, and why",
            )
    if found.conflicts:
        st.warning(
            f"{amount(len(found.conflicts), 'value')} differ from what is known already.",
            icon=":material/warning:",
        )
        st.dataframe(
            [
                {
                    "Property": conflict.property,
                    "Of": conflict.of,
                    "Known": words.value(conflict.known),
                    "New": words.value(conflict.new),
                }
                for conflict in found.conflicts
            ],
            hide_index=True,
            placeholder="–",
            alt="Values that differ from what is known",
        )


def _done_key(dataset: Dataset) -> str:
    return f"property_done_{dataset.id}"


def _stored_key(dataset: Dataset) -> str:
    return f"property_stored_{dataset.id}"
