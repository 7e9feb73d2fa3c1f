"""The geometry of a data set, and how it came in: its scheme, or the options of its import."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from morphcore.readers.options import ImportOptions
from store.datasets import Dataset
from store.trajectories import TrajectoryInfo
from ui.datasets import import_command
from wording import glossary, schemes
from wording.escapes import plain

# Columns of the table of trajectories that are said once, above it, where all have the same.
_GEOMETRY = {
    "Size, px": "{} px",
    "Pixel size": "pixel size: {}",
    "Edges": "{}",
    "White from": "white from {}",
}


def alike(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """The columns that have the same value in all rows."""
    return {name for name in _GEOMETRY if len({row[name] for row in rows}) == 1}


def show(
    dataset: Dataset, infos: Sequence[TrajectoryInfo], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Show what all trajectories have in common, and how they were simulated or imported."""
    if not rows:
        return
    same = alike(rows)
    st.caption(
        " · ".join(
            plain(form.format(rows[0][name])) if name in same else f"{name.split(',')[0]}: several"
            for name, form in _GEOMETRY.items()
        )
    )
    films = [(info.chi, info.params.get("kappa")) for info in infos if info.chi is not None]
    if dataset.scheme is not None and films:
        words = schemes.settings(dataset.scheme, films)
        st.caption(plain(words), help=glossary.meaning("scheme", "kappa", "chi"))
    done = dataset.config.get("done", [])
    if dataset.kind != "imported" or not ("options" in dataset.config or done):
        return
    with st.expander("How it was imported", icon=":material/tune:"):
        options = ImportOptions.from_json(dataset.config.get("options", {}))
        source = str(dataset.config.get("source", "PATH"))
        st.code(
            import_command.line(source, dataset.name, options), language="bash", wrap_lines=True
        )
        if done:
            st.markdown("\n".join(f"- :small[{plain(sentence)}]" for sentence in done))
