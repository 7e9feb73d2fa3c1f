"""A tuning as it is now: its trials, the best of them, and which settings matter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from morphcore.tuning import study
from morphcore.tuning.trials import TrialState, best
from store import runs, tunings
from store.runs import Run
from store.tunings import StoredTrial, Tuning


@dataclass(frozen=True)
class TuningState:
    """A tuning with its trials, and the runs of these that are not deleted."""

    tuning: Tuning
    trials: Sequence[StoredTrial]
    runs: Mapping[int, Run]  # by id

    @property
    def best(self) -> StoredTrial | None:
        return best(self.trials, self.tuning.objective)

    @property
    def best_value(self) -> float | None:
        return None if self.best is None else self.best.value

    @property
    def best_run(self) -> Run | None:
        """The run of the best trial; None where it is deleted."""
        return None if self.best is None else self.run_of(self.best)

    @property
    def usual(self) -> float | None:
        """The value of the usual settings, which the first trial has; None until it is complete."""
        return next((trial.value for trial in self.trials if trial.number == 1), None)

    def run_of(self, trial: StoredTrial) -> Run | None:
        """The run of a trial; None where it is deleted."""
        return self.runs.get(trial.run_id or 0)

    def count(self, state: TrialState) -> int:
        """How many trials are in a state."""
        return sum(trial.state == state for trial in self.trials)

    def importances(self) -> dict[str, float]:
        """The share of the objective's variance that each setting explains, the largest first.

        By fANOVA over complete trials: an estimate of few trials is rough; empty of too few.
        """
        return study.importances(self.tuning.space, self.trials, self.tuning.objective)


def load(db: Database, tuning_id: int) -> TuningState:
    """The state of a tuning.

    Raises:
        UnknownTuning: if there is none of that number.
    """
    tuning = tunings.by_id(db, tuning_id)
    trials = tunings.trials(db, tuning_id)
    ids = {trial.run_id for trial in trials}
    of_trials = {run.id: run for run in runs.all_runs(db) if run.id in ids}
    return TuningState(tuning, trials, of_trials)
