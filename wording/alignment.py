"""An alignment of two trajectories in words: the stretches together, and those apart.

Pure, no Streamlit. A and B are the trajectories; stretches are those of `analysis.alignment`.
"""

from collections.abc import Sequence
from math import isfinite

from analysis.alignment import Stretch, TimeAlignment
from analysis.series import Series, when
from morphcore import times
from wording.numbers import percent

COARSER = 1.10  # ratio of L from which on one of them is called coarser
WHITER = 0.02  # step of the area fraction from which on one is called whiter
SLOWER = 1.15  # ratio of times from which on one is called slower


def sentence(
    alignment: TimeAlignment, trajectories: Sequence[Series], rows: Sequence[Sequence[int]]
) -> str:
    """An alignment in one or two sentences; where distances have no unit, how to have one.

    `rows` are those of A's and of B's frames in their series, pair by pair.
    """
    if alignment.same_within is None:
        return (
            "This model was indexed by an older version, which kept no unit for distances: "
            "index it again to see where the trajectories run together."
        )
    together = [stretch for stretch in alignment.stretches if stretch.together]
    apart = [stretch for stretch in alignment.stretches if not stretch.together]

    def at(pair: int) -> str:
        moments = [when(series, own[pair]) for series, own in zip(trajectories, rows, strict=True)]
        return f"{moments[0]} of A and {moments[1]} of B"

    if not apart:
        said = f"To the model they run together all the way, {_units(together)}."
    elif not together:
        said = f"To the model they run together nowhere: {_unlike(apart)}."
    elif len(alignment.stretches) == 2 and alignment.stretches[0].together:
        said = (
            f"To the model they run together until {at(alignment.stretches[0].last)}; "
            f"from there on {_held(apart[0], rows)}{_unlike(apart)}."
        )
    elif len(alignment.stretches) == 2:
        said = (
            f"To the model they run together from {at(alignment.stretches[1].first)} on; "
            f"before, {_held(apart[0], rows)}{_unlike(apart)}."
        )
    else:
        a, own_rows, until = trajectories[0], rows[0], trajectories[0].axis_time
        parts = [
            f"{when(a, own_rows[stretch.first])} to {times.number(until[own_rows[stretch.last]])}"
            for stretch in together
        ]
        said = (
            f"To the model they run together at A's {_listed(parts)}; elsewhere {_unlike(apart)}."
        )
    return f"{said}{_tempo(together)}"


def _held(stretch: Stretch, rows: Sequence[Sequence[int]]) -> str:
    """A remark where one trajectory has a single frame against several of the other."""
    a, b = (len(set(own[stretch.first : stretch.last + 1])) for own in rows)
    if a == 1 < b:
        return f"one frame of A stands against {b:,} of B: "
    if b == 1 < a:
        return f"one frame of B stands against {a:,} of A: "
    return ""


def _units(stretches: Sequence[Stretch]) -> str:
    return f"{_typical(stretches, 'distance'):.1f} scatter units apart"


def _unlike(stretches: Sequence[Stretch]) -> str:
    """The distance on some stretches, and the differences of B from A there."""
    ratio, step = _typical(stretches, "length_ratio"), _typical(stretches, "fraction_step")
    said = []
    if isfinite(ratio) and not 1 / COARSER < ratio < COARSER:
        sign = "+" if ratio > 1 else "−"
        said.append(f"{'coarser' if ratio > 1 else 'finer'} (L {sign}{percent(abs(ratio - 1))})")
    if isfinite(step) and abs(step) >= WHITER:
        more = "more" if step > 0 else "less"
        said.append(f"{more} white (by {100 * abs(step):.0f} per cent of the area)")
    if said:
        return f"they are {_units(stretches)}, and B is {' and '.join(said)}"
    if isfinite(ratio) and isfinite(step):
        return f"they are {_units(stretches)}, at like L and area fraction"
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
    finite = [stretch for stretch in stretches if isfinite(getattr(stretch, name))]
    if not finite:
        return float("nan")
    longest = max(finite, key=lambda stretch: stretch.last - stretch.first)
    return float(getattr(longest, name))


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
