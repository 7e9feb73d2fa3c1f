"""Looks at trajectories: what would be stored of them, in figures, sentences and small pictures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import UInt8

from morphcore import frames as framing
from morphcore.readers.found import Found
from morphcore.readers.frame_times import FrameTimes
from morphcore.readers.interpretation.interpret import Interpretation
from morphcore.readers.interpretation.value_statistics import ValueStatistics
from morphcore.readers.interpretation.windows import Window
from morphcore.readers.look import Question, TrajectoryLook

_STRIP = (120, 240)  # height and width of its pictures, at most
_FULL_STRIPS = 200  # from so many trajectories on, one small picture each


def looks_at(
    found: Found,
    interpretation: Interpretation,
    values: ValueStatistics,
    times: FrameTimes,
    before: int,
) -> list[TrajectoryLook]:
    """Look at each trajectory that a stack becomes; `before` are those looked at before it."""
    kept = values.kept
    place = np.arange(values.count) if times.order is None else np.argsort(times.order)
    grays = {
        int(place[row]): interpretation.thinned(picture, kept.step)
        for row, picture in zip(kept.rows, kept.pictures, strict=True)
    }
    grays = dict(sorted(grays.items()))
    return [
        _look(found, interpretation, times, window, grays, kept.step, before + number)
        for number, window in enumerate(interpretation.windows)
    ]


def _look(
    found: Found,
    interpretation: Interpretation,
    times: FrameTimes,
    window: Window,
    grays: Mapping[int, UInt8[np.ndarray, "h w"]],
    step: int,
    number: int,
) -> TrajectoryLook:
    parts = [_thinned(window, step).of(gray) for gray in grays.values()]
    scale = interpretation.scale
    first, last = (
        float(framing.binarise(part, scale.threshold).mean()) for part in (parts[0], parts[-1])
    )
    shape = (window.height, window.width)
    strip = _strip(parts, shape, number)
    files = found.files if times.order is None else [found.files[row] for row in times.order]
    return TrajectoryLook(
        name=window_name(found.name, window),
        files=tuple(file.name for file in (files if len(found.files) > 1 else found.files)),
        frames=len(times.times),
        source_shape=(found.stack.values.shape[1], found.stack.values.shape[2]),
        shape=shape,
        times=tuple(times.times.tolist()),
        time_unit=times.unit,
        value_range=interpretation.value_range,
        threshold=scale.cut,
        gray_threshold=scale.threshold,
        white=scale.white,
        fraction=(first, last),
        pixel_size=interpretation.pixel_size,
        length_unit=interpretation.length_unit,
        periodic=interpretation.periodic,
        params=dict(found.params),
        labels=dict(found.labels),
        strip=strip,
        strip_indices=tuple(grays)[: len(strip)],
        done=(*interpretation.done, *times.done),
        warnings=(*found.warnings, *interpretation.warnings),
        questions=(*interpretation.questions, *times.questions),
    )


def window_name(name: str, window: Window) -> str:
    """Name the trajectory of a window."""
    return f"{name} {window.label}" if window.label else name


def _thinned(window: Window, step: int) -> Window:
    return replace(
        window,
        top=window.top // step,
        left=window.left // step,
        height=max(1, window.height // step),
        width=max(1, window.width // step),
    )


def _strip(
    parts: Sequence[UInt8[np.ndarray, "h w"]], shape: tuple[int, int], number: int
) -> UInt8[np.ndarray, "pictures tall wide"]:
    tall, wide = _STRIP
    if number >= _FULL_STRIPS:
        parts, tall, wide = parts[:1], tall // 2, wide // 2
    factor = min(1.0, tall / shape[0], wide / shape[1])
    size = (max(1, round(shape[0] * factor)), max(1, round(shape[1] * factor)))
    return np.stack([framing.resize(part, size) for part in parts])


def compared(looks: Sequence[TrajectoryLook]) -> list[TrajectoryLook]:
    """Say of trajectories where their sizes differ, and ask where one seems to lie on its side."""
    if len({look.shape for look in looks}) < 2:
        return list(looks)
    usual = Counter(look.shape for look in looks).most_common(1)[0][0]
    if all(look.shape != usual or number == 0 for number, look in enumerate(looks)):
        usual = looks[0].shape
    return [
        look
        if look.shape == usual
        else replace(
            look,
            warnings=(
                *look.warnings,
                f"Its frames are {look.shape[1]} x {look.shape[0]} pixels, others in this import"
                f" {usual[1]} x {usual[0]}.",
            ),
        )
        for look in looks
    ]


def questions_of(looks: Sequence[TrajectoryLook]) -> tuple[Question, ...]:
    """The questions of all trajectories, each option once."""
    asked: dict[str, list[tuple[str, Question]]] = {}
    for look in looks:
        for question in look.questions:
            asked.setdefault(question.option, []).append((look.name, question))
    return tuple(
        Question(
            option,
            f"{pairs[0][0]}: {pairs[0][1].message}"
            + (f" The same is asked of {len(pairs) - 1:,} more." if len(pairs) > 1 else ""),
        )
        for option, pairs in asked.items()
    )
