"""A trial that is watched while it trains: where it is measured, and whether it is given up."""

import math
from collections.abc import Sequence
from pathlib import Path

from jobs.train.watch import EndedEarly, Watched
from morphcore.tuning import study
from morphcore.tuning.trials import Point, Trial
from store import tunings
from store.db import open_store
from store.tunings import Tuning

# Between equal parts of a trial: often enough to give up half-way, rarely enough to cost little.
PARTS = 6
MEASURED = 64  # validation frames at each, always the same


class Pruned(EndedEarly):
    """A trial is worse than half of those before it were at the same place."""


class Diverged(EndedEarly):
    """The −ELBO of a trial is no finite number any more."""


class TrialWatch:
    """Measures a trial between equal parts of it, and raises where it is not worth going on."""

    def __init__(self, store: Path, tuning: Tuning, trial: Trial, ended: Sequence[Trial]) -> None:
        self.store, self.tuning, self.trial, self.ended = store, tuning, trial, ended
        self.points = list(trial.points)
        self.seen = -1

    def __call__(self, watched: Watched) -> None:
        """After a step: measure where a part ends.

        Raises:
            Pruned, Diverged: if the trial is to be given up.
        """
        state = watched.state
        if not math.isfinite(state.sums.recon_nats + state.sums.kl_nats):
            raise Diverged
        if state.steps == self.seen or not watched.total:
            return
        self.seen = state.steps
        rung = PARTS * state.steps // watched.total
        before = PARTS * (state.steps - 1) // watched.total
        if rung in (before, PARTS) or rung <= self.last:
            return
        nats = watched.measure(MEASURED)
        if not math.isfinite(nats):
            raise Diverged
        self.points.append(Point(rung, nats))
        with open_store(self.store) as db:
            tunings.set_points(db, self.tuning.id, self.trial.number, self.points)
        self.judge()

    @property
    def last(self) -> int:
        """The newest place where it was measured; 0 before the first."""
        return self.points[-1].rung if self.points else 0

    def judge(self) -> None:
        """Raise where the trial is to be given up by where it is now.

        Raises:
            Pruned: so.
        """
        if not self.tuning.pruning or not self.points:
            return
        now = Trial(
            number=self.trial.number, settings=self.trial.settings, points=tuple(self.points)
        )
        if study.hopeless(self.tuning.space, self.ended, now):
            raise Pruned
