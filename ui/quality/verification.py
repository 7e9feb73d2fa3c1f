"""How well one process is told from another: figures of verification and the detection curve."""

import streamlit as st

from charts import evaluation as charts
from morphcore.evaluation.result import Evaluation
from ui.quality import tables
from wording import evaluation as quality_words


def show(evaluation: Evaluation) -> None:
    """Show the detection curve and the figures; nothing for an evaluation without them."""
    names = quality_words.shown_verification(evaluation)
    if not names:
        return
    st.subheader("One process or two", divider="gray")
    st.caption(
        "Twins are the same process; frames of another cell at the same time (|Δ ln t| < .35) are "
        "not. Compare's ratio says which; here is how often it is wrong."
    )
    if "model" in evaluation.detection:
        st.altair_chart(
            charts.detection(evaluation),
            key="quality_detection",
            alt="The share of frames of other cells that are accepted, by the share of true twins"
            " that are rejected, of the model and of some baselines, over unseen cells",
        )
        st.caption(
            "Over unseen cells, both axes logarithmic; lower is better. Dashed: 5 % of true twins "
            "rejected."
        )
    tables.metrics(evaluation, names)
