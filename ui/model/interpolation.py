"""From one frame to another through a model's latent space, step by step, beside real frames."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from analysis import frame_query, interpolation
from analysis.frame_query import FrameQuery
from analysis.interpolation import InterpolationStep
from analysis.latent_space import LatentSpace
from charts import decoding
from exports import synthetic_png
from morphcore.types import BinaryFrame
from ui.cached import analysis as cached_analysis
from ui.cached import rows as cached_rows
from ui.frame import card, input, synthetic
from wording.numbers import figure, plain

STEPS = 8  # both ends among them
_COLUMNS = 4


def show(store: Path, space: LatentSpace, ends: tuple[FrameQuery, FrameQuery], seed: int) -> None:
    """The steps as cards, each above its nearest stored frame, and what is measured on both.

    Raises:
        MorphError: if the model is missing, or an end is one colour everywhere and not indexed.
    """
    a, b = (cached_analysis.embed(store, space, each).mean[0] for each in ends)
    periodic = all(each.periodic for each in ends)
    steps = interpolation.straight(space, a, b, STEPS)
    if not steps:
        st.info("No frame of this data set has separated yet.", icon=":material/contrast:")
        return
    made = [synthetic.decode(store, space, each.z, seed) for each in steps]
    st.markdown(_verdict(space, steps))
    for first in range(0, len(steps), _COLUMNS):
        row = range(first, min(first + _COLUMNS, len(steps)))
        for place, column in zip(row, st.columns(_COLUMNS, gap="small"), strict=False):
            with column:
                _card(store, place, steps[place], made[place], periodic)
    st.download_button(
        "Strip as PNG",
        lambda: synthetic_png.filmstrip(
            made,
            [cached_rows.gray(store, each.nearest.frame_id) for each in steps],
            made_by=space.run.name,
        ),
        file_name="synthetic-strip.png",
        mime="image/png",
        icon=":material/download:",
        on_click="ignore",
    )
    st.subheader("Along the way", divider="gray")
    st.caption(
        "Teal: the decoded steps; orange: the stored frame nearest to each. Beyond the dashed line"
        " a step is farther off than 99 % of this set's frames are from another trajectory."
    )
    _charts(store, space, steps, made, periodic)


def _card(
    store: Path, place: int, step: InterpolationStep, bits: BinaryFrame, periodic: bool
) -> None:
    st.markdown(f"{synthetic.BADGE} step {place + 1} of {STEPS}")
    st.image(
        input.shown(bits),
        width="stretch",
        output_format="PNG",
        alt=f"Synthetic frame: step {place + 1} of {STEPS}",
    )
    st.caption(synthetic.facts(bits, periodic=periodic))
    mark = ":material/explore_off: far from it: " if step.far else ""
    card.show(
        store,
        step.nearest.frame_id,
        note=f"{mark}distance {figure(step.nearest.distance)}",
        links=False,
    )


def _verdict(space: LatentSpace, steps: Sequence[InterpolationStep]) -> str:
    """Whether the way leaves the data, in a sentence."""
    if space.outlier_distance is None:
        return "With one trajectory only, whether the way leaves the data cannot be told."
    far = [place for place, each in enumerate(steps, start=1) if each.far]
    limit = (
        f"than 99 % of the frames of {plain(space.run.dataset)} are from the nearest of another"
        " trajectory"
    )
    if not far:
        return f"**The way stays within the data**: no step is farther from a stored frame {limit}."
    which = f"step {far[0]} is" if len(far) == 1 else f"{len(far)} of {len(steps)} steps are"
    return f"**The way leaves the data**: {which} farther from every stored frame {limit}."


def _charts(
    store: Path,
    space: LatentSpace,
    steps: Sequence[InterpolationStep],
    made: Sequence[BinaryFrame],
    periodic: bool,
) -> None:
    ours = [frame_query.measure_descriptors(FrameQuery(each, None, periodic)) for each in made]
    theirs = [
        frame_query.describe(store, frame_query.stored_frame(store, each.nearest.frame_id))
        for each in steps
    ]
    charts = [
        decoding.along(
            name,
            [float(getattr(each, name)[0]) for each in ours],
            [float(getattr(each, name)[0]) for each in theirs],
        )
        for name in decoding.ALONG
    ]
    charts.append(
        decoding.distances([each.nearest.distance for each in steps], space.outlier_distance)
    )
    names = [*decoding.ALONG, "distance"]
    for first in range(0, len(charts), 3):
        for place, column in enumerate(st.columns(3, gap="medium"), start=first):
            column.altair_chart(
                charts[place],
                key=f"way_{names[place]}",
                alt=f"{names[place]} of the decoded steps and of the stored frames nearest to them",
            )
