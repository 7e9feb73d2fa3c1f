"""Two frames beside each other: how near they are to the model, and why."""

from pathlib import Path

import streamlit as st

from analysis import comparison, frame_query
from analysis.comparison import Comparison
from analysis.frame_query import FrameQuery
from analysis.latent_space import LatentSpace
from analysis.neighbours import neighbours
from charts import comparison as pair_charts
from ui.cached import analysis as cached_analysis
from ui.compare import graspi
from ui.frame import input
from wording import comparison as reasons
from wording.numbers import figure, plain


def show(store: Path, space: LatentSpace, a: FrameQuery, b: FrameQuery) -> None:
    """Both frames, the answer in a sentence, and what it rests on.

    Raises:
        JobError: if a model that is needed is missing.
    """
    places = cached_analysis.embed(store, space, a), cached_analysis.embed(store, space, b)
    known = frame_query.describe(store, a), frame_query.describe(store, b)
    found = comparison.compare(space, cached_analysis.yardstick(store, space), places, known)
    for column, name, asked in zip(st.columns(2, gap="medium"), ("A", "B"), (a, b), strict=True):
        with column:
            st.image(input.shown(asked.bits), width="stretch", output_format="PNG", alt=name)
            st.caption(f"**{name}** · {input.facts(asked)}")
    for name, asked, place in zip(("A", "B"), (a, b), places, strict=True):
        near = neighbours(space, place.mean[0], 1, frame_id=asked.frame_id)
        if near and comparison.is_outlier(space, near[0].distance):
            st.warning(
                f"Nothing in {plain(space.run.dataset)} is like {name}: its nearest frame of"
                " another trajectory is farther off than that of 99 % of the set's own frames."
                " What the model says of it is a guess.",
                icon=":material/explore_off:",
            )
    st.markdown(f"**B against A: {reasons.sentence(found.differences)}**")
    _figures(found)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("What is measured", divider="gray")
        st.altair_chart(
            pair_charts.differences(found.differences),
            key="pair_differences",
            alt="B less A in every descriptor, in standard deviations over the data set",
        )
        st.caption(
            "In standard deviations over the data set; bars end at 3. Hover for both values."
        )
    with right:
        st.subheader("Two-point functions", divider="gray")
        st.altair_chart(
            pair_charts.two_point(
                cached_analysis.two_point(a.bits, a.periodic),
                cached_analysis.two_point(b.bits, b.periodic),
            ),
            key="pair_two_point",
            alt="Two-point covariance of both frames along and across the film",
        )
        st.caption(
            "How alike two pixels of a frame are that lie so far apart: 1 the same, 0 by chance."
        )
    _overlay(a, b)
    if a.frame_id is not None and b.frame_id is not None:
        st.page_link(
            "pages/model.py",
            label="The way between them, as the model sees it",
            icon=":material/linear_scale:",
            query_params={
                "what": "between",
                "run": str(space.run.id),
                "frame": str(a.frame_id),
                "with": str(b.frame_id),
            },
        )
    graspi.show(store, a, b)


def _figures(found: Comparison) -> None:
    cells = st.columns(3)
    with cells[0].container(border=True, height="stretch"):
        st.caption("**How near to the model**")
        st.markdown(f"##### {reasons.nearness(found)}")
        st.caption(reasons.measure(found))
    with cells[1].container(border=True, height="stretch"):
        st.caption("**Among others**")
        st.markdown(f"##### {reasons.among(found.percentile)}")
        st.caption(
            "of random pairs of this data set are nearer to each other; of frames and the next"
            f" frame of their trajectory, {reasons.among(found.step_percentile)}."
        )
    with cells[2].container(border=True, height="stretch"):
        st.caption("**Distance in latent space**")
        st.markdown(f"##### {figure(found.distance, 3)} ± {figure(found.uncertainty)}")
        st.caption("Between their places; ± the standard deviation that both are unsure by.")


def _overlay(a: FrameQuery, b: FrameQuery) -> None:
    from morphcore.alignment.registration import best_roll

    st.subheader("Laid on top of each other", divider="gray")
    found = best_roll(a.bits, b.bits)
    st.image(
        pair_charts.overlay(a.bits, found.moved),
        width="stretch",
        output_format="PNG",
        alt="Both frames in one picture, after the best roll",
    )
    moved = f"rolled by {found.pixels} px"
    if found.mirrored:
        moved = f"mirrored and {moved}"
    st.caption(
        f"B {moved}, where most pixels agree: {found.agreement:.0%}. White: in both; teal: white"
        " in A alone; orange: in B alone. By chance about half agree, whatever the frames mean:"
        " the model looks at what a frame is like, not at where things are."
    )
