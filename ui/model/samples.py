"""Reconstruction of a frame by a model, and samples of its z alone."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from analysis.frame_query import FrameQuery
from analysis.latent_space import LatentSpace
from charts import decoding
from morphcore import frames
from morphcore.types import BinaryFrame
from store import checkpoint_files
from ui.cached import analysis as cached_analysis
from ui.cached import models as cached_models
from ui.frame import synthetic
from wording.numbers import percent

DRAWN = 3  # samples side by side


def show_reconstruction(store: Path, space: LatentSpace, query: FrameQuery) -> None:
    """Show a frame's reconstruction through all levels of the model: z and any local maps."""
    file = checkpoint_files.path_of(store, space.checkpoint)
    white = cached_models.given_back(file, space.checkpoint.sha256, query.packed())
    st.markdown(f"{synthetic.BADGE} as the model gives it back")
    st.image(
        np.rint(255 * white).astype(np.uint8),
        width="stretch",
        output_format="PNG",
        alt="Synthetic: the frame as the model gives it back",
    )
    same = float(((white > 0.5) == query.bits).mean())
    through = "z and both local maps" if synthetic.draws_places(store, space) else "z"
    st.caption(
        f"Through {through}; gray: the probability of white. {percent(same, 1)} of pixels agree."
    )
    target = cached_analysis.embed(store, space, query).mean[0]
    landed = synthetic.encode_again(store, space, white > 0.5)
    synthetic.say_landing(store, space, synthetic.Asked("reconstruction", target, landed))


def show(store: Path, space: LatentSpace, frame: FrameQuery, seed: int) -> None:
    """Show samples decoded from a frame's z alone, and their two-point functions beside its own.

    There is one sample where the decoder is deterministic.

    Raises:
        MorphError: if the model is missing, or the frame is one colour everywhere and not indexed.
    """
    latents = cached_analysis.embed(store, space, frame)
    z = space.z_of(latents).mean[0]
    count = DRAWN if synthetic.draws_places(store, space) else 1
    samples = [synthetic.decode(store, space, z, DRAWN * seed + draw) for draw in range(count)]
    for number, (column, bits) in enumerate(zip(st.columns(DRAWN), samples, strict=False), start=1):
        landed = synthetic.encode_again(store, space, bits)
        with column:
            synthetic.show(
                store,
                space,
                bits,
                f"sample {number}" if count > 1 else "from z alone",
                name=f"sample-{number}",
                asked=synthetic.Asked("embedding", latents.mean[0], landed),
            )
    if not frame.unseparated:
        _two_point(frame, samples)


def _two_point(frame: FrameQuery, samples: Sequence[BinaryFrame]) -> None:
    """Chart the two-point functions of a frame and of samples, along the film and across it."""
    st.subheader("Two-point functions", divider="gray")
    separated = [bits for bits in samples if not frames.is_unseparated(bits)]
    of_frame = cached_analysis.two_point(frame.bits, frame.periodic, frame.periodic_y)
    of_samples = [cached_analysis.two_point(bits, frame.periodic) for bits in separated]
    lines = {
        "along the film": (of_frame[0], [c[0] for c in of_samples]),
        "across the film": (of_frame[:, 0], [c[:, 0] for c in of_samples]),
    }
    for column, (direction, (frame_line, sample_lines)) in zip(
        st.columns(2, gap="medium"), lines.items(), strict=True
    ):
        column.altair_chart(
            decoding.two_point(frame_line, sample_lines, direction),
            key=f"samples_{direction}",
            alt=f"Two-point function {direction} of the frame and of its samples",
        )
    st.caption(
        "How alike two pixels of a frame are that lie so far apart: 1 the same, 0 by chance."
    )


def show_similarity(store: Path, space: LatentSpace) -> None:
    """Show the similarity of samples to held-out frames, beside that of twins and of any frames."""
    st.subheader("Over many frames", divider="gray")
    if not st.toggle("Measure it on 48 held-out frames", key="model_likeness"):
        return
    result = cached_models.samples_from_z(space, store, space.checkpoint.id, 0)
    rows = {"samples of its z": result.samples, "a twin": result.twins, "any frame": result.random}
    st.dataframe(
        [
            {
                "Against a held-out frame": name,
                "Area fraction, difference": similarity.abs_fraction,
                "ln L, difference": similarity.abs_log_length,
                "Two-point error": similarity.two_point_error,
            }
            for name, similarity in rows.items()
            if similarity is not None
        ],
        hide_index=True,
        placeholder="–",
        alt="How far samples are from held-out frames, beside other frames",
        column_config={
            "Area fraction, difference": st.column_config.NumberColumn(format="%.4f"),
            "ln L, difference": st.column_config.NumberColumn(format="%.3f"),
            "Two-point error": st.column_config.NumberColumn(
                format="%.3f", help="Root mean square over 13 × 14 lags, over C(0)"
            ),
        },
    )
    st.caption(
        f"Medians over {result.frames} held-out frames, drawn at random. "
        + (
            "A twin, another trajectory of the same physics at the same time, is as near as"
            " anything can be that is not the frame."
            if result.twins is not None
            else "With twins of the data set (Data), another trajectory of the same physics stands"
            " here too: as near as anything can be that is not the frame."
        )
    )
