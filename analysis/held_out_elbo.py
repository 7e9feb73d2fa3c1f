"""The one figure of a model's held-out -ELBO that all pages and files give.

An evaluation measures it over the separated held-out frames, a training over all of some, those
not yet separated too, which cost less. Where both are known it is the evaluation's, everywhere.
"""

from dataclasses import dataclass

from sqlite_utils import Database

from analysis.frame_pixels import held_out_pixels
from store import evaluations, runs
from store.runs import Run


@dataclass(frozen=True)
class HeldOutElbo:
    """-ELBO of held-out frames: its mean, over frames of so many pixels."""

    nats: float  # per frame
    pixels: float  # of a frame, the mean
    separated: bool  # over separated frames alone, by an evaluation; else over all, by the training
    validation: bool = False  # of a trial's validation frames, by which its settings were chosen

    @property
    def name(self) -> str:
        return f"{'validation' if self.validation else 'held-out'} −ELBO"

    @property
    def nats_per_pixel(self) -> float:
        return self.nats / self.pixels


def of_run(db: Database, run: Run, *, shown: bool = True) -> HeldOutElbo | None:
    """The held-out -ELBO of a run's model; None before its first epoch.

    `shown`: of the model that pages show, so the evaluation's where there is one; else by the
    newest figures of the training.
    """
    if not shown or run.index is None:
        return _of_training(db, run, run.neg_elbo_nats)
    stored = evaluations.newest_whole(db, run.index.checkpoint_id)
    metrics = {} if stored is None else stored.evaluation.metrics
    if "neg_elbo_nats" not in metrics:
        return _of_training(db, run, run.index.neg_elbo_nats)
    nats = metrics["neg_elbo_nats"].value
    per_pixel = metrics.get("neg_elbo_nats_per_pixel")  # older versions did not write it
    pixels = nats / per_pixel.value if per_pixel else held_out_pixels(db, run)
    return HeldOutElbo(nats, pixels, separated=True)


def _of_training(db: Database, run: Run, nats: float | None) -> HeldOutElbo | None:
    if nats is None:
        return None
    validation = runs.has_validation(db, run.id)
    return HeldOutElbo(nats, held_out_pixels(db, run), separated=False, validation=validation)
