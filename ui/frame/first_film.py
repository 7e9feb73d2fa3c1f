"""What an empty store has to show: a film that is simulated on the spot."""

import streamlit as st

from analysis.first_film import CONFIG, FirstFilm
from jobs import usual
from jobs.simulate.duration import SECONDS_A_TIME_STEP
from jobs.specs import DemoJob
from ui.cached import first_film as cached_first_film


def show() -> FirstFilm:
    """Show the film from mixed to coarse, and return it; the first to ask waits a second for it."""
    with st.container(key="first_film"):
        with st.spinner("Simulating a film…"):
            film = cached_first_film.film()
        for column, gray, step in zip(
            st.columns(len(film.frames)), film.frames, film.steps.tolist(), strict=True
        ):
            column.image(
                gray,
                width="stretch",
                output_format="PNG",
                caption=f"Step {step:,}",
                alt=f"A simulated film at step {step:,}",
            )
        st.caption(
            f"A film of two polymers (φ {CONFIG.phi:g}, χ {CONFIG.chi:g}, κ {film.kappa:g} px²)"
            f" separates and coarsens, simulated here just now in {film.seconds:.1f} s."
        )
    return film


def demo_seconds(film: FirstFilm, demo: DemoJob) -> float:
    """Estimate the seconds that a demo takes on this machine, by its pace with the film."""
    usually = sum(stage.usual for stage in usual.demo(demo))
    return usually * film.seconds_a_time_step / SECONDS_A_TIME_STEP
