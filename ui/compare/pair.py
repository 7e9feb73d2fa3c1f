"""Two compared frames beside each other: their distance to the model, and their differences."""

import streamlit as st

from analysis.comparison import Comparison
from charts import comparison as charts
from store.runs import IndexedRun
from ui.compare import ratio
from wording import comparison as wording
from wording.comparison import ComparisonText
from wording.escapes import plain


def show(comparison: Comparison, run: IndexedRun) -> None:
    """Show the ratio of both frames, and the differences, figures and charts behind it.

    The frames themselves stand over what chose them.
    """
    answer, asked = st.columns([4, 1], gap="medium", vertical_alignment="center")
    with asked:
        prior = ratio.ask_prior()
    drawn, text = charts.draw(comparison), wording.describe(comparison, prior)
    for name, frame in (("A", comparison.a), ("B", comparison.b)):
        if frame.is_outlier:
            st.warning(
                f"Nothing in {plain(run.dataset)} is like {name}: its nearest frame of"
                " another trajectory is farther off than that of 99 % of the set's own frames."
                " What the model says of it is a guess.",
                icon=":material/explore_off:",
            )
    with answer:
        ratio.show(text.ratio)
    st.markdown(f"**B against A: {text.summary}**")
    _figures(text)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("What is measured", divider="gray")
        st.altair_chart(
            drawn.differences,
            key="pair_differences",
            alt="B less A in every descriptor, in standard deviations over the data set",
        )
        st.caption(
            "In standard deviations over the data set; bars end at 3. Hover for both values."
        )
    with right:
        st.subheader("Two-point functions", divider="gray")
        st.altair_chart(
            drawn.two_point,
            key="pair_two_point",
            alt="Two-point covariance of both frames along and across the film",
        )
        st.caption(
            "How alike two pixels of a frame are that lie so far apart: 1 the same, 0 by chance."
        )
    st.subheader("Laid on top of each other", divider="gray")
    if drawn.overlay is not None:
        st.image(
            drawn.overlay,
            width="stretch",
            output_format="PNG",
            alt="Both frames in one picture, after the best roll",
        )
    st.caption(text.overlay)


def way_between(run: IndexedRun, a: int | None, b: int | None) -> None:
    """A link to the way between two stored frames, as the model sees it."""
    if a is not None and b is not None:
        st.page_link(
            "pages/model.py",
            label="The way between them, as the model sees it",
            icon=":material/linear_scale:",
            query_params={"what": "between", "run": str(run.id), "frame": str(a), "with": str(b)},
        )


def _figures(text: ComparisonText) -> None:
    cells = st.columns(3)
    with cells[0].container(border=True, height="stretch"):
        st.caption("**How near to the model**")
        st.markdown(f"##### {text.nearness}")
        st.caption(text.unit)
    with cells[1].container(border=True, height="stretch"):
        st.caption("**Among others**")
        st.markdown(f"##### {text.among_pairs}")
        st.caption(
            "of random pairs of this data set are nearer to each other; of frames and the next"
            f" frame of their trajectory, {text.among_steps}."
        )
    with cells[2].container(border=True, height="stretch"):
        st.caption("**Distance in latent space**")
        st.markdown(f"##### {text.distance}")
        st.caption(text.distance_note)
