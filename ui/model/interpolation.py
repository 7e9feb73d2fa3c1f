"""Latent-space interpolation between two frames, each step above its nearest stored frame."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from analysis import frame_query, interpolation
from analysis.frame_query import FrameQuery
from analysis.interpolation import InterpolationStep
from analysis.latent_space import LatentSpace
from charts import decoding
from exports import synthetic_png
from ui.cached import analysis as cached_analysis
from ui.cached import models as cached_models
from ui.cached import rows as cached_rows
from ui.frame import card, input, synthetic
from wording import re_encoding
from wording.numbers import figure

STEPS = 8  # both ends among them
_COLUMNS = 4
_LONGEST = 300.0  # seconds: nothing can be said of the way before


def show(store: Path, space: LatentSpace, ends: tuple[FrameQuery, FrameQuery], seed: int) -> None:
    """Show the steps as cards, each above its nearest stored frame, with the descriptors of both.

    Raises:
        MorphError: if the model is missing, or an end is one colour everywhere and not indexed.
    """
    a, b = (cached_analysis.embed(store, space, end) for end in ends)
    way = interpolation.straight(space.z_of(a).mean[0], space.z_of(b).mean[0], STEPS)
    decoded = [synthetic.decode(store, space, z, seed) for z in way]
    landed = [synthetic.encode_again(store, space, bits) for bits in decoded]
    with st.spinner(re_encoding.WAITS):
        errors = cached_models.re_encoding_errors(space, store, patience=_LONGEST)
    if errors is None:
        st.info(re_encoding.WAITS, icon=":material/hourglass_top:")
        return
    steps = interpolation.judge(space, (a, b), way, landed, errors)
    if not steps:
        st.info("No frame of this data set has separated yet.", icon=":material/contrast:")
        return
    made = [synthetic.as_frame(store, space.run, bits) for bits in decoded]
    st.markdown(re_encoding.verdict(space, steps))
    for first in range(0, len(steps), _COLUMNS):
        row = range(first, min(first + _COLUMNS, len(steps)))
        for index, column in zip(row, st.columns(_COLUMNS, gap="small"), strict=False):
            with column:
                _card(store, index, steps[index], made[index])
    st.download_button(
        "Strip as PNG",
        lambda: synthetic_png.filmstrip(
            decoded,
            [cached_rows.gray(store, step.nearest.frame_id) for step in steps],
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
    _charts(store, space, steps, made)


def _card(store: Path, index: int, step: InterpolationStep, made: FrameQuery) -> None:
    st.markdown(f"{synthetic.BADGE} step {index + 1} of {STEPS}")
    st.image(
        input.shown(made.bits),
        width="stretch",
        output_format="PNG",
        alt=f"Synthetic frame: step {index + 1} of {STEPS}",
    )
    st.caption(f"{synthetic.facts(made)}; {re_encoding.short(step.landing)}")
    mark = ":material/explore_off: far from it: " if step.far else ""
    card.show(
        store,
        step.nearest.frame_id,
        note=f"{mark}distance {figure(step.nearest.distance)}",
        links=False,
    )


def _charts(
    store: Path,
    space: LatentSpace,
    steps: Sequence[InterpolationStep],
    made: Sequence[FrameQuery],
) -> None:
    of_decoded = [frame_query.measure_descriptors(each) for each in made]
    of_nearest = [
        frame_query.describe(store, frame_query.stored_frame(store, step.nearest.frame_id))
        for step in steps
    ]
    charts = [
        decoding.along(
            name,
            [float(getattr(descriptors, name)[0]) for descriptors in of_decoded],
            [float(getattr(descriptors, name)[0]) for descriptors in of_nearest],
        )
        for name in decoding.ALONG
    ]
    charts.append(
        decoding.distances([step.nearest.distance for step in steps], space.outlier_distance)
    )
    names = [*decoding.ALONG, "distance"]
    for first in range(0, len(charts), 3):
        for number, column in enumerate(st.columns(3, gap="medium"), start=first):
            column.altair_chart(
                charts[number],
                key=f"way_{names[number]}",
                alt=f"{names[number]} of the decoded steps and of the stored frames nearest to"
                " them",
            )
