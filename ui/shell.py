"""The entry of every page: the shared style, and `app.py` when the server has only just started.

Until `app.py` has run once, Streamlit takes a folder named pages/ for its older kind of app: it
then runs the page of the link alone, with a side bar of file names, and never `app.py`. That is
what a tab left open on /train meets after a restart. Each page therefore enters through here.
"""

from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from ui import style
from ui.access import door

# A file of our own: Streamlit fetches named icons from another machine.
ICON = str(Path(__file__).with_name("icon.svg"))


def enter() -> None:
    """Start over with `app.py` where Streamlit has left it out, and add the shared style.

    A page that is served wider than loopback without `app.py`'s gate shows nothing.
    """
    if not door.stands():
        st.error("Morph is served to other machines only by `streamlit run app.py`.")
        st.stop()
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()
    st.html(style.css("dark" if st.context.theme.type == "dark" else "light"))
