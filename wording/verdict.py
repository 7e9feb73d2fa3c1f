"""What a model is worth, in a sentence: beside the best baseline, and beside untrained features.

It is judged by how often a process that was held out of training is found again; without such
twins by twins of any cell, and without those by descriptors of neighbours. Whether a difference is
more than chance is said by its paired interval over cells; an evaluation of an older version has
none, so there the intervals of the two figures themselves stand in, and the difference is "about".
"""

from dataclasses import dataclass
from typing import Literal

from morphcore.evaluation.result import Evaluation
from morphcore.statistics.bootstrap import Figure, Interval
from morphcore.types import COIN_FLIP_NATS_PER_PIXEL, PIXELS
from wording.metrics import BASELINES, METRICS

Kind = Literal["better", "level", "worse", "coin flip", "unknown"]

UNTRAINED = "scattering"  # features that need no training, against which one earns its place
# Descriptors cannot be beaten where neighbours are judged by descriptors.
_CIRCULAR = {"D@5": ("descriptors", "hand_made")}
_TASKS = {
    "twin@5_unseen": "at finding unseen processes",
    "twin@5": "at finding processes again",
    "D@5": "at finding frames alike in descriptors",
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A verdict on a model: its kind, a sentence, and the few words of a badge."""

    kind: Kind
    sentence: str
    badge: str
    training: str = ""  # what training adds, in a sentence; empty where it was not judged

    @property
    def words(self) -> str:
        """All that is said, for help and for files."""
        return f"{self.sentence} {self.training}".strip()


@dataclass(frozen=True)
class _Gain:
    """By how much the model is better, with its interval; negative where it is worse."""

    value: float
    interval: Interval | None  # None: too few cells
    paired: bool

    @property
    def kind(self) -> Literal["better", "level", "worse"]:
        if self.interval is None or self.interval.low <= 0 <= self.interval.high:
            return "level"
        return "better" if self.interval.low > 0 else "worse"

    @property
    def size(self) -> str:
        """Its size without its sign: "0.08 (0.03 to 0.13)"; what is not paired is "about" so."""
        if not self.paired:
            return f"about {abs(self.value):.2f}"
        if self.interval is None:
            return f"{abs(self.value):.2f}"
        low, high = sorted(self.interval if self.value >= 0 else (-end for end in self.interval))
        return f"{abs(self.value):.2f} ({_signed(low)} to {_signed(high)})"

    @property
    def signed(self) -> str:
        """Its size with its sign, as a difference that may be either."""
        if not self.paired:
            return f"about {_signed(self.value)}"
        if self.interval is None:
            return _signed(self.value)
        low, high = self.interval
        return f"{_signed(self.value)} ({_signed(low)} to {_signed(high)})"


def verdict(evaluation: Evaluation | None) -> Verdict:
    """Say what a model is worth; `evaluation` is its newest, None where it has none."""
    if evaluation is None:
        sentence = "Not evaluated yet: nothing is known of what this model is worth."
        return Verdict(kind="unknown", sentence=sentence, badge="not evaluated yet")
    if not _nats_per_pixel(evaluation) < COIN_FLIP_NATS_PER_PIXEL:  # so that NaN is no better
        return Verdict(
            kind="coin flip",
            sentence="Worse than a coin flip for every pixel: train it longer.",
            badge="worse than a coin flip",
        )
    metric = judged_by(evaluation)
    best = None if metric is None else best_baseline(evaluation, metric)
    if metric is None or best is None:
        sentence = "Evaluated beside no baseline, so nothing is known of what this model is worth."
        return Verdict(kind="unknown", sentence=sentence, badge="beside no baseline")
    gain, label, task = _gain(evaluation, metric, best), BASELINES.get(best, best), _TASKS[metric]
    training = _training(evaluation, metric)
    if gain.kind == "better":
        all_others = "all baselines"
        if metric in _CIRCULAR:
            all_others += " but descriptors themselves"
        sentence = f"Better than {all_others} {task}: by {gain.size} than the best, {label}."
        return Verdict(
            kind="better", sentence=sentence, badge="better than all baselines", training=training
        )
    if gain.kind == "worse":
        return Verdict(
            kind="worse",
            sentence=f"Worse than {label} {task}, by {gain.size}.",
            badge=f"worse than {label}",
            training=training,
        )
    why = (
        f"there are too few cells to tell a difference of {gain.signed}"
        if gain.interval is None
        else f"the difference is {gain.signed}"
    )
    return Verdict(
        kind="level",
        sentence=f"No better than {label} {task}: {why}.",
        badge=f"no better than {label}",
        training=training,
    )


def judged_by(evaluation: Evaluation) -> str | None:
    """The id of the metric that a verdict rests on; None where there is none of them."""
    names = list(_TASKS)
    if not evaluation.split.twins_unseen:
        names.remove("twin@5_unseen")
    return next((name for name in names if name in evaluation.metrics), None)


def best_baseline(evaluation: Evaluation, metric: str) -> str | None:
    """The name of the best baseline in a metric: not random numbers, nor what it is made of.

    None where no baseline has the metric.
    """
    out = ("random", *_CIRCULAR.get(metric, ()))
    figures = {
        name: baseline.metrics[metric].value
        for name, baseline in evaluation.baselines.items()
        if metric in baseline.metrics and name not in out
    }
    if not figures:
        return None
    choose = max if METRICS[metric].better == "higher" else min
    return choose(figures, key=figures.__getitem__)


def _training(evaluation: Evaluation, metric: str) -> str:
    """What training adds to features that need none; empty where these were not judged."""
    baseline = evaluation.baselines.get(UNTRAINED)
    if baseline is None or metric not in baseline.metrics:
        return ""
    gain, label = _gain(evaluation, metric, UNTRAINED), BASELINES[UNTRAINED]
    if gain.kind == "better":
        return f"Training adds {gain.size} to {label}, which needs none."
    if gain.kind == "worse":
        return f"It is worse by {gain.size} than {label}, which needs no training."
    return f"Training adds nothing that can be seen to {label}, which needs none: {gain.signed}."


def _gain(evaluation: Evaluation, metric: str, baseline: str) -> _Gain:
    paired = evaluation.differences.get(metric, {}).get(baseline)
    sign = 1 if METRICS[metric].better == "higher" else -1
    if paired is not None:
        interval = paired.interval
        if interval is not None and sign < 0:
            interval = Interval(-interval.high, -interval.low)
        return _Gain(sign * paired.value, interval, paired=True)
    ours, theirs = evaluation.metrics[metric], evaluation.baselines[baseline].metrics[metric]
    value = sign * (ours.value - theirs.value)
    if ours.interval is None and theirs.interval is None:
        return _Gain(value, None, paired=False)
    mine, other = _ends(ours), _ends(theirs)
    # Above 0 where the two intervals are apart, and around it where they overlap.
    apart = Interval(mine.low - other.high, mine.high - other.low)
    if sign < 0:
        apart = Interval(-apart.high, -apart.low)
    return _Gain(value, apart, paired=False)


def _ends(figure: Figure) -> Interval:
    return figure.interval or Interval(figure.value, figure.value)


def _nats_per_pixel(evaluation: Evaluation) -> float:
    metrics = evaluation.metrics
    if "neg_elbo_nats_per_pixel" in metrics:
        return metrics["neg_elbo_nats_per_pixel"].value
    if "neg_elbo_nats" in metrics:  # of an older version, at 100 x 400
        return metrics["neg_elbo_nats"].value / PIXELS
    return 0.0  # no frame was measured: nothing speaks against it


def _signed(value: float) -> str:
    """Two digits with a true minus; what rounds to nothing has no sign."""
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text.replace("-", "−")
