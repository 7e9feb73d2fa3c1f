"""A slider for every latent dimension: a place in a model's latent space, set by hand.

Where the sliders stand is in the link, `?z=0.10,-1.35,...`; `?frame=ID` has them begin at a frame.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import Float32

from analysis.frame_query import stored_frame
from analysis.latent_space import LatentSpace
from morphcore.embedding import latent_usage
from morphcore.errors import MorphError
from store.trajectories import UnknownFrame
from ui import links
from ui.cached import analysis as cached_analysis
from wording.numbers import plain

FIRST = 6  # sliders before the rest
STEP = 0.05
_LEAST_REACH = 3.0  # either way from zero; farther where stored frames lie farther
_DRAWS = "model_draws"  # how often another place was asked for
_LINKED = "model_z_linked"
_Numbers = Float32[np.ndarray, " latent"]


def show(store: Path, space: LatentSpace) -> _Numbers:
    """The sliders, the most telling dimension first; the place where they stand."""
    state = st.session_state
    latent = space.latents.mean.shape[1]
    keys = [f"z_{space.run.id}_{each}" for each in range(latent)]
    reach = np.maximum(_LEAST_REACH, np.ceil(np.abs(space.latents.mean).max(axis=0)))
    if not _follow_link(store, space, keys, reach) and keys[0] not in state:
        _stand(keys, reach, _any_frame(space, 0))
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Random frame",
            on_click=_to_random_frame,
            args=(space, keys, reach),
            help="Where the model places a stored frame, drawn at random.",
        )
        st.button(
            "Random place",
            on_click=_to_random_place,
            args=(space, keys, reach),
            help="Every dimension by itself from a normal distribution, as wide as stored frames"
            " lie along it. Few such places are where frames are.",
        )
        st.button("Reset", on_click=_stand, args=(keys, reach, None), help="Every slider at zero.")
    told = latent_usage.channel_capacity_nats(space.latents)
    order = np.argsort(-told, kind="stable").tolist()
    for dimension in order[:FIRST]:
        _slider(dimension, float(told[dimension]), keys, float(reach[dimension]))
    if order[FIRST:]:
        with st.expander(f"{len(order) - FIRST} more, which tell less"):
            for dimension in order[FIRST:]:
                _slider(dimension, float(told[dimension]), keys, float(reach[dimension]))
    place = np.array([state[key] for key in keys], dtype=np.float32)
    state[_LINKED] = ",".join(f"{each:.2f}" for each in place)
    links.set_params({"z": state[_LINKED]})
    return place


def _slider(dimension: int, told: float, keys: Sequence[str], reach: float) -> None:
    st.slider(
        f"z{dimension + 1}, {told:.1f} nats",
        -reach,
        reach,
        step=STEP,
        key=keys[dimension],
        persist_state="session",
        help="The nats are what this dimension tells of a frame: half the log of how much farther"
        " frames lie apart along it than the model is unsure of each.",
    )


def _stand(keys: Sequence[str], reach: _Numbers, place: _Numbers | None) -> None:
    """Have the sliders stand at a place, as near as their steps go; at zero without one."""
    values = np.zeros(len(keys)) if place is None else np.clip(place, -reach, reach)
    for key, value in zip(keys, values.tolist(), strict=True):
        st.session_state[key] = round(round(value / STEP) * STEP, 2)


def _to_random_frame(space: LatentSpace, keys: Sequence[str], reach: _Numbers) -> None:
    _stand(keys, reach, _any_frame(space, _next_draw()))


def _to_random_place(space: LatentSpace, keys: Sequence[str], reach: _Numbers) -> None:
    rng = np.random.default_rng([1, _next_draw()])
    known = space.latents.mean[~space.frames.unseparated]
    drawn = known.mean(axis=0) + known.std(axis=0) * rng.standard_normal(len(keys))
    _stand(keys, reach, drawn.astype(np.float32))


def _next_draw() -> int:
    draws = int(st.session_state.get(_DRAWS, 0)) + 1
    st.session_state[_DRAWS] = draws
    return draws


def _any_frame(space: LatentSpace, draws: int) -> _Numbers:
    rows = np.flatnonzero(~space.frames.unseparated)
    row = int(np.random.default_rng([0, draws]).choice(rows)) if len(rows) else 0
    place: np.ndarray = space.latents.mean[row]
    return place


def _follow_link(store: Path, space: LatentSpace, keys: Sequence[str], reach: _Numbers) -> bool:
    """Stand where the link says, once; whether it said so."""
    frame, frame_id, z = links.text_param("frame"), links.int_param("frame"), links.text_param("z")
    links.drop_params("frame")
    if frame is not None:
        place = _of_frame(store, space, frame_id, frame)
    elif z is not None and z != st.session_state.get(_LINKED):
        place = _of_numbers(z, len(keys))
    else:
        return False
    if place is None:
        return False
    _stand(keys, reach, place)
    return True


def _of_frame(store: Path, space: LatentSpace, frame_id: int | None, asked: str) -> _Numbers | None:
    """Where the model places a stored frame; None, and a sentence on why, where it cannot.

    `asked` is the frame as the link has it, an id or not.
    """
    if frame_id is not None:
        try:
            frame = stored_frame(store, frame_id)
            mean: np.ndarray = cached_analysis.embed(store, space, frame).mean[0]
            return mean
        except UnknownFrame:
            pass
        except MorphError as err:
            st.warning(str(err), icon=":material/link_off:")
            return None
    st.warning(f"The store has no frame {plain(asked)}.", icon=":material/link_off:")
    return None


def _of_numbers(asked: str, latent: int) -> _Numbers | None:
    """The place that a link names; None, and a sentence, where it is none of this model."""
    try:
        place = np.array([float(each) for each in asked.split(",")], dtype=np.float32)
    except ValueError:
        place = np.full(1, np.nan, dtype=np.float32)
    if len(place) == latent and np.isfinite(place).all():
        return place
    st.warning(
        f"The place in the link is none of this model, which takes {latent} numbers.",
        icon=":material/link_off:",
    )
    return None
