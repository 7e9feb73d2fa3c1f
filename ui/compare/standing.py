"""The query's descriptors, each where it stands among the data set's frames."""

from pathlib import Path

import streamlit as st

from analysis.frame_query import FrameQuery
from analysis.latent_space import LatentSpace
from ui.cached import analysis as cached_analysis
from wording import data_range as words
from wording import descriptors
from wording.escapes import plain

NAMES = ("fraction", "length", "chord_ratio", "components_white", "components_black", "euler")
_ROW = (
    '<div style="display:grid;grid-template-columns:minmax(7rem,1fr) 4.5rem minmax(5rem,1fr);'
    'gap:.25rem .75rem;align-items:center;font-size:.875rem"><span>{label}</span><b>{value}</b>'
    '<span role="img" aria-label="{label}: {said}" title="{said}" style="position:relative;'
    'height:.75rem"><span style="{line};left:0;right:0;top:.3rem;height:.15rem;opacity:.35"></span>'
    '<span style="{line};left:50%;width:.1rem;top:.1rem;height:.55rem;opacity:.35"></span>'
    '<span style="{line};left:calc({at:.1f}% - .25rem);width:.5rem;top:.125rem;height:.5rem;'
    'border-radius:50%"></span></span></div>'
)
_LINE = "position:absolute;background:currentColor"


def show(store: Path, space: LatentSpace, query: FrameQuery) -> None:
    """Show the descriptors of a separated query; nothing where the data set has none."""
    found = cached_analysis.standings(store, space, query, NAMES)
    if not found:
        return
    rows = [
        _ROW.format(
            label=descriptors.DESCRIPTORS[each.name].label,
            value=descriptors.value(each.name, each.value),
            said=words.standing(each.lower),
            line=_LINE,
            at=100 * each.lower,
        )
        for each in found
    ]
    with st.container(gap="xxsmall"):
        st.caption(f"From the lowest to the highest of the frames of {plain(space.run.dataset)}:")
        st.html("".join(rows))
