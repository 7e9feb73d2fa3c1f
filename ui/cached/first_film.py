"""The film that an empty store shows, simulated once a server."""

import streamlit as st

from analysis import first_film
from analysis.first_film import FirstFilm


@st.cache_resource(show_spinner=False)
def film() -> FirstFilm:
    """The film; about a second when it is asked for first."""
    return first_film.simulate()
