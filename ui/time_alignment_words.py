"""Where two aligned films run together and where they part, in words: computed, never free text.

Pure, no Streamlit. A and B are the films; stretches are those of `jobs.time_alignment`.
"""

from collections.abc import Sequence
from math import isfinite

from jobs.time_alignment import Stretch, TimeAlignment
from ui.series import Series, when

COARSER = 1.10  # ratio of L from which on one film is called coarser
WHITER = 0.02  # step of the white fraction from which on one is called whiter
SLOWER = 1.15  # ratio of times from which on one is called slower


def sentence(of: TimeAlignment, films: Sequence[Series], places: Sequence[Sequence[int]]) -> str:
    """One or two sentences; where distances have no unit, what is needed to tell."""
    if of.same_within is None:
        return (
            "This model was indexed by an older version, which kept no unit for distances: "
            "index it again to be told where the films run together."
        )
    together = [each for each in of.stretches if each.together]
    apart = [each for each in of.stretches if not each.together]

    def at(pair: int) -> str:
        moments = [when(film, own[pair]) for film, own in zip(films, places, strict=True)]
        return f"{moments[0]} of A and {moments[1]} of B"

    if not apart:
        said = f"Together all the way, {_units(together)} in the median."
    elif not together:
        said = f"Nowhere together: {_units(apart)} in the median, and {_unlike(apart)}."
    elif len(of.stretches) == 2 and of.stretches[0].together:
        said = (
            f"Together until {at(of.stretches[0].last)}, then {_unlike(apart)} ({_units(apart)})."
        )
    elif len(of.stretches) == 2:
        said = (
            f"Together from {at(of.stretches[1].first)} on; before, {_unlike(apart)} "
            f"({_units(apart)})."
        )
    else:
        parts = [
            f"{when(films[0], places[0][each.first])} to {films[0].time[places[0][each.last]]:,}"
            for each in together
        ]
        said = f"Together at A's {_listed(parts)}; elsewhere {_unlike(apart)} ({_units(apart)})."
    return f"{said}{_tempo(together)}"


def _units(stretches: Sequence[Stretch]) -> str:
    return f"{_typical(stretches, 'distance'):.1f} scatter units apart"


def _unlike(stretches: Sequence[Stretch]) -> str:
    """In what B differs from A on some stretches."""
    ratio, step = _typical(stretches, "length_ratio"), _typical(stretches, "fraction_step")
    said = []
    if isfinite(ratio) and not 1 / COARSER < ratio < COARSER:
        by = abs(ratio - 1)
        said.append(
            f"{'coarser' if ratio > 1 else 'finer'} (L {'+' if ratio > 1 else '−'}{by:.0%})"
        )
    if isfinite(step) and abs(step) >= WHITER:
        said.append(f"{'whiter' if step > 0 else 'blacker'} (by {100 * abs(step):.0f} points)")
    if said:
        return f"B is {' and '.join(said)}"
    return "they differ in form, at like L and white fraction"


def _tempo(together: Sequence[Stretch]) -> str:
    if not together:
        return ""
    ratio = _typical(together, "time_ratio")
    if not isfinite(ratio) or 1 / SLOWER < ratio < SLOWER:
        return ""
    if ratio > 1:
        return f" Where they are together, B takes {ratio:.1f} times as long as A."
    return f" Where they are together, A takes {1 / ratio:.1f} times as long as B."


def _typical(stretches: Sequence[Stretch], name: str) -> float:
    """The value of the stretch that has the most pairs of those where it is known."""
    known = [each for each in stretches if isfinite(getattr(each, name))]
    if not known:
        return float("nan")
    longest = max(known, key=lambda each: each.last - each.first)
    return float(getattr(longest, name))


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
