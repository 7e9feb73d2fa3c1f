"""The likelihood ratio of Compare: the input of a prior, and the card of the answer."""

import streamlit as st

from wording.glossary import meaning
from wording.likelihood_ratio import RatioText

_PRIOR_HELP = (
    "How often one process makes both, before you look: 2 where it is as probable as not, 100 for"
    " one such pair in a hundred. Without it, the frames' own evidence is all that is said."
)


def ask_prior() -> float | None:
    """An input for the prior -> the probability that one process made both; None: not stated."""
    pairs: float | None = st.number_input(
        "Prior: one process in … pairs",
        min_value=1.01,
        value=None,
        step=1.0,
        format="%g",
        placeholder="none stated",
        key="compare_prior",
        persist_state="session",
        help=_PRIOR_HELP,
    )
    return None if pairs is None else 1 / pairs


def show(text: RatioText) -> None:
    """Show a ratio in words, or why there is none."""
    with st.container(border=True):
        st.caption("**Did one process make both?**", help=meaning("ratio"))
        st.markdown(f"##### {text.answer}")
        if text.posterior:
            st.markdown(text.posterior)
        if text.source:
            st.caption(text.source)
