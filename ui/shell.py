"""The entry of every page: its shared style, and `app.py` when the server has only just started.

Until `app.py` has run once, Streamlit takes a folder named pages/ for its older kind of app: it
then runs the page of the link alone, with a side bar of file names, and never `app.py`. That is
what a tab left open on /train meets after a restart. Each page therefore enters through here.
"""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from ui.access import door

# A frame that has not separated is all white: without a line round it, it would not be seen.
# Of links and some buttons, Streamlit does not show that the keyboard is on them.
# Streamlit leaves a sixth of the screen empty above the title, and cuts a link's words short.
_STYLE = """<style>
[data-testid="stImage"] img { outline: 1px solid #8886 }
:is(a, button, summary):focus-visible { outline: 2px solid currentColor; outline-offset: 1px }
[data-testid="stMainBlockContainer"] { padding-top: 4.5rem; padding-bottom: 3rem }
[data-testid="stMain"] [data-testid="stPageLink"] p { white-space: normal }
</style>"""


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
    st.html(_STYLE)
