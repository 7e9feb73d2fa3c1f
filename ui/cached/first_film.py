"""The film that an empty store shows, simulated once a server, and what the demo takes here."""

import streamlit as st

from analysis import first_film
from analysis.first_film import FirstFilm
from jobs import usual
from jobs.simulate.duration import SECONDS_A_TIME_STEP
from jobs.specs import DemoJob


@st.cache_resource(show_spinner=False)
def film() -> FirstFilm:
    """The film; about a second when it is asked for first."""
    return first_film.simulate()


@st.cache_data(max_entries=64, show_spinner=False)
def demo_seconds(spec_args: tuple[tuple[str, object], ...], seconds_a_time_step: float) -> float:
    """The seconds that a demo takes on a machine of this pace, on all of its cores."""
    stages = usual.demo(DemoJob(**dict(spec_args)))
    return sum(stage.usual for stage in stages) * seconds_a_time_step / SECONDS_A_TIME_STEP
