"""The line on top of every page: its name, what it is about, and the place of its selectors."""

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


@dataclass(frozen=True)
class Header:
    """The top of a page: `line` takes its selectors, `about` what opens on demand."""

    line: DeltaGenerator
    about: DeltaGenerator


def show(name: str, about: str) -> Header:
    """Draw the line: the page's name, an empty place, and "About" with a sentence or two.

    It is the first thing of a page, one button high, so that pictures begin under it.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="header"):
        st.title(name, anchor=False, width="content")
        line = st.container(
            horizontal=True,
            vertical_alignment="center",
            gap="small",
            width="stretch",
            key="header_line",
        )
        popover = st.popover("About", icon=":material/info:", type="tertiary", width="content")
    popover.markdown(about)
    return Header(line, popover)
