"""Two frames beside each other: how near they are to the model, and why."""

from pathlib import Path

import streamlit as st

from analysis.comparison import Comparison
from analysis.frame_query import FrameQuery
from charts import comparison as pair_charts
from store.runs import IndexedRun
from ui.cached import analysis as cached_analysis
from ui.compare import graspi
from ui.frame import input
from wording import comparison as reasons
from wording.descriptors import fraction_and_length
from wording.numbers import figure, plain


def show(store: Path, comparison: Comparison, run: IndexedRun) -> None:
    """Both frames, the answer in a sentence, and what it rests on."""
    a, b = comparison.a.query, comparison.b.query
    named = (("A", comparison.a), ("B", comparison.b))
    for column, (name, frame) in zip(st.columns(2, gap="medium"), named, strict=True):
        with column:
            st.image(input.shown(frame.query.bits), width="stretch", output_format="PNG", alt=name)
            st.caption(f"**{name}** · {fraction_and_length(frame.descriptors)}")
    for name, frame in named:
        if frame.is_outlier:
            st.warning(
                f"Nothing in {plain(run.dataset)} is like {name}: its nearest frame of"
                " another trajectory is farther off than that of 99 % of the set's own frames."
                " What the model says of it is a guess.",
                icon=":material/explore_off:",
            )
    st.markdown(f"**B against A: {reasons.sentence(comparison.differences)}**")
    _figures(comparison)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("What is measured", divider="gray")
        st.altair_chart(
            pair_charts.differences(comparison.differences),
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
                "run": str(run.id),
                "frame": str(a.frame_id),
                "with": str(b.frame_id),
            },
        )
    graspi.show(store, a, b)


def _figures(comparison: Comparison) -> None:
    cells = st.columns(3)
    with cells[0].container(border=True, height="stretch"):
        st.caption("**How near to the model**")
        st.markdown(f"##### {reasons.nearness(comparison)}")
        st.caption(reasons.measure(comparison))
    with cells[1].container(border=True, height="stretch"):
        st.caption("**Among others**")
        st.markdown(f"##### {reasons.among(comparison.percentile)}")
        st.caption(
            "of random pairs of this data set are nearer to each other; of frames and the next"
            f" frame of their trajectory, {reasons.among(comparison.step_percentile)}."
        )
    with cells[2].container(border=True, height="stretch"):
        st.caption("**Distance in latent space**")
        st.markdown(f"##### {figure(comparison.distance, 3)} ± {figure(comparison.uncertainty)}")
        st.caption("Between their places; ± the standard deviation that both are unsure by.")


def _overlay(a: FrameQuery, b: FrameQuery) -> None:
    from morphcore.alignment.registration import best_roll

    st.subheader("Laid on top of each other", divider="gray")
    overlap = best_roll(a.bits, b.bits)
    st.image(
        pair_charts.overlay(a.bits, overlap.moved),
        width="stretch",
        output_format="PNG",
        alt="Both frames in one picture, after the best roll",
    )
    moved = f"rolled by {overlap.pixels} px"
    if overlap.mirrored:
        moved = f"mirrored and {moved}"
    st.caption(
        f"B {moved}, where most pixels agree: {overlap.agreement:.0%}. White: in both; teal: white"
        " in A alone; orange: in B alone. By chance about half agree, whatever the frames mean:"
        " the model looks at what a frame is like, not at where things are."
    )
