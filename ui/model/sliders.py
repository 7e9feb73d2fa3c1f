"""Sliders of a model's latents, one a dimension.

Their values are in the link, `?z=0.10,-1.35,...`; `?frame=ID` has them begin at a frame's latents.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import Float32

from analysis.frame_query import seen_frame
from analysis.latent_space import LatentSpace
from morphcore.embedding import latent_usage
from morphcore.errors import MorphError
from store.trajectories import UnknownFrame
from ui import links
from ui.cached import analysis as cached_analysis
from wording.escapes import plain

FIRST = 6  # sliders before the rest
STEP = 0.05
_LEAST_REACH = 3.0  # either way from zero; farther where stored frames lie farther
_DRAWS = "model_draws"  # how often other latents were drawn
_LINKED = "model_z_linked"
_Numbers = Float32[np.ndarray, " latent"]


def show(store: Path, space: LatentSpace) -> _Numbers:
    """Show the sliders, the most informative dimension first; returns the latents they hold."""
    state = st.session_state
    latent = space.z.mean.shape[1]
    keys = [f"z_{space.run.id}_{dimension}" for dimension in range(latent)]
    reach = np.maximum(_LEAST_REACH, np.ceil(np.abs(space.z.mean).max(axis=0)))
    if not _follow_link(store, space, keys, reach) and keys[0] not in state:
        _set(keys, reach, _random_frame(space, 0))
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Random frame",
            on_click=_to_random_frame,
            args=(space, keys, reach),
            help="The latents of a stored frame, drawn at random.",
        )
        st.button(
            "Random latents",
            on_click=_to_random_latents,
            args=(space, keys, reach),
            help="Every dimension by itself from a normal distribution, as wide as stored frames"
            " lie along it. Few such latents are near those of frames.",
        )
        st.button("Reset", on_click=_set, args=(keys, reach, None), help="Every slider at zero.")
    capacity = latent_usage.channel_capacity_nats(space.z)
    order = np.argsort(-capacity, kind="stable").tolist()
    for dimension in order[:FIRST]:
        _slider(dimension, float(capacity[dimension]), keys, float(reach[dimension]))
    if order[FIRST:]:
        with st.expander(f"{len(order) - FIRST} more, with less information"):
            for dimension in order[FIRST:]:
                _slider(dimension, float(capacity[dimension]), keys, float(reach[dimension]))
    z = np.array([state[key] for key in keys], dtype=np.float32)
    state[_LINKED] = ",".join(f"{value:.2f}" for value in z)
    links.set_params({"z": state[_LINKED]})
    return z


def _slider(dimension: int, nats: float, keys: Sequence[str], reach: float) -> None:
    st.slider(
        f"z{dimension + 1}, {nats:.1f} nats",
        -reach,
        reach,
        step=STEP,
        key=keys[dimension],
        persist_state="session",
        help="The nats are the information that this dimension has on a frame: half the log of how"
        " much farther frames lie apart along it than the model is unsure of each.",
    )


def _set(keys: Sequence[str], reach: _Numbers, z: _Numbers | None) -> None:
    """Set the sliders to latents, as near as their steps go; to zero where `z` is None."""
    values = np.zeros(len(keys)) if z is None else np.clip(z, -reach, reach)
    for key, value in zip(keys, values.tolist(), strict=True):
        st.session_state[key] = round(round(value / STEP) * STEP, 2)


def _to_random_frame(space: LatentSpace, keys: Sequence[str], reach: _Numbers) -> None:
    _set(keys, reach, _random_frame(space, _next_draw()))


def _to_random_latents(space: LatentSpace, keys: Sequence[str], reach: _Numbers) -> None:
    rng = np.random.default_rng([1, _next_draw()])
    means = space.z.mean[~space.frames.unseparated]
    drawn = means.mean(axis=0) + means.std(axis=0) * rng.standard_normal(len(keys))
    _set(keys, reach, drawn.astype(np.float32))


def _next_draw() -> int:
    draws = int(st.session_state.get(_DRAWS, 0)) + 1
    st.session_state[_DRAWS] = draws
    return draws


def _random_frame(space: LatentSpace, draws: int) -> _Numbers:
    rows = np.flatnonzero(~space.frames.unseparated)
    row = int(np.random.default_rng([0, draws]).choice(rows)) if len(rows) else 0
    z: np.ndarray = space.z.mean[row]
    return z


def _follow_link(store: Path, space: LatentSpace, keys: Sequence[str], reach: _Numbers) -> bool:
    """Set the sliders as the link has them, once; whether it had anything for them."""
    frame, frame_id = links.text_param("frame"), links.int_param("frame")
    text = links.text_param("z")
    links.drop_params("frame")
    if frame is not None:
        z = _of_frame(store, space, frame_id, frame)
    elif text is not None and text != st.session_state.get(_LINKED):
        z = _of_numbers(links.numbers_param("z"), len(keys))
    else:
        return False
    if z is None:
        return False
    _set(keys, reach, z)
    return True


def _of_frame(store: Path, space: LatentSpace, frame_id: int | None, text: str) -> _Numbers | None:
    """The latents of a stored frame; None, and a sentence on why, where there are none.

    `text` is the frame as the link has it, an id or not.
    """
    if frame_id is not None:
        try:
            frame = seen_frame(store, space.run, frame_id)
            mean: np.ndarray = space.z_of(cached_analysis.embed(store, space, frame)).mean[0]
            return mean
        except UnknownFrame:
            pass
        except MorphError as err:
            st.warning(plain(str(err)), icon=":material/link_off:")
            return None
    st.warning(f"The store has no frame {plain(text)}.", icon=":material/link_off:")
    return None


def _of_numbers(numbers: Sequence[float], latent: int) -> _Numbers | None:
    """The latents in a link; None, and a sentence on why, where they are none of this model."""
    if len(numbers) == latent:
        most = float(np.finfo(np.float32).max)
        return np.clip(numbers, -most, most).astype(np.float32)
    st.warning(
        f"The latents in the link are none of this model, which takes {latent} numbers.",
        icon=":material/link_off:",
    )
    return None
