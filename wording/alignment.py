"""An alignment of two trajectories in words: where they run together and where they part.

Pure, no Streamlit. A and B are the films; stretches are those of `jobs.time_alignment`.
"""

from collections.abc import Sequence
from math import isfinite

from analysis.alignment import Stretch, TimeAlignment
from analysis.series import Series, when

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
        said = f"To the model they run together all the way, {_units(together)}."
    elif not together:
        said = f"To the model they run together nowhere: {_unlike(apart)}."
    elif len(of.stretches) == 2 and of.stretches[0].together:
        said = (
            f"To the model they run together until {at(of.stretches[0].last)}; "
            f"from there on {_held(apart[0], places)}{_unlike(apart)}."
        )
    elif len(of.stretches) == 2:
        said = (
            f"To the model they run together from {at(of.stretches[1].first)} on; "
            f"before, {_held(apart[0], places)}{_unlike(apart)}."
        )
    else:
        parts = [
            f"{when(films[0], places[0][each.first])} to {films[0].time[places[0][each.last]]:,}"
            for each in together
        ]
        said = (
            f"To the model they run together at A's {_listed(parts)}; elsewhere {_unlike(apart)}."
        )
    return f"{said}{_tempo(together)}"


def _held(of: Stretch, places: Sequence[Sequence[int]]) -> str:
    """Said where a film has only one frame to set against several of the other one."""
    a, b = (len(set(own[of.first : of.last + 1])) for own in places)
    if a == 1 < b:
        return f"one frame of A stands against {b:,} of B: "
    if b == 1 < a:
        return f"one frame of B stands against {a:,} of A: "
    return ""


def _units(stretches: Sequence[Stretch]) -> str:
    return f"{_typical(stretches, 'distance'):.1f} scatter units apart"


def _unlike(stretches: Sequence[Stretch]) -> str:
    """How far apart they are on some stretches, and in what B differs from A there."""
    ratio, step = _typical(stretches, "length_ratio"), _typical(stretches, "fraction_step")
    said = []
    if isfinite(ratio) and not 1 / COARSER < ratio < COARSER:
        sign = "+" if ratio > 1 else "−"
        said.append(f"{'coarser' if ratio > 1 else 'finer'} (L {sign}{abs(ratio - 1):.0%})")
    if isfinite(step) and abs(step) >= WHITER:
        more = "more" if step > 0 else "less"
        said.append(f"{more} white (by {100 * abs(step):.0f} per cent of the area)")
    if said:
        return f"they are {_units(stretches)}, and B is {' and '.join(said)}"
    if isfinite(ratio) and isfinite(step):
        return f"they are {_units(stretches)}, at like L and white fraction"
    return f"they are {_units(stretches)}"


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
