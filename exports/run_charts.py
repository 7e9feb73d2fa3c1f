"""Charts of a run as the pages draw them, for files and for its report."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlite_utils import Database

from analysis import map_points
from analysis.frame_pixels import held_out_pixels
from exports.missing import NoMap, NotEvaluated
from exports.model_card import HEADLINES, evaluation_of
from exports.vega import Spec
from morphcore.errors import MorphError
from morphcore.evaluation.result import Evaluation
from morphcore.types import EpochMetrics, TrainingPoint
from store import descriptors, projections, runs, training_curve, trajectories
from store.projections import Map
from store.runs import Run
from wording.metrics import METRICS

if TYPE_CHECKING:
    from charts.training import Against

# charts.* are imported inside functions: Altair takes longer to load than most commands run.


@dataclass(frozen=True, kw_only=True)
class RunChart:
    """A chart of a run."""

    spec: Spec
    alt: str  # what it shows, for those who do not see it


def chart(db: Database, what: str, run: Run) -> RunChart:
    """Draw one of `CHARTS` of a run.

    Raises:
        NoMap, NotEvaluated: if that is what the chart is of.
        MorphError: if the run has nothing else of the kind.
    """
    return CHARTS[what](db, run)


def loss(
    epochs: Sequence[EpochMetrics],
    points: Sequence[TrainingPoint],
    *,
    against: "Against",
    pixels: float,
) -> RunChart:
    """Plot -ELBO of held-out and training frames over a training, on a log axis.

    `points` are those of the training curve, `pixels` those of a frame.
    """
    from charts import training

    drawn = training.loss(epochs, "−ELBO", points=points, against=against, log=True, pixels=pixels)
    along = "epoch" if against == "epoch" else "minutes of training"
    return RunChart(
        spec=drawn.to_dict(),
        alt=f"−ELBO in nats per frame, held-out and training, by {along}",
    )


def headline(evaluation: Evaluation) -> RunChart | None:
    """Plot the first of the headline metrics that an evaluation has, beside the baselines."""
    from charts import evaluation as evaluation_charts

    name = next((name for name in HEADLINES if name in evaluation.metrics), None)
    if name is None:
        return None
    metric = METRICS[name]
    return RunChart(
        spec=evaluation_charts.dots(evaluation, name).to_dict(),
        alt=f"{metric.label} ({metric.better} is better), with 95 % intervals",
    )


def calibration(evaluation: Evaluation) -> RunChart | None:
    """Plot the share of twins within a distance; None for an evaluation without twins."""
    from charts import evaluation as evaluation_charts

    if evaluation.noise is None:
        return None
    return RunChart(
        spec=evaluation_charts.calibration(evaluation.noise).to_dict(),
        alt="Share of true twins, and of other cells at the same time, within a distance in units"
        " of the scatter between realisations",
    )


def detection(evaluation: Evaluation) -> RunChart | None:
    """Plot the detection curves over unseen cells; None for an evaluation without them."""
    from charts import evaluation as evaluation_charts

    if "model" not in evaluation.detection:
        return None
    return RunChart(
        spec=evaluation_charts.detection(evaluation).to_dict(),
        alt="Share of frames of other cells that are taken for the same process, by the share of"
        " true twins that are not, over unseen cells",
    )


def map_by_time(
    db: Database, run: Run, stored: Map, *, height: int | None = None
) -> RunChart | None:
    """Draw a stored map, its points coloured by time; None where fewer than two frames are left.

    `height` in px: the page's own by default.
    """
    from charts.map import colour, printed
    from charts.map import spec as map_spec

    points = map_points.join(
        projections.points(db, stored.id),
        trajectories.frame_table(db, run.dataset_id),
        trajectories.trajectories(db, run.dataset_id),
        descriptors.of_dataset(db, run.dataset_id),
        runs.split(db, run.id).held_out,
    )
    if len(points) < 2:
        return None
    method = stored.config.method
    drawn = printed.spec(points, colour.by_fact("time", points), method=method)
    return RunChart(
        spec={**drawn, "height": height or drawn["height"]},
        alt=f"{map_spec.alt_text(points, method)}, coloured by time",
    )


def _training(db: Database, run: Run) -> RunChart:
    points = training_curve.of_run(db, run.id)
    return loss(_epochs(db, run), points, against="epoch", pixels=held_out_pixels(db, run))


def _training_parts(db: Database, run: Run) -> RunChart:
    import altair as alt

    from charts import training

    epochs, points, pixels = (
        _epochs(db, run),
        training_curve.of_run(db, run.id),
        held_out_pixels(db, run),
    )
    parts = [
        training.loss(epochs, "Reconstruction", points=points, log=True, height=220, pixels=pixels),
        training.loss(epochs, "KL", points=points, height=220, legend=False, pixels=pixels),
        training.learning_rate(epochs, height=220),
    ]
    return RunChart(
        spec=alt.hconcat(*(part.properties(width=190) for part in parts)).to_dict(),
        alt="Reconstruction and KL in nats per frame, and the learning rate, by epoch",
    )


def _evaluation(db: Database, run: Run) -> RunChart:
    drawn = headline(_evaluated(db, run))
    if drawn is None:
        raise MorphError(f"The evaluation of run {run.id} has none of the main metrics.")
    return drawn


def _calibration(db: Database, run: Run) -> RunChart:
    drawn = calibration(_evaluated(db, run))
    if drawn is None:
        raise MorphError(f"Run {run.id} was evaluated without twins, so distances have no unit.")
    return drawn


def _detection(db: Database, run: Run) -> RunChart:
    drawn = detection(_evaluated(db, run))
    if drawn is None:
        raise MorphError(
            f"The evaluation of run {run.id} has no detection curve: it is of an older version, or"
            " there are no twins of unseen cells."
        )
    return drawn


def _elbo_by_length(db: Database, run: Run) -> RunChart:
    from charts import evaluation as evaluation_charts

    evaluation = _evaluated(db, run)
    if not evaluation.nats_by_length:
        raise MorphError(f"The evaluation of run {run.id} has no −ELBO by domain size.")
    return RunChart(
        spec=evaluation_charts.nats_by_length(evaluation).to_dict(),
        alt="Reconstruction and KL in nats per frame, by bins of L",
    )


def _kl_by_dimension(db: Database, run: Run) -> RunChart:
    from charts import evaluation as evaluation_charts

    return RunChart(
        spec=evaluation_charts.kl_by_dimension(_evaluated(db, run).latent.kl_nats).to_dict(),
        alt="KL in nats per frame of each latent dimension, the most used first",
    )


def _map(db: Database, run: Run) -> RunChart:
    maps = [] if run.index is None else projections.of_checkpoint(db, run.index.checkpoint_id)
    drawn = map_by_time(db, run, maps[0]) if maps else None
    if drawn is None:
        raise NoMap(f"Run {run.id} has no map yet.", run.id)
    return drawn


def _epochs(db: Database, run: Run) -> list[EpochMetrics]:
    epochs = runs.epochs(db, run.id)
    if not epochs:
        raise MorphError(f"Run {run.id} has no epochs yet, so there is no curve.")
    return epochs


def _evaluated(db: Database, run: Run) -> Evaluation:
    evaluation = evaluation_of(db, run)
    if evaluation is None:
        raise NotEvaluated(run.id)
    return evaluation


CHARTS: Mapping[str, Callable[[Database, Run], RunChart]] = {
    "chart-training": _training,
    "chart-training-parts": _training_parts,
    "chart-evaluation": _evaluation,
    "chart-calibration": _calibration,
    "chart-detection": _detection,
    "chart-elbo-by-length": _elbo_by_length,
    "chart-kl-by-dimension": _kl_by_dimension,
    "chart-map": _map,
}
