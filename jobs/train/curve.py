"""The training curve of a run under way: a point every few seconds, of the steps since the last."""

from dataclasses import dataclass, field
from pathlib import Path

from morphcore.training.state import Sums, TrainingState
from morphcore.types import TrainingPoint
from store import training_curve
from store.db import open_store

# A point every 3 s, later every 1 % of the time so far: some 460 of them in three hours, and 100
# for each further e-fold.
POINT_SECONDS = 3.0
POINT_SHARE = 0.01


@dataclass
class TrainingCurve:
    """Sums of the steps since the last point; it sees the state after each step of `batches`."""

    store: Path
    run_id: int
    state: TrainingState
    batches: int  # of an epoch
    since: Sums = field(default_factory=Sums)

    def __post_init__(self) -> None:
        self._seen = self._drawn = self.state.steps
        self._sums = Sums(**vars(self.state.sums))
        self._seconds = self.state.seconds
        self._epoch = 0.0

    def on_step(self) -> None:
        """Take note of a step, if there was one since the last call; store a point when due."""
        state = self.state
        if state.steps == self._seen:
            return
        before = self._sums if state.step > 1 else Sums()  # an epoch has sums of its own
        for name, value in vars(state.sums).items():
            setattr(self.since, name, getattr(self.since, name) + value - getattr(before, name))
        self._seen, self._sums = state.steps, Sums(**vars(state.sums))
        self._epoch = state.epoch + state.step / self.batches
        if state.seconds - self._seconds >= max(POINT_SECONDS, POINT_SHARE * state.seconds):
            self.flush()

    def flush(self) -> None:
        """Store a point of the steps since the last one, if there were any."""
        since, state = self.since, self.state
        self._seconds = state.seconds
        if not since.frames or self._seen == self._drawn:
            return
        point = TrainingPoint(
            step=self._seen,
            epoch=self._epoch,
            seconds=state.seconds,
            frames_per_second=since.frames / max(since.seconds, 1e-9),
            recon_nats=since.recon_nats / since.frames,
            kl_nats=since.kl_nats / since.frames,
        )
        with open_store(self.store) as db:
            training_curve.add(db, self.run_id, point)
        self.since, self._drawn = Sums(), self._seen
