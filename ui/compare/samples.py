"""Two samples of which there are several pictures each: their input, and their ratio."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from analysis.frame_query import FrameQuery
from analysis.set_comparison import SetComparison, SetFrame
from store.runs import IndexedRun
from ui.compare import ratio
from ui.compare.look import Look
from ui.frame import input, several
from wording import likelihood_ratio as wording

_COLUMNS = 4


def choose(store: Path, run: IndexedRun) -> tuple[list[FrameQuery], list[FrameQuery]] | None:
    """Widgets for the pictures of two samples, side by side; None while one has none."""
    left, right = st.columns(2, gap="large")
    with left:
        a = several.choose(store, run, label="Pictures of sample A", key="sample_a")
    with right:
        b = several.choose(store, run, label="Pictures of sample B", key="sample_b", first=1)
    return (a, b) if a and b else None


def show(comparison: SetComparison, pictures: Look = "gray") -> None:
    """Show the ratio of two samples, and each picture with what it says alone."""
    prior = ratio.ask_prior()
    ratio.show(wording.sets(comparison, prior))
    sides = (("A", comparison.a), ("B", comparison.b))
    for column, (name, frames) in zip(st.columns(2, gap="large"), sides, strict=True):
        with column:
            other = "B" if name == "A" else "A"
            st.subheader(f"Sample {name}", divider="gray")
            st.caption(f"Each picture alone, against all of {other}:")
            _pictures(name, frames, pictures)


def _pictures(name: str, frames: Sequence[SetFrame], pictures: Look) -> None:
    for start in range(0, len(frames), _COLUMNS):
        row = frames[start : start + _COLUMNS]
        for place, (column, frame) in enumerate(
            zip(st.columns(_COLUMNS), row, strict=False), start=start + 1
        ):
            column.image(
                input.picture(frame.query, binary=pictures == "binary"),
                caption=wording.of_frame(frame),
                width="stretch",
                output_format="PNG",
                alt=f"Picture {place} of sample {name}",
            )
