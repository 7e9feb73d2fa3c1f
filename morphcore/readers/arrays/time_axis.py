"""A doubt about the time axis of an array, by how its values change along each of its axes."""

from collections.abc import Iterator
from itertools import islice, pairwise

import numpy as np

from morphcore.readers.look import Question

_SAMPLE, _CORNER = 12, 512  # frames that the guess of the time axis looks at, and pixels of each
# Gradients of two axes of one material are alike; that of time is another. Both factors leave
# room for layered films; a doubt leads to a question and to nothing else.
_ALIKE, _APART = 1.25, 2.0


def space_before_time(shape: tuple[int, ...], first: Iterator[np.ndarray]) -> list[Question]:
    """Ask for the axes where values change along the first one as along another, but not a third.

    So they do if the first one is of space: two axes of space look alike, and time does not.
    """
    sample = [each[:_CORNER, :_CORNER] for each in islice(first, _SAMPLE)]
    along_first = float(
        np.mean([np.abs(_numbers(b) - _numbers(a)).mean() for a, b in pairwise(sample)])
    )
    along_second, along_third = (
        float(np.mean([np.abs(np.diff(_numbers(each), axis=axis)).mean() for each in sample]))
        for axis in (0, 1)
    )
    for twin, other, guess in (
        (along_second, along_third, "yxt"),
        (along_third, along_second, "ytx"),
    ):
        if (
            _ratio(along_first, twin) < _ALIKE
            and min(_ratio(along_first, other), _ratio(twin, other)) > _APART
        ):
            return [
                Question(
                    "axes",
                    f"Its array has the shape {list(shape)}, and by its values the first axis"
                    f" looks like one of space: {guess} if it is, tyx if the first axis is time.",
                )
            ]
    return []


def _numbers(values: np.ndarray) -> np.ndarray:
    return np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)


def _ratio(a: float, b: float) -> float:
    low, high = sorted((a, b))
    return high / low if low > 0 else np.inf
