"""Statistics of all numbers of a trajectory, taken picture by picture in one pass."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Num

from morphcore import frames as framing
from morphcore.progress import Progress
from morphcore.readers.results import UnreadableFrame

_FEW = 16  # so many distinct values are listed
_SAMPLE = 400_000  # values of a trajectory that stand for all of them
_WHOLE = 1 << 16  # pixels: the quantiles of a smaller picture are taken from all of it
_KEPT_BYTES = 24 * 2**20  # of a picture that is kept to be looked at; a larger one is thinned out
_COMPARED = 64  # pixels a side that are compared with the picture before
_RARE = 0.005  # the share of a picture that its robust range leaves out at either end
PICTURES = 5  # that are kept


@dataclass(frozen=True)
class Kept:
    """Some pictures of a trajectory, evenly spaced, thinned out by `step` along both axes."""

    rows: tuple[int, ...]
    pictures: tuple[np.ndarray, ...]
    step: int


@dataclass(frozen=True)
class ValueStatistics:
    """Statistics of the numbers of a trajectory. NaN counts for nothing but `nan_share`."""

    count: int  # pictures
    shape: tuple[int, int]
    dtype: np.dtype
    low: float
    high: float
    distinct: tuple[tuple[float, float], ...] | None  # values with their shares; None: many
    sample: Float64[np.ndarray, " sample"]  # ascending
    frame_low: Float64[np.ndarray, " time"]  # of each picture, but for half a per cent of it
    frame_high: Float64[np.ndarray, " time"]
    likeness: Float64[np.ndarray, " later"]  # correlation of each but the first with the one before
    pixel_low: Num[np.ndarray, "h w"]  # of each pixel over time
    pixel_high: Num[np.ndarray, "h w"]
    nan_share: float  # of the pixels that are not in the border
    nan_border: tuple[int, int, int, int]  # left, top, right, bottom: NaN in all pictures
    kept: Kept

    @property
    def whole(self) -> bool:
        """Whether its numbers are of a whole type."""
        return self.dtype.kind in "bui"

    def quantile(self, share: float) -> float:
        """The value below which that share of all pixels lies."""
        return float(np.quantile(self.sample, share))

    def white_share(self, cut: float) -> float:
        """The share of all pixels that are at least `cut`."""
        return 1.0 - float(np.searchsorted(self.sample, cut, side="left")) / len(self.sample)

    def one_coloured(self, cut: float) -> Bool[np.ndarray, " time"]:
        """Whether a picture is (but for half a per cent of it) of one colour at this threshold."""
        return (self.frame_high < cut) | (self.frame_low >= cut)


def gather(
    pictures: Iterable[np.ndarray],
    count: int,
    dtype: np.dtype,
    progress: Progress,
    *,
    scalar: Callable[[np.ndarray], np.ndarray] | None = None,
    on_colours: Callable[[np.ndarray], None] | None = None,
) -> ValueStatistics:
    """Take the statistics of `count` pictures of one size.

    Pictures of colours, [height, width, 3], become numbers by `scalar`; `on_colours` gets each.

    Raises:
        UnreadableFrame: if a picture has infinite numbers, or nothing but NaN.
    """
    gathering = _Gathering(count)
    for index, picture in enumerate(pictures):
        progress(index / count)
        if on_colours is not None:
            on_colours(picture)
            progress(index / count)  # a chance to stop: of a large picture each step takes a while
        values = picture if scalar is None else scalar(picture)
        progress(index / count)
        gathering.add(index, values, picture)
    return gathering.result(dtype if scalar is None else np.dtype(np.uint8))


class _Gathering:
    """The statistics of the pictures so far."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.rows = framing.evenly(count, PICTURES, ends=True).tolist()
        self.kept: list[np.ndarray] = []
        self.step = 1
        self.frame_low = np.empty(count)
        self.frame_high = np.empty(count)
        self.likeness = np.zeros(max(0, count - 1))
        self.before: np.ndarray | None = None
        self.low, self.high = np.inf, -np.inf
        self.distinct: dict[float, int] | None = {}
        self.sample: list[np.ndarray] = []
        self.nan_count: np.ndarray | None = None
        self.rng = np.random.default_rng(0)

    def add(self, index: int, values: np.ndarray, picture: np.ndarray) -> None:
        if values.dtype == np.bool_:
            values = values.view(np.uint8)
        if index == 0:
            self._begin(values, picture)
        if index in self.rows:
            self.kept.append(picture[:: self.step, :: self.step].copy())
        self._compare(index, values)
        finite = values.ravel()
        if values.dtype.kind == "f":
            finite = self._without_nan(index, values)
            np.fmin(self.pixel_low, values, out=self.pixel_low)
            np.fmax(self.pixel_high, values, out=self.pixel_high)
        else:
            np.minimum(self.pixel_low, values, out=self.pixel_low)
            np.maximum(self.pixel_high, values, out=self.pixel_high)
        self.low = min(self.low, float(finite.min()))
        self.high = max(self.high, float(finite.max()))
        self._count(finite)
        if len(finite) > _WHOLE:
            finite = finite[self.rng.integers(0, len(finite), _WHOLE)]
        rare = int(_RARE * (len(finite) - 1))
        ordered = np.partition(finite, [rare, len(finite) - 1 - rare])
        self.frame_low[index] = ordered[rare]
        self.frame_high[index] = ordered[len(finite) - 1 - rare]
        take = max(64, _SAMPLE // self.count)
        if len(finite) > take:
            finite = finite[self.rng.integers(0, len(finite), take)]
        self.sample.append(np.array(finite))

    def _begin(self, values: np.ndarray, picture: np.ndarray) -> None:
        self.shape = (int(values.shape[0]), int(values.shape[1]))
        self.pixel_low, self.pixel_high = values.copy(), values.copy()
        self.step = max(1, int(np.ceil(np.sqrt(picture.nbytes / _KEPT_BYTES))))

    def _compare(self, index: int, values: np.ndarray) -> None:
        """Correlate a few thousand of its pixels with those of the picture before."""
        rows, columns = (max(1, side // _COMPARED) for side in self.shape)
        few = np.nan_to_num(values[::rows, ::columns].astype(np.float64), posinf=0, neginf=0)
        few -= few.mean()
        size = float(np.sqrt((few**2).sum()))
        few = few / size if size > 0 else few
        if self.before is not None:
            self.likeness[index - 1] = (few * self.before).sum()
        self.before = few

    def _without_nan(self, index: int, values: np.ndarray) -> np.ndarray:
        finite = np.isfinite(values)
        if finite.all():
            return values.ravel()
        location = f" (frame {index})" if self.count > 1 else ""
        if np.isinf(values).any():
            raise UnreadableFrame(f"It has infinite values{location}; accepted are finite numbers.")
        if not finite.any():
            raise UnreadableFrame(f"It has nothing but NaN{location}; accepted are numbers.")
        if self.nan_count is None:
            self.nan_count = np.zeros(self.shape, dtype=np.int32)
        self.nan_count += ~finite
        rest: np.ndarray = values[finite]
        return rest

    def _count(self, finite: np.ndarray) -> None:
        if self.distinct is None:
            return
        # Nearly all that have many values have many in any few thousand pixels.
        if len(np.unique(finite[:4096])) > _FEW:
            self.distinct = None
            return
        values, counts = np.unique(finite, return_counts=True)
        for value, count in zip(values.tolist(), counts.tolist(), strict=True):
            self.distinct[float(value)] = self.distinct.get(float(value), 0) + count
        if len(self.distinct) > _FEW:
            self.distinct = None

    def result(self, dtype: np.dtype) -> ValueStatistics:
        border = (0, 0, 0, 0)
        nan_share = 0.0
        if self.nan_count is not None:
            always = self.nan_count == self.count
            border = border_of(~always)
            inside = within(self.nan_count, border)
            nan_share = float(inside.sum()) / (inside.size * self.count)
        distinct = None
        if self.distinct is not None:
            total = sum(self.distinct.values())
            distinct = tuple((value, n / total) for value, n in sorted(self.distinct.items()))
        return ValueStatistics(
            count=self.count,
            shape=self.shape,
            dtype=dtype,
            low=self.low,
            high=self.high,
            distinct=distinct,
            sample=np.sort(np.concatenate(self.sample).astype(np.float64)),
            frame_low=self.frame_low,
            frame_high=self.frame_high,
            likeness=self.likeness,
            pixel_low=self.pixel_low,
            pixel_high=self.pixel_high,
            nan_share=nan_share,
            nan_border=border,
            kept=Kept(tuple(self.rows), tuple(self.kept), self.step),
        )


def border_of(content: Bool[np.ndarray, "h w"]) -> tuple[int, int, int, int]:
    """Count the columns and rows without content at left, top, right and bottom."""
    rows, columns = np.flatnonzero(content.any(axis=1)), np.flatnonzero(content.any(axis=0))
    if not len(rows):
        return (0, 0, 0, 0)
    height, width = content.shape
    return (
        int(columns[0]),
        int(rows[0]),
        width - 1 - int(columns[-1]),
        height - 1 - int(rows[-1]),
    )


def within(picture: np.ndarray, border: tuple[int, int, int, int]) -> np.ndarray:
    """Cut off `border`: so many pixels at left, top, right and bottom."""
    left, top, right, bottom = border
    return picture[top : picture.shape[0] - bottom, left : picture.shape[1] - right]
