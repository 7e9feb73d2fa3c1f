"""The verdict with which the Quality page opens."""

import streamlit as st

from morphcore.evaluation.result import Evaluation
from ui.quality_badge import COLOURS
from wording import verdict as words

_ICONS = {
    "better": ":material/verified:",
    "level": ":material/balance:",
    "worse": ":material/trending_down:",
    "coin flip": ":material/casino:",
    "unknown": ":material/help:",
}


def show(evaluation: Evaluation) -> None:
    """Say what the model is worth in the colour of its badge, and what training adds."""
    made = words.verdict(evaluation)
    st.markdown(
        f":{COLOURS[made.kind]}[{_ICONS[made.kind]} **{made.sentence}**] {made.training}".strip()
    )
