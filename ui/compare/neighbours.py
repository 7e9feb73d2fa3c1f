"""The nearest stored frames of a query as a list, each with its answer, its reason and ways on."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from analysis.comparison import Difference
from analysis.latent_space import LatentSpace
from analysis.likelihood_ratio import Ratio
from analysis.search import SearchResult
from ui.compare.look import Look
from ui.frame import card
from ui.frame.scale import sentence as sentence_of_scale
from wording import likelihood_ratio as ratio_words
from wording.comparison import distance_parts, sentence
from wording.escapes import plain
from wording.numbers import figure
from wording.numbers import sentence as capital

# Rows lie close together, so that five of them are seen at once.
_STYLE = """<style>
.st-key-neighbours { gap: .5rem }
[class*="st-key-neighbour_"] { padding: .5rem .75rem }
[class*="st-key-neighbour_"] p { line-height: 1.35 }
[class*="st-key-neighbour_"] [data-testid="stVerticalBlock"] { gap: .125rem }
[class*="st-key-neighbour_"] [data-testid="stHorizontalBlock"] { gap: .875rem }
[class*="st-key-neighbour_"] [data-testid="stPageLink"] a {
  padding: 0 .25rem; min-height: 1.5rem; gap: .25rem; background: none
}
[class*="st-key-neighbour_"] [data-testid="stPageLink"] a:hover { text-decoration: underline }
[class*="st-key-neighbour_"] [data-testid="stPageLink"] a * { font-weight: 400 }
</style>"""


def show(
    store: Path,
    result: SearchResult,
    reasons: Sequence[Sequence[Difference]],
    ratios: Sequence[Ratio | None],
    drawn: Look = "gray",
) -> None:
    """Show the matches, nearest first, with the reasons why they are near; all `drawn` alike.

    Where there is a ratio, it is the headline, else the distance is.
    """
    with st.container(key="neighbours"):
        st.html(_STYLE)
        for rank in range(1, len(result.matches) + 1):
            with st.container(border=True, key=f"neighbour_{rank}"):
                _match(store, result, rank, sentence(reasons[rank - 1]), ratios[rank - 1], drawn)


def _match(
    store: Path, result: SearchResult, rank: int, why: str, ratio: Ratio | None, drawn: Look
) -> None:
    match = result.matches[rank - 1]
    far, among = distance_parts(match, None if result.units is None else result.units[rank - 1])
    words, rest = card.lines(store, match.frame_id)
    words = words.replace(" L ", " L\xa0")  # not to be torn apart at the end of a line
    picture, said = st.columns([3, 5], vertical_alignment="top")
    with picture:
        card.picture(store, match.frame_id, binary=drawn == "binary")
        _ways_on(result.query.frame_id, match.frame_id)
    with said:
        headline = capital(far) if ratio is None else ratio_words.headline(ratio)
        explained = None if ratio is None else ratio_words.ratio_text(ratio).whole
        st.markdown(f"**{rank}. {headline}**  \n:small[{why}]", help=explained)
        notes = [words, among if ratio is None else f"{far}, {among}"]
        if match.scale is not None:
            notes.append(f"Of {plain(match.dataset)}. {sentence_of_scale(match.scale)}")
        st.caption("  \n".join(notes), help=rest)


def _ways_on(query_id: int | None, frame_id: int) -> None:
    """Links from a match: to both in detail, to a search of its own, to its film."""
    with st.container(horizontal=True, gap="small"):
        if query_id is not None:
            st.page_link(
                "pages/compare.py",
                label=":small[Detail]",
                icon=":material/compare:",
                query_params={"frame": str(query_id), "with": str(frame_id)},
                help="Both frames in detail.",
            )
        st.page_link(
            "pages/compare.py",
            label=":small[Similar]",
            icon=":material/search:",
            query_params={"frame": str(frame_id)},
            help="The frames most similar to this one.",
        )
        st.page_link(
            "pages/trajectories.py",
            label=":small[Play]",
            icon=":material/play_circle:",
            query_params={"frame": str(frame_id)},
            help="Its trajectory, at this frame.",
        )


def sureness(space: LatentSpace, uncertainty: float) -> str:
    """How far a frame's place could be another, beside the median distance of two frames."""
    if space.checkpoint.has_embedding:
        words = f"Other realisations of its process lie ± {figure(uncertainty)} off along any axis"
    else:
        words = f"Placed to ± {figure(uncertainty)} (standard deviation along any axis)"
    pairs = space.frames.random_pair_distances
    if not len(pairs):
        return f"{words}."
    apart = float(np.median(pairs))
    return f"{words}; two frames drawn at random are {figure(apart)} apart (median)."
