"""One trajectory's descriptors over time, as values and as CSV."""

import csv
import io
from dataclasses import dataclass, field
from math import isfinite

import numpy as np

from morphcore import times
from morphcore.frames import rows_of
from morphcore.types import Descriptors, TimeUnit
from store.trajectories import FrameTable

_TIME_NAMES = {"step": "simulation_step", "frame": "frame_index_as_time"}
LOG_RATIO = 50  # from this ratio of last to first step on, a log axis shows more than a linear one


@dataclass(frozen=True, kw_only=True)
class Series:
    """One trajectory, frame by frame, in time order.

    >>> series = Series(
    ...     time_unit="step", frame_ids=[7, 8], index=[0, 1], time=[4, 1000],
    ...     unseparated=[True, False], fraction=[0.5, 0.51], length=[None, 9.5],
    ... )
    >>> series.log_by_default, when(series, 1), time_label(series)
    (True, 'step 1,000', 'time (simulation steps)')
    >>> counters(series)
    ['frame 1 of 2 · step 4', 'frame 2 of 2 · step 1,000']
    >>> as_csv(series).splitlines()[-1]
    '8,1,1000,0.510000,9.5000,'
    """

    time_unit: TimeUnit
    frame_ids: list[int]
    index: list[int]
    time: list[float]  # in `time_unit`, or the index
    unseparated: list[bool]
    # Before a frame has separated, they mean nothing and are None.
    fraction: list[float | None]  # share of white pixels, 0 to 1
    length: list[float | None]  # L in px
    contrast: list[float | None] = field(default_factory=list)  # empty: of no frame
    pixel_size: float | None = None  # side of a pixel in `length_unit`; None: not known
    length_unit: str = "px"

    @property
    def axis_time(self) -> list[float]:
        """The times along an axis: frames that are only counted are counted from 1 on."""
        return [times.counted(time, self.time_unit) for time in self.time]

    @property
    def log_by_default(self) -> bool:
        """Whether the steps span more than `LOG_RATIO`, which loses the first on a linear axis."""
        steps = [step for step in self.time if step > 0]
        return times.known(self.time_unit) and bool(steps) and steps[-1] / steps[0] > LOG_RATIO


def of_trajectory(
    table: FrameTable,
    descriptors: Descriptors,
    trajectory_id: int,
    time_unit: TimeUnit,
    *,
    pixel_size: float | None = None,
    length_unit: str = "px",
) -> Series:
    """Read one trajectory from a data set's tables; a frame without descriptors has None."""
    rows = np.flatnonzero(table.trajectory_ids == trajectory_id)
    frame_ids = table.frame_ids[rows].tolist()
    measured = rows_of(descriptors.frame_ids, table.frame_ids[rows])
    meant = np.where(table.unseparated[rows], -1, measured).tolist()
    return Series(
        time_unit=time_unit,
        frame_ids=frame_ids,
        index=table.index[rows].tolist(),
        time=table.time[rows].tolist(),
        unseparated=table.unseparated[rows].tolist(),
        fraction=[None if row < 0 else finite(descriptors.fraction[row]) for row in meant],
        length=[None if row < 0 else finite(descriptors.length[row]) for row in meant],
        contrast=[
            None if row < 0 else finite(descriptors.contrast[row]) for row in measured.tolist()
        ],
        pixel_size=pixel_size,
        length_unit=length_unit,
    )


def when(series: Series, row: int) -> str:
    """A frame's time in words."""
    return times.when(series.time[row], series.time_unit)


def counters(series: Series) -> list[str]:
    """The player's line for each frame, counted from 1."""
    count = len(series.time)
    numbers = [f"frame {row + 1:,} of {count:,}" for row in range(count)]
    if not times.known(series.time_unit):
        return numbers
    return [f"{number} · {when(series, row)}" for row, number in enumerate(numbers)]


def time_label(series: Series) -> str:
    """The name of the time axis, with its unit."""
    return times.axis(series.time_unit)


def as_csv(series: Series) -> str:
    """Write the trajectory's numbers as a table.

    What is not known, infinite or without meaning before separation is left empty. L is in pixels
    and, where the size of a pixel is known, in its unit.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    time_name = _TIME_NAMES.get(series.time_unit, f"time_{series.time_unit}")
    size = series.pixel_size
    in_unit = [] if size is None else [f"L_{series.length_unit}"]
    writer.writerow(
        ["frame_id", "index", time_name, "white_fraction", "L_px", *in_unit, "contrast"]
    )
    contrasts = series.contrast or [None] * len(series.frame_ids)
    columns = (series.frame_ids, series.index, series.time, series.fraction, series.length)
    for frame_id, index, time, fraction, length, contrast in zip(*columns, contrasts, strict=True):
        scaled = [] if size is None else [None if length is None else length * size]
        writer.writerow(
            [frame_id, index, times.plain(time), _cell(fraction, 6), _cell(length, 4)]
            + [f"{value:.6g}" if value is not None else "" for value in scaled]
            + [_cell(contrast, 4)]
        )
    return out.getvalue()


def finite(value: float) -> float | None:
    """A number, or None for what is infinite or none.

    >>> finite(2.5), finite(float("inf"))
    (2.5, None)
    """
    return float(value) if isfinite(value) else None


def _cell(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"
