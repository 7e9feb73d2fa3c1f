"""Sentences on where decoded pictures land when they are encoded again."""

from collections.abc import Sequence

import numpy as np

from analysis.interpolation import InterpolationStep
from analysis.latent_space import LatentSpace
from analysis.re_encoding import FRAMES, Landing
from wording.escapes import plain
from wording.numbers import figure

WAITS = f"{FRAMES} stored frames are being decoded, to tell what is near."


def sentence(landing: Landing) -> str:
    """How far from what was asked a picture lands, and how far pictures of stored frames do.

    >>> import numpy as np
    >>> sentence(Landing("z", 2, np.float32([1, 2, 4])))
    "Encoded again, it lands 2 away in z; pictures of stored frames' z land 2 away (median of 3)."
    """
    away = "away in z" if landing.asked == "z" else "away"
    whose = "reconstructions of stored frames"
    if landing.asked != "reconstruction":
        whose = "pictures of stored frames' z"
    text = (
        f"Encoded again, it lands {figure(landing.distance)} {away}; {whose} land"
        f" {figure(landing.usual)} away (median of {len(landing.of_stored)})."
    )
    return f"{text} It is farther off than 95 % of them." if landing.astray else text


def short(landing: Landing) -> str:
    """The same beside a picture among several: the distance, and the limit where it is beyond it.

    >>> import numpy as np
    >>> short(Landing("z", 2, np.float32([1, 1])))
    "lands 2 away in z (95 % of those of stored frames' z within 1)"
    """
    away = "away in z" if landing.asked == "z" else "away"
    limit = figure(landing.limit, 3)
    far = f" (95 % of those of stored frames' z within {limit})" if landing.astray else ""
    return f"lands {figure(landing.distance, 3)} {away}{far}"


def verdict(space: LatentSpace, steps: Sequence[InterpolationStep]) -> str:
    """Whether a way between two frames holds what was asked, and stays within the data."""
    astray = [number for number, step in enumerate(steps, start=1) if step.landing.astray]
    far = [number for number, step in enumerate(steps, start=1) if step.far]
    limit = (
        f"than 99 % of the frames of {plain(space.run.dataset)} are from the nearest of another"
        " trajectory"
    )
    text = []
    if astray:
        text.append(
            f"**The way does not hold what was asked**: {_which(astray, steps).lower()}, encoded"
            f" again, {_verb(astray, 'lands', 'land')} farther off than 95 % of the pictures of"
            " stored frames' z do."
        )
    if space.outlier_distance is None:
        text.append("With one trajectory only, whether the way leaves the data is unknown.")
    elif far:
        text.append(
            f"**The way leaves the data**: {_which(far, steps).lower()}"
            f" {_verb(far, 'is', 'are')} farther from every stored frame {limit}."
        )
    elif not astray:
        text.append(
            "**The way stays within the data**: every picture, encoded again, lands as near to"
            f" what was asked as those of stored frames' z do, and none is farther from a stored"
            f" frame {limit}."
        )
    copies = [number for number, step in enumerate(steps, start=1) if step.near_copy]
    if copies:
        text.append(
            f"**{_which(copies, steps)} {_verb(copies, 'is a near-copy', 'are near-copies')} of the"
            " one before**: nearer to it than half of what two realisations of one process are"
            " apart."
        )
    return " ".join([*text, *_coarse(space, steps)])


def _coarse(space: LatentSpace, steps: Sequence[InterpolationStep]) -> list[str]:
    """Say so where even a stored frame's z makes pictures that are not like the frame."""
    apart = space.other_trajectory_distances
    usual = [step.landing.usual for step in steps if step.landing.asked == "embedding"]
    if not usual or not len(apart) or usual[0] <= np.median(apart):
        return []
    return [
        f"Pictures of stored frames' z land {figure(usual[0])} from their frame, the nearest frame"
        f" of another trajectory is {figure(float(np.median(apart)))} from it (medians): what this"
        " model draws by z alone is coarse."
    ]


def _which(numbers: Sequence[int], steps: Sequence[InterpolationStep]) -> str:
    if len(numbers) == 1:
        return f"Picture {numbers[0]}"
    return f"{len(numbers)} of {len(steps)} pictures"


def _verb(numbers: Sequence[int], one: str, several: str) -> str:
    return one if len(numbers) == 1 else several
