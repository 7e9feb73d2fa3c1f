"""Trials of a tuning as plain values, and what is best among them. Light: the store imports it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeVar

from morphcore.tuning.space import Value

# What is looked for: least -ELBO of validation frames, or most hits among replicates.
Objective = Literal["neg-elbo", "retrieval"]
OBJECTIVES: tuple[Objective, ...] = ("neg-elbo", "retrieval")
MINIMISED: Mapping[Objective, bool] = {"neg-elbo": True, "retrieval": False}
TRIALS, MOST_TRIALS = 20, 1000  # of a tuning
TrialState = Literal["running", "complete", "pruned", "failed"]


class Point(NamedTuple):
    """−ELBO of validation frames, nats per frame, where a trial might be pruned."""

    rung: int  # 1, 2, ... of as many equal parts of the trial
    nats: float


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A trial: the settings that it tries, and what came of them."""

    number: int  # from 1 on; the first has the usual settings
    settings: Mapping[str, Value]
    state: TrialState = "running"
    value: float | None = None  # of the objective, once it is complete
    points: Sequence[Point] = field(default=())


_T = TypeVar("_T", bound=Trial)


def best(trials: Sequence[_T], objective: Objective) -> _T | None:
    """The complete trial with the best value, of equals the first; None where there is none."""
    sign = 1 if MINIMISED[objective] else -1
    known = [(sign * each.value, each.number, each) for each in trials if each.value is not None]
    return min(known, key=lambda row: row[:2])[2] if known else None


def best_so_far(trials: Sequence[Trial], objective: Objective) -> list[tuple[int, float]]:
    """The best value up to each complete trial, by its number."""
    choose = min if MINIMISED[objective] else max
    out: list[tuple[int, float]] = []
    for each in sorted(trials, key=lambda trial: trial.number):
        if each.value is not None:
            before = out[-1][1] if out else each.value
            out.append((each.number, choose(before, each.value)))
    return out
