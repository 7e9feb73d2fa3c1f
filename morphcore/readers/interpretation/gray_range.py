"""Which of a trajectory's values become black and white, and where white begins.

One scale holds for all frames of a trajectory. Known scales are taken as they are meant (0 to 1,
0 to 255, -1 to 1, per cent, two values); any others by the range that the trajectory has.
"""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64, UInt8

from morphcore.readers.interpretation.value_statistics import ValueStatistics
from morphcore.readers.look import Question
from morphcore.readers.options import ImportOptions

_OVERSHOOT = 0.1  # of a solver beyond 0 to 1, or beyond -1 to 1 twice that
_LEAST_SPAN = 0.25  # of 16 bits, that values on their scale run over
_TINY = 1e-3  # values that are all smaller are in a unit of their own, such as heights in metres
_OUTLIERS = 5e-4  # hot pixels: a range that they more than widen by a quarter leaves them out
_FAR = 10  # so many times the range of all others away, and as much larger, is no value but a mark
_LABELS = 6  # so many distinct values at most are labels rather than gray
_LABEL_SHARE = 0.005  # of all pixels, for a value to be a phase
_TWO_CLASSES = 0.75  # the share of variance between Otsu's classes, of which gray has clearly two
_DISAGREEMENT = 0.1  # in the white share, between half of the range and Otsu, that is said


@dataclass(frozen=True)
class GrayScale:
    """Scale from a trajectory's own values to gray.

    `low` becomes 0 and `high` 255; values of at least `cut` get gray levels from `level` on, all
    others lower ones, so that the threshold is exact in gray too. With `swap`, gray is turned
    over in the end.
    """

    low: float
    high: float
    cut: float
    swap: bool = False

    @property
    def level(self) -> int:
        """The first gray level of values from `cut` on, before a swap: 1 to 255."""
        share = (self.cut - self.low) / (self.high - self.low)
        return int(np.clip(np.ceil(share * 255 - 1e-9), 1, 255))

    @property
    def threshold(self) -> float:
        """The threshold of the gray frames, as a share of 255 (`frames.binarise`)."""
        level = 256 - self.level if self.swap else self.level
        return (level - 0.5) / 255

    def gray(self, values: np.ndarray) -> UInt8[np.ndarray, "h w"]:
        """Convert a picture's values to gray levels; what is beyond the range is clipped."""
        if values.dtype.kind in "bu" and values.dtype.itemsize <= 2:
            top = 2 if values.dtype.kind == "b" else 1 << (8 * values.dtype.itemsize)
            table = self._of(np.arange(top))
            return np.asarray(table[values.astype(np.uint16, copy=False)])
        return self._of(values)

    def _of(self, values: np.ndarray) -> UInt8[np.ndarray, "..."]:
        share = (values.astype(np.float64) - self.low) * (255.0 / (self.high - self.low))
        gray = np.rint(np.clip(share, 0, 255)).astype(np.uint8)
        white = values >= self.cut
        level = np.uint8(self.level)
        gray = np.where(white, np.maximum(gray, level), np.minimum(gray, level - np.uint8(1)))
        return np.asarray(255 - gray if self.swap else gray, dtype=np.uint8)

    @property
    def white(self) -> str:
        """Which values are white, in words."""
        return f"values {'below' if self.swap else 'of at least'} {self.cut:g}"


@dataclass
class GrayChoice:
    """A scale that was chosen, with what has to be said of it."""

    scale: GrayScale
    done: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


def choose(
    values: ValueStatistics, options: ImportOptions, *, own_range: bool = False
) -> GrayChoice:
    """Choose the scale of a trajectory by its values, and ask where a guess would lose something.

    `values` are not all one and the same; `own_range` if they are on no known scale.
    """
    choice = GrayChoice(GrayScale(0.0, 1.0, 0.5))
    if options.value_range is not None:
        low, high = options.value_range
    else:
        low, high, said = _own(values) if own_range else _range(values)
        if said:
            black, white = (high, low) if options.swap else (low, high)
            choice.done.append(f"{said}{black:.6g} is black, {white:.6g} is white.")
    given = options.threshold
    if given == "otsu":
        cut = otsu(values.sample)[0]
        choice.done.append(f"Otsu's threshold of the whole trajectory is {cut:.4g}.")
    elif given is None or given == "half":
        cut = (low + high) / 2
    else:
        cut = float(given)
    if not low < cut <= high:  # a threshold outside of the range widens it
        low, high = min(low, cut), max(high, cut)
        if low == cut:
            low -= max(1e-9, abs(high - low) / 255)
    choice.scale = GrayScale(low, high, cut, options.swap)
    if given is None:
        _judge(values, cut, choice, ranged=options.value_range is not None)
    if not choice.questions:
        flat = int(values.one_coloured(cut).sum())
        if flat == values.count:
            choice.warnings.append(f"Every frame is of one colour at the threshold of {cut:.4g}.")
        elif flat:
            some = f"{flat} of {values.count} frames are of one colour at"
            choice.warnings.append(f"{some} the threshold of {cut:.4g}.")
    return choice


def _range(values: ValueStatistics) -> tuple[float, float, str]:
    """The values that become black and white, and the beginning of a sentence on unusual ones."""
    low, high = values.low, values.high
    if values.dtype.kind == "b":
        return 0.0, 1.0, ""
    if values.distinct is not None and len(values.distinct) == 2:
        usual = (low, high) in ((0, 1), (0, 255), (0, 65535))
        return low, high, "" if usual else "Its two values are taken as two phases: "
    if not values.whole and max(-low, high) < _TINY:
        return _own(values)
    run = f"Its values, from {low:.4g} to {high:.4g}, are"
    if low < 0:
        return _signed(low, high, run)
    if not values.whole and high <= 1 + _OVERSHOOT:
        return 0.0, 1.0, f"{run} clipped: " if high > 1 else ""
    if high <= 255 and (values.dtype == np.uint8 or high > 200):
        if not values.one_coloured(127.5).all():
            return 0.0, 255.0, ""
    elif low <= 10 and 90 <= high <= 100.5:
        return 0.0, 100.0, f"{run} taken as per cent: "
    elif (
        values.dtype == np.uint16
        and high > 32767
        and high - low > _LEAST_SPAN * 65535  # else counts of a camera that happen to lie there
        and not values.one_coloured(32767.5).all()
    ):
        return 0.0, 65535.0, ""
    return _own(values)


def _signed(low: float, high: float, run: str) -> tuple[float, float, str]:
    """The scale of values with negative ones among them."""
    if low >= -_OVERSHOOT and 0.5 < high <= 1 + _OVERSHOOT:
        return 0.0, 1.0, f"{run} clipped: "
    if max(-low, high) <= 1 + 2 * _OVERSHOOT and high > 0:
        clipped = ", and clipped" if max(-low, high) > 1 else ""
        return -1.0, 1.0, f"{run} taken as an order parameter{clipped}: "
    if high > 0 and 0.5 <= -low / high <= 2:
        most = max(-low, high)
        return -most, most, f"{run} on both sides of 0: "
    return low, high, "Its own range is taken: "


def _own(values: ValueStatistics) -> tuple[float, float, str]:
    """The range of all frames, without hot pixels."""
    low, high = values.low, values.high
    least, most = values.quantile(_OUTLIERS), values.quantile(1 - _OUTLIERS)
    if most > least and high - low > 1.25 * (most - least):
        return least, most, "Its own range is taken, but for outliers: "
    return low, high, "Its own range is taken: "


def _judge(values: ValueStatistics, cut: float, choice: GrayChoice, *, ranged: bool) -> None:
    """Ask for the threshold where half of the range would lose what the frames show."""
    if not ranged and (message := _mark_of_missing(values)):
        choice.questions.append(Question("value_range", message))
        return
    labels = [value for value, share in values.distinct or () if share >= _LABEL_SHARE]
    counted = all(value.is_integer() for value in labels)
    if counted and 3 <= len(labels) <= _LABELS and not ranged:
        shown = ", ".join(f"{value:g}" for value in labels)
        message = (
            f"It has {len(labels)} values, {shown}, which may be more than two phases; say from"
            f" which value on it is white (half of the range is {cut:g})."
        )
        choice.questions.append(Question("threshold", message))
        return
    best, contrast = otsu(values.sample)
    half_share, best_share = values.white_share(cut), values.white_share(best)
    run = f"the values run from {values.low:.4g} to {values.high:.4g}"
    if values.one_coloured(cut).all():
        message = (
            f"Every frame is of one colour at the threshold of {cut:.4g}; {run}. Choose a number"
            f" or otsu ({best:.4g}), or half to take it all the same; or a range of values."
        )
        choice.questions.append(Question("threshold", message))
    elif abs(half_share - best_share) > _DISAGREEMENT:
        shares = (
            f"{half_share:.2f} of all pixels are above, of Otsu's ({best:.4g}) {best_share:.2f}"
        )
        if contrast >= _TWO_CLASSES and not 0.05 < half_share < 0.95:
            message = f"Of the threshold of {cut:.4g}, only {shares}; {run}."
            choice.questions.append(
                Question("threshold", f"{message} Choose half, otsu or a number.")
            )
        else:
            choice.warnings.append(f"Of the threshold of {cut:.4g}, {shares}.")


def _mark_of_missing(values: ValueStatistics) -> str | None:
    """Ask for the range where one value, such as -999 or 1e20, lies far from all others."""
    for mark in (values.low, values.high):
        others = values.sample[values.sample != mark]
        share = 1 - len(others) / len(values.sample)
        if share < _OUTLIERS or len(others) < 2:
            continue
        low, high = float(others[0]), float(others[-1])
        way = min(abs(mark - low), abs(mark - high))
        if low < high and way > _FAR * (high - low) and abs(mark) > _FAR * max(abs(low), abs(high)):
            return (
                f"The value {mark:g} of {share:.2g} of all pixels is far from all others, {low:.4g}"
                f" to {high:.4g}, as a mark of missing values is: give the range of values to"
                " take; what lies beyond becomes black or white."
            )
    return None


def otsu(sample: Float64[np.ndarray, " sample"]) -> tuple[float, float]:
    """Find Otsu's threshold of ascending values, and the share of variance between its classes.

    The threshold lies in the middle of the gap that it cuts; values of at least it are white.
    """
    values, counts = np.unique(sample, return_counts=True)
    if len(values) < 2:
        return float(values[0]), 0.0
    if len(values) > 4096:
        counts, edges = np.histogram(sample, bins=1024)
        values = (edges[:-1] + edges[1:]) / 2
        values, counts = values[counts > 0], counts[counts > 0]
    below = np.cumsum(counts)[:-1] / counts.sum()
    sums = np.cumsum(values * counts)
    mean = sums[-1] / counts.sum()
    centre = sums[:-1] / counts.sum()
    between = (mean * below - centre) ** 2 / (below * (1 - below))
    total = float(((values - mean) ** 2 * counts).sum() / counts.sum())
    # Where a whole gap is as good (two clear phases), its middle and not its edge.
    top = np.flatnonzero(between >= between.max() * (1 - 1e-9))
    chosen = int(top[len(top) // 2])
    return float((values[chosen] + values[chosen + 1]) / 2), float(between[chosen] / total)
