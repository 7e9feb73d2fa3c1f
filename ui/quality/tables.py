"""Tables of an evaluation: metrics beside the baselines, and paired differences to them."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from exports.table_files import columns
from morphcore.evaluation.result import Evaluation
from ui import downloads
from wording import evaluation as quality_words
from wording import glossary, paired
from wording.metrics import METRICS


def metrics(evaluation: Evaluation, names: Sequence[str]) -> None:
    """Show some metrics of the model and of the baselines, the best of each in bold."""
    table = pd.DataFrame(quality_words.rows(evaluation, names)).set_index("Embedding")
    st.dataframe(
        table.style.apply(_best, axis=0).format("{:.3f}", na_rep="–"),
        placeholder="–",  # na_rep alone leaves None
        alt="Metrics of the model and of the baselines",
        column_config={
            METRICS[metric].label: st.column_config.Column(
                help=f"{METRICS[metric].help} {METRICS[metric].better.capitalize()} is better."
            )
            for metric in names
        },
    )


def paired_differences(evaluation: Evaluation) -> None:
    """Show what the model has above the best baseline and some others, over the same cells."""
    rows = paired.rows(evaluation)
    if not rows:
        return
    st.subheader("Differences to baselines", divider="gray", help=glossary.meaning("interval"))
    st.dataframe(
        rows, hide_index=True, placeholder="–", alt="Paired differences of the model to baselines"
    )
    st.caption(
        "The model's figure less the baseline's, of false acceptance over the baseline's, with 95 %"
        " intervals of that difference itself: both are drawn with the same cells, so an interval"
        " that leaves out 0 (or 1) tells the two apart though their own intervals overlap."
    )
    downloads.table("All differences", "differences", lambda: columns(paired.figures(evaluation)))


def _best(column: "pd.Series[float]") -> list[str]:
    """The best figure of a column in bold; the metric of the column's label has the direction."""
    better = next(metric.better for metric in METRICS.values() if metric.label == column.name)
    wanted = column.max() if better == "higher" else column.min()
    return ["font-weight: bold" if value == wanted else "" for value in column]
