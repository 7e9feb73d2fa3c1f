"""A query beside the stored frames nearest to it, as cards in rows of three, each with why."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from analysis import comparison, frame_query
from analysis.comparison import Yardstick
from analysis.frame_query import FrameQuery
from analysis.latent_space import LatentSpace
from morphcore.types import Latents, Neighbour
from ui.frame import card, drawing, input
from wording import comparison as reasons
from wording.numbers import figure

_COLUMNS = 3


def cards(
    store: Path,
    query: FrameQuery,
    found: Sequence[Neighbour],
    units: Sequence[float | None],
    by: Yardstick,
    note: str = "",
) -> None:
    """The query first, with a `note` on it, then its neighbours, the nearest first."""
    for first in range(0, len(found) + 1, _COLUMNS):
        columns = st.columns(_COLUMNS, gap="medium")
        for place, column in zip(range(first, len(found) + 1), columns, strict=False):
            with column.container(border=True):
                if place == 0:
                    picture = input.shown(query.bits)
                    st.image(
                        picture,
                        width="stretch",
                        output_format="PNG",
                        alt="The frame that is compared",
                    )
                    lines = ["**The frame that is compared**", input.facts(query), note]
                    st.caption("  \n".join(filter(None, lines)))
                else:
                    _card(store, query, place, found[place - 1], units[place - 1], by)


def _card(
    store: Path,
    query: FrameQuery,
    place: int,
    neighbour: Neighbour,
    units: float | None,
    by: Yardstick,
) -> None:
    theirs = drawing.stored(store, neighbour.frame_id)
    why = reasons.sentence(
        comparison.differences(
            by, frame_query.describe(store, query), frame_query.describe(store, theirs)
        )
    )
    note = f"**{place}.** {near(neighbour, units)}  \n{why}"
    card.show(store, neighbour.frame_id, note=note)
    if query.frame_id is not None:
        st.page_link(
            "pages/compare.py",
            label="Both in detail",
            icon=":material/compare:",
            query_params={"frame": str(query.frame_id), "with": str(neighbour.frame_id)},
        )


def sureness(space: LatentSpace, place: Latents) -> str:
    """How sure the model is of where a frame belongs, beside how far apart frames are."""
    words = (
        f"placed to ± {figure(comparison.uncertainty(place))} (standard deviation along any axis)"
    )
    if not len(space.random_pair_distances):
        return words
    apart = float(np.median(space.random_pair_distances))
    return f"{words}; two frames drawn at random are {figure(apart)} apart (median)"


def near(neighbour: Neighbour, units: float | None) -> str:
    """A distance, in its unit where there is one, and how it compares with random pairs."""
    distance = "0.000" if neighbour.distance < 5e-4 else figure(neighbour.distance, 3)
    if units is not None:
        distance += f" ({figure(units)} of the scatter)"
    nearer = 100 - neighbour.percentile
    if nearer < 0.1:
        compared = "farther than nearly all random pairs"
    elif not neighbour.percentile:
        compared = "nearer than all random pairs"
    else:
        share = "more than 99.9 %" if nearer > 99.9 else f"{nearer:.1f} %"
        compared = f"nearer than {share} of random pairs"
    return f"distance {distance}, {compared}"
