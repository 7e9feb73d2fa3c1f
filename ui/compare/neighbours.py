"""Cards of a query and its nearest stored frames, in rows of three, each with its differences."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from analysis.comparison import Difference
from analysis.frame_query import FrameQuery
from analysis.latent_space import LatentSpace
from analysis.search import SearchResult
from ui.compare import look
from ui.compare.look import Look
from ui.frame import card, input
from ui.frame.scale import sentence as sentence_of_scale
from wording.comparison import distance, sentence
from wording.escapes import plain
from wording.numbers import figure

_COLUMNS = 3


def cards(
    store: Path,
    result: SearchResult,
    reasons: Sequence[Sequence[Difference]],
    note: str = "",
    drawn: Look = "gray",
) -> None:
    """Show the query, with a `note` on it, then its matches and their `reasons`, nearest first.

    All are `drawn` alike.
    """
    for first in range(0, len(result.matches) + 1, _COLUMNS):
        columns = st.columns(_COLUMNS, gap="medium")
        ranks = range(first, len(result.matches) + 1)
        for rank, column in zip(ranks, columns, strict=False):
            with column.container(border=True):
                if rank == 0:
                    _query(result.query, note, drawn)
                else:
                    _match(store, result, rank, sentence(reasons[rank - 1]), drawn)


def _query(query: FrameQuery, note: str, drawn: Look) -> None:
    st.image(
        look.picture(query, drawn),
        width="stretch",
        output_format="PNG",
        alt="The frame that is compared",
    )
    scale = "" if query.scale is None else sentence_of_scale(query.scale)
    lines = ["**The frame that is compared**", input.facts(query), scale, note]
    st.caption("  \n".join(filter(None, lines)))


def _match(store: Path, result: SearchResult, rank: int, why: str, drawn: Look) -> None:
    match = result.matches[rank - 1]
    units = None if result.units is None else result.units[rank - 1]
    note = f"**{rank}.** {distance(match, units)}  \n{why}"
    if match.scale is not None:
        note += f"  \nOf {plain(match.dataset)}. {sentence_of_scale(match.scale)}"
    card.show(store, match.frame_id, note=note, binary=drawn == "binary")
    if result.query.frame_id is not None:
        st.page_link(
            "pages/compare.py",
            label="Both in detail",
            icon=":material/compare:",
            query_params={"frame": str(result.query.frame_id), "with": str(match.frame_id)},
        )


def sureness(space: LatentSpace, uncertainty: float) -> str:
    """How far a frame's place could be another, beside the median distance of two frames."""
    if space.checkpoint.has_embedding:
        words = f"other realisations of its process lie ± {figure(uncertainty)} off along any axis"
    else:
        words = f"placed to ± {figure(uncertainty)} (standard deviation along any axis)"
    pairs = space.frames.random_pair_distances
    if not len(pairs):
        return words
    apart = float(np.median(pairs))
    return f"{words}; two frames drawn at random are {figure(apart)} apart (median)"
