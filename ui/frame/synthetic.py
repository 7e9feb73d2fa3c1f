"""Synthetic frames, decoded by a model and always marked as such, and nearest stored frames."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st
from jaxtyping import Float32

from analysis import re_encoding
from analysis.attached import joint_scale
from analysis.frame_embedding import SearchOptions
from analysis.frame_query import FrameQuery
from analysis.latent_space import LatentSpace
from exports import synthetic_png
from morphcore import frames
from morphcore.types import BinaryFrame, Latents
from store import checkpoint_files, trajectories
from store.db import open_store
from store.runs import Run
from ui import failures, links
from ui.cached import models as cached_models
from ui.frame import card, input
from wording import comparison as comparison_words
from wording import re_encoding as re_encoding_words
from wording.escapes import plain

BADGE = ":orange-badge[:material/auto_awesome: Synthetic]"
_DRAWS = "Its places are drawn: z says what a frame is like, not where things are."
_FIXED = "This model's z says all, places included: nothing is drawn."
_MOST_DRAWS = 1_000_000


def draws_places(store: Path, space: LatentSpace) -> bool:
    """Whether a model's decoder is stochastic: its z leaves open where things are.

    Raises:
        MorphError: if the model is missing.
    """
    file = checkpoint_files.path_of(store, space.checkpoint)
    return cached_models.stochastic_decoder(file, space.checkpoint.sha256)


def choose_draw(store: Path, space: LatentSpace, label: str) -> int:
    """Choose the seed of what z leaves open: a number in the link, `?draw=N`.

    A button draws another; there is none where nothing is left open.

    Raises:
        MorphError: if the model is missing.
    """
    if not draws_places(store, space):
        st.caption(_FIXED)
        return 0
    seed = (links.int_param("draw") or 0) % _MOST_DRAWS
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(label, icon=":material/casino:", on_click=_draw, args=(seed + 1,))
        st.caption(_DRAWS)
    return seed


def decode(
    store: Path, space: LatentSpace, z: Float32[np.ndarray, " latent"], seed: int
) -> BinaryFrame:
    """Decode a latent to a binary frame: white where that is likelier than not.

    Raises:
        MorphError: if the model is missing.
    """
    file = checkpoint_files.path_of(store, space.checkpoint)
    bits: BinaryFrame = cached_models.decoded(file, space.checkpoint.sha256, z, seed) > 0.5
    return bits


class Asked(NamedTuple):
    """What a picture was asked to be, and the latents that it has when it is encoded again."""

    what: re_encoding.Asked
    target: Float32[np.ndarray, " n"]
    landed: Latents


def show(
    store: Path,
    space: LatentSpace,
    bits: BinaryFrame,
    title: str,
    *,
    name: str = "",
    asked: Asked | None = None,
) -> None:
    """Show a synthetic frame under its badge, with its facts and where it lands, if that is asked.

    With a `name`, it can be saved.
    """
    st.markdown(f"{BADGE} {title}")
    st.image(
        input.shown(bits),
        width="stretch",
        output_format="PNG",
        alt=f"Synthetic frame: {title}",
    )
    st.caption(facts(as_frame(store, space.run, bits)))
    if asked is not None:
        say_landing(store, space, asked)
    if name:
        st.download_button(
            "PNG",
            synthetic_png.frame(bits, made_by=space.run.name),
            file_name=f"synthetic-{name}.png",
            mime="image/png",
            icon=":material/download:",
            key=f"save_{name}",
            on_click="ignore",
            help="The file says in itself that it is synthetic.",
        )


def encode_again(store: Path, space: LatentSpace, bits: BinaryFrame) -> Latents:
    """The latents of a synthetic frame by the model that made it, in one row; one colour or not.

    Raises:
        MorphError: if the model is missing.
    """
    file = checkpoint_files.path_of(store, space.checkpoint)
    edges = re_encoding.edges(store, space.run)
    return cached_models.encoded_again(file, space.checkpoint.sha256, bits, *edges)


def say_landing(store: Path, space: LatentSpace, asked: Asked) -> None:
    """Say how far a synthetic frame lands from what was asked, as soon as it is known what is near.

    Raises:
        MorphError: if the model is missing, or an older version indexed its run.
    """
    waits = cached_models.re_encoding_errors(space, store) is None
    failures.fragment(_landing, run_every=1.0 if waits else None)(store, space, asked, waits)


def _landing(store: Path, space: LatentSpace, asked: Asked, waits: bool) -> None:
    errors = cached_models.re_encoding_errors(space, store, patience=0 if waits else None)
    if errors is None:
        st.caption(f":material/hourglass_top: {re_encoding_words.WAITS}")
        return
    if waits:
        st.rerun()  # a fragment does not stop polling by itself
    where = space.z_of(asked.landed).mean[0] if asked.what == "z" else asked.landed.mean[0]
    landing = re_encoding.landing(errors, asked.what, asked.target, where)
    if landing is not None:
        mark = ":material/wrong_location: " if landing.astray else ""
        st.caption(mark + re_encoding_words.sentence(landing))


def as_frame(store: Path, run: Run, bits: BinaryFrame) -> FrameQuery:
    """A synthetic frame with the edges and the pixel size of the frames that its model knows.

    So its L is measured, and written, as those are that it is compared with.
    """
    with open_store(store) as db:
        infos = trajectories.trajectories(db, run.dataset_id)
    scale = joint_scale(infos)
    periodic, periodic_y = re_encoding.edges(store, run)
    return FrameQuery(
        bits,
        None,
        periodic=periodic,
        periodic_y=periodic_y,
        pixel_size=scale.pixel_size,
        length_unit=scale.length_unit,
    )


def facts(made: FrameQuery) -> str:
    """A synthetic frame's area fraction and domain size, in a line."""
    return "one colour everywhere" if frames.is_unseparated(made.bits) else input.facts(made)


def nearest(store: Path, space: LatentSpace, landed: Latents) -> int | None:
    """Show the stored frame nearest to a synthetic one, with its distance; returns its id."""
    neighbours = space.frames.nearest(landed.mean[0], SearchOptions(k=1))
    if not neighbours:
        st.info("No frame of this data set has separated yet.", icon=":material/contrast:")
        return None
    nearest = neighbours[0]
    card.show(store, nearest.frame_id, note=comparison_words.distance(nearest, None))
    if space.is_outlier(nearest.distance):
        st.warning(
            f"No frame of {plain(space.run.dataset)} is near this picture: what the model makes"
            " here is a guess.",
            icon=":material/explore_off:",
        )
    return nearest.frame_id


def _draw(seed: int) -> None:
    links.set_params({"draw": seed})
