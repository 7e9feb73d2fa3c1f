"""A query beside the stored frames nearest to it, as cards in rows of three."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from morphcore.types import Neighbour
from ui import frame_card, frame_input
from ui.frame_input import Query

_COLUMNS = 3


def cards(store: Path, query: Query, found: Sequence[Neighbour]) -> None:
    """The query first, then its neighbours, the nearest first."""
    for first in range(0, len(found) + 1, _COLUMNS):
        columns = st.columns(_COLUMNS, gap="medium")
        for place, column in zip(range(first, len(found) + 1), columns, strict=False):
            with column.container(border=True):
                if place == 0:
                    picture = frame_input.shown(query.bits)
                    st.image(
                        picture,
                        width="stretch",
                        output_format="PNG",
                        alt="The frame that is compared",
                    )
                    st.caption(f"**The frame that is compared**  \n{frame_input.facts(query)}")
                else:
                    neighbour = found[place - 1]
                    note = f"**{place}.** {near(neighbour)}"
                    frame_card.show(store, neighbour.frame_id, note=note)


def near(neighbour: Neighbour) -> str:
    """A distance, and how it compares with those of random pairs of stored frames."""
    if neighbour.distance < 5e-4:
        distance = "0.000"
    else:
        distance = f"{neighbour.distance:{'.3g' if neighbour.distance < 100 else ',.0f'}}"
    nearer = 100 - neighbour.percentile
    if nearer < 0.1:
        compared = "farther than nearly all random pairs"
    elif not neighbour.percentile:
        compared = "nearer than all random pairs"
    else:
        share = "more than 99.9 %" if nearer > 99.9 else f"{nearer:.1f} %"
        compared = f"nearer than {share} of random pairs"
    return f"distance {distance}, {compared}"
