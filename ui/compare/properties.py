"""What a query's nearest frames predict of its properties: a few in words, the rest as a table."""

from collections.abc import Sequence

import streamlit as st

from analysis.property_prediction import Prediction
from wording import properties as words
from wording.numbers import amount


def show(predictions: Sequence[Prediction]) -> None:
    """Show predictions, those that an evaluation trusts most first."""
    if not predictions:
        return
    with st.container(border=True):
        few = [f"- {words.predicted(made)}" for made in predictions[: words.FEW]]
        st.markdown("\n".join([words.predictors(predictions), "", *few]))
        rest = predictions[words.FEW :]
        if rest:
            with st.expander(amount(len(rest), "more property", "more properties")):
                st.dataframe(
                    words.prediction_rows(rest),
                    hide_index=True,
                    placeholder="–",
                    alt="More predicted properties",
                )
