"""Times of a trajectory's frames: what files or names say, else counted."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from morphcore.readers.look import Question
from morphcore.readers.options import ImportOptions
from morphcore.types import TimeUnit


@dataclass(frozen=True)
class FrameTimes:
    """Times in their order, and the row of each among the frames as they are read."""

    times: Float64[np.ndarray, " time"]
    unit: TimeUnit
    order: Int64[np.ndarray, " time"] | None = None  # None: as they are read
    done: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()


def frame_times(
    count: int,
    given: Float64[np.ndarray, " time"] | None,
    unit: TimeUnit | None,
    options: ImportOptions,
) -> FrameTimes:
    """Choose the times of `count` frames; `given` are those that files or their names say."""
    counted = np.arange(count, dtype=np.float64)
    if given is None:
        step = options.time_step
        chosen = options.time_unit or ("frame" if step is None else "step")
        return FrameTimes(counted * (step or 1.0), chosen)
    times = np.asarray(given, dtype=np.float64)
    chosen = options.time_unit or unit or "step"
    if not np.isfinite(times).all():
        said = ("Some of its times are not numbers, so that frames are counted.",)
        return FrameTimes(counted, options.time_unit or "frame", done=said)
    gaps = np.diff(times)
    if (gaps > 0).all():
        return FrameTimes(times, chosen)
    order = np.argsort(times, kind="stable")
    if (np.diff(times[order]) > 0).all():
        said = ("Its frames are put in the order of their times.",)
        return FrameTimes(times[order], chosen, order, said)
    message = (
        "Several of its frames have the same time. Say by a regular expression with the groups"
        " `trajectory` and `time` how names make trajectories."
    )
    return FrameTimes(counted, "frame", questions=(Question("names", message),))
