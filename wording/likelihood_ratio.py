"""A likelihood ratio in sentences: how many times, how sure, and what it was learnt from."""

from collections.abc import Sequence
from math import exp, log
from typing import NamedTuple

from analysis.likelihood_ratio import Ratio
from analysis.set_comparison import SetComparison, SetFrame
from wording.numbers import amount, figure

TELLS = log(2.0)  # ratios nearer to 1 are not worth a word
CAPPED = {1: "at least", -1: "at most"}
AT_ONE_TIME = "One process at about one time, against two of this data set's at about one time."
EACH_A_FILM = (
    "All against all; each picture counts as a film of its own, so pictures of one spot make the"
    " ratio too sure."
)
ONE_FILM = "Frames of one trajectory are nearly copies and say less: together they count as one."
NOT_INDEXED = (
    "This model has no calibrated ratio: index the run again, or, if that gives none, simulate"
    " replicates of its data set first."
)


class RatioText(NamedTuple):
    """The texts on a ratio; those but `answer` may be empty."""

    answer: str
    posterior: str  # where a prior was stated
    source: str  # what it compares, and what it was learnt from

    @property
    def whole(self) -> str:
        """All of it, sentence by sentence."""
        sentences = (each for each in self if each)
        return " ".join(each if each.endswith(".") else f"{each}." for each in sentences)


def ratio_text(ratio: Ratio, prior: float | None = None) -> RatioText:
    """Describe a ratio; with a prior, what the probability of one process is then."""
    return RatioText(
        answer=answer(ratio),
        posterior="" if prior is None else posterior(ratio, prior),
        source=f"{AT_ONE_TIME} {source(ratio)}",
    )


def answer(ratio: Ratio) -> str:
    """How many times as probable the frames are by one answer as by the other, in a sentence."""
    if not tells(ratio):
        value, low, high = (_number(each) for each in (ratio.value, ratio.low, ratio.high))
        return f"The frames do not tell: the ratio is {value} ({low} to {high})"
    words = _times(ratio)
    return f"{words[:1].upper()}{words[1:]}"


def headline(ratio: Ratio) -> str:
    """The answer in a few words, as the title of a card."""
    if not tells(ratio):
        return f"Undecided: ratio {_number(ratio.value)}"
    which = "One process" if ratio.value >= 0 else "Two processes"
    bound = f"{CAPPED[1]} " if ratio.capped else ""
    return f"{which}: {bound}{_number(abs(ratio.value))} times as probable"


def tells(ratio: Ratio) -> bool:
    """Whether a ratio says anything: it is far enough from 1, and so is all of its interval."""
    return abs(ratio.value) >= TELLS and ratio.low * ratio.high > 0


def posterior(ratio: Ratio, prior: float) -> str:
    """The probability of one process where it was `prior` before.

    Raises:
        PriorError: if that is not between 0 and 1.
    """
    value, low, high = (percent(each) for each in ratio.posterior(prior))
    bound = f"{CAPPED[ratio.capped]} " if ratio.capped else ""
    between = {0: f"{low} to {high}", 1: f"{low} or more", -1: f"{high} or less"}[ratio.capped]
    told = "" if low == high else f" ({between})"
    return f"So with that prior: {bound}{value}{told} that one process made both."


def source(ratio: Ratio) -> str:
    """What a ratio was learnt from."""
    if ratio.learnt_from == "halves":
        return "Estimated from halves of frames, as the data set has no replicates."
    return f"Learnt from {amount(ratio.realisations, 'realisation')} of {_cells(ratio)}."


def no_ratio(
    *, unlike: Sequence[str] = (), unseparated: Sequence[str] = (), error: str | None = None
) -> RatioText:
    """Why there is no ratio: frames (A, B) are unlike all, or have not separated; or the model."""
    if unlike:
        names = " and ".join(unlike)
        are = "are" if len(unlike) > 1 else "is"
        words = f"{names} {are} unlike all that the model knows, so it gives no ratio."
    elif unseparated:
        names = " and ".join(unseparated)
        have = "have" if len(unseparated) > 1 else "has"
        words = f"{names} {have} not separated yet, so there is no ratio."
    else:
        words = NOT_INDEXED if error is None else f"No ratio. {error}"
    return RatioText(words, "", "")


def sets(comparison: SetComparison, prior: float | None = None) -> RatioText:
    """Describe the ratio of two sets, or why there is none."""
    if comparison.ratio is None:
        sides = (("A", comparison.a), ("B", comparison.b))
        silent = [name for name, side in sides if not any(each.evidence for each in side)]
        if silent:
            words = f"No frame of {' and none of '.join(silent)} tells the model anything."
            return RatioText(f"{words} So it gives no ratio.", "", "")
        return no_ratio()
    text = ratio_text(comparison.ratio, prior)
    caveats = [EACH_A_FILM, *([ONE_FILM] if comparison.one_film else [])]
    return text._replace(source=" ".join([text.source, *caveats]))


def of_frame(frame: SetFrame) -> str:
    """What one frame of a set says alone against all of the other set, in a few words."""
    if frame.is_outlier:
        return "unlike all that the model knows; not counted"
    if frame.query.unseparated:
        return "not separated yet; not counted"
    if frame.ratio is None:
        return "–"
    bound = f"{CAPPED[1]} " if frame.ratio.capped else ""
    which = "one process" if frame.ratio.value >= 0 else "two processes"
    return f"alone: {bound}{_number(abs(frame.ratio.value))} times for {which}"


def percent(share: float) -> str:
    """A probability in per cent; never quite 0 or 100.

    >>> percent(0.934), percent(0.0312), percent(0.99999), percent(0.00001)
    ('93 %', '3.1 %', 'more than 99.9 %', 'less than 0.1 %')
    """
    if share > 0.999:
        return "more than 99.9 %"
    if share < 0.001:
        return "less than 0.1 %"
    digits = 2 if share < 0.985 else 3
    return f"{100 * share:.{digits}g} %"


def _times(ratio: Ratio) -> str:
    """How many times, by which answer, with the interval; turned where two processes win."""
    for_one = ratio.value >= 0
    low, high = (ratio.low, ratio.high) if for_one else (-ratio.high, -ratio.low)
    times = f"{_number(abs(ratio.value))} times as probable"
    claim = (
        "if one process made both as if two of this data set's did"
        if for_one
        else "if two processes of this data set made them as if one did"
    )
    if not ratio.capped:
        return f"{times} {claim} ({_number(low)} to {_number(high)})"
    least = f" ({_number(low)} or more)" if _number(low) != _number(abs(ratio.value)) else ""
    learnt = "halves of frames" if ratio.learnt_from == "halves" else _cells(ratio)
    beyond = f"more than that the {learnt} it was learnt from cannot tell"
    return f"at least {times} {claim}{least}; {beyond}"


def _cells(ratio: Ratio) -> str:
    return amount(ratio.cells, "cell")


def _number(log_ratio: float) -> str:
    """A ratio with two significant digits."""
    return figure(float(f"{exp(log_ratio):.2g}"))
