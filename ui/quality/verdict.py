"""The verdict with which the Quality page opens."""

import streamlit as st

from morphcore.evaluation.result import Evaluation
from wording import verdict as words


def show(evaluation: Evaluation) -> None:
    """Show what the model is worth, and what training adds, in the colour of the verdict."""
    made = words.verdict(evaluation)
    text = f"**{made.sentence}**"
    if made.training:
        text += f" {made.training}"
    box, icon = {
        "better": (st.success, ":material/verified:"),
        "level": (st.warning, ":material/balance:"),
        "worse": (st.error, ":material/trending_down:"),
        "coin flip": (st.error, ":material/casino:"),
        "unknown": (st.info, ":material/help:"),
    }[made.kind]
    box(text, icon=icon)
