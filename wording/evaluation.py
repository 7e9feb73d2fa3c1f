"""An evaluation in words and as rows of a table."""

from collections.abc import Sequence
from typing import NamedTuple

from morphcore.descriptors.contrast import SEPARATED_FROM
from morphcore.evaluation.result import Evaluation, Learnt, NoiseCalibration
from morphcore.types import COIN_FLIP_NATS_PER_PIXEL, PIXELS
from wording.metrics import BASELINES, METRICS, MODEL, VERIFICATION
from wording.numbers import amount
from wording.verdict import best_baseline


class ElboPart(NamedTuple):
    """A part of -ELBO in a bin of L."""

    L: str  # the bin in words
    order: int  # of the bin, the finest first
    part: str
    nats: float  # per frame
    frames: int


def shown_metrics(evaluation: Evaluation) -> list[str]:
    """The metrics that an evaluation has, in the order of `METRICS`."""
    return [name for name in METRICS if name in evaluation.metrics]


def shown_verification(evaluation: Evaluation) -> list[str]:
    """Those of them that say how well one process is told from another."""
    return [name for name in VERIFICATION if name in evaluation.metrics]


def rows(
    evaluation: Evaluation, names: Sequence[str] | None = None
) -> list[dict[str, str | float | None]]:
    """The table of metrics: a row an embedding, the model first, a column a metric that it has.

    `names` are the metrics, all by default.
    """
    if names is None:
        names = shown_metrics(evaluation)
    embeddings = [(MODEL, evaluation.metrics)]
    embeddings += [
        (BASELINES.get(key, key), baseline.metrics)
        for key, baseline in evaluation.baselines.items()
    ]
    return [
        {
            "Embedding": label,
            **{
                METRICS[name].label: metrics[name].value if name in metrics else None
                for name in names
            },
        }
        for label, metrics in embeddings
    ]


def best(evaluation: Evaluation, name: str) -> tuple[str, float]:
    """The best of the baselines in a metric: its name in words, and its figure.

    NaN where there is none.
    """
    key = best_baseline(evaluation, name)
    if key is None:
        return "none", float("nan")
    return BASELINES.get(key, key), evaluation.baselines[key].metrics[name].value


def headlines(evaluation: Evaluation) -> list[tuple[str, str, str]]:
    """The headline figures, each with label, value and a sentence on its meaning and baseline."""
    metrics = evaluation.metrics
    untrained = evaluation.baselines.get("random_cnn_pca16")
    out = []
    for name, cells in (("twin@5", ""), ("twin@5_unseen", " of a cell held out of training")):
        if name in metrics:
            baseline, figure = best(evaluation, name)
            beside = (
                f"; an untrained network {untrained.metrics[name].value:.0%}"
                if untrained is not None and name in untrained.metrics
                else ""
            )
            out.append(
                (
                    METRICS[name].label,
                    f"{metrics[name].value:.0%}",
                    f"For a twin's frame{cells}, one of its own physics and time is among the five "
                    f"nearest of {evaluation.split.twin_gallery:,}"
                    f"{_interval(evaluation, name, '.0%')}. The best baseline "
                    f"({baseline}) finds {figure:.0%}{beside}.",
                )
            )
    if "false_acceptance_unseen" in metrics:
        baseline, figure = best(evaluation, "false_acceptance_unseen")
        out.append(
            (
                METRICS["false_acceptance_unseen"].label,
                f"{metrics['false_acceptance_unseen'].value:.1%}",
                "Of frames of other cells at the same time, so many are taken for the same process"
                f" where 5 % of true twins are rejected"
                f"{_interval(evaluation, 'false_acceptance_unseen', '.1%')}. The best baseline "
                f"({baseline}) has {figure:.1%}.",
            )
        )
    if "D@5" in metrics:
        baseline, figure = best(evaluation, "D@5")
        out.append(
            (
                METRICS["D@5"].label,
                f"{metrics['D@5'].value:.2f}",
                "How unlike the five nearest are in what a physicist would measure; chance has "
                f"1{_interval(evaluation, 'D@5', '.2f')}. The best baseline ({baseline}) has "
                f"{figure:.2f}.",
            )
        )
    if "roll@1" in metrics:
        out.append(
            (
                METRICS["roll@1"].label,
                f"{metrics['roll@1'].value:.1%}",
                "A frame rolled along the film is the same film: so often it finds itself.",
            )
        )
    if "neg_elbo_nats" in metrics:
        out.append(
            (
                "−ELBO, nats per frame",
                f"{metrics['neg_elbo_nats'].value:,.0f}",
                "What a held-out, separated frame costs to code"
                f"{_interval(evaluation, 'neg_elbo_nats', ',.0f')}{_per_pixel(evaluation)}.",
            )
        )
    return out


def _per_pixel(evaluation: Evaluation) -> str:
    if "neg_elbo_nats_per_pixel" not in evaluation.metrics:  # of an older version, at 100 x 400
        return f"; a coin flip a pixel costs {PIXELS * COIN_FLIP_NATS_PER_PIXEL:,.0f}"
    nats = evaluation.metrics["neg_elbo_nats_per_pixel"].value
    return f"; {nats:.4f} nats a pixel, where a coin flip costs {COIN_FLIP_NATS_PER_PIXEL:.3f}"


def learnt_words(learnt: Learnt) -> str:
    """What the embedding's scatter was learnt from.

    >>> learnt_words(Learnt(source="replicates", realisations=184, cells=46))
    'learnt from replicates: 184 trajectories of 46 cells'
    >>> learnt_words(Learnt(source="halves"))
    'estimated from halves of frames'
    """
    if learnt.source == "halves":
        return "estimated from halves of frames"
    trajectories = amount(learnt.realisations, "trajectory", "trajectories")
    return f"learnt from replicates: {trajectories} of {amount(learnt.cells, 'cell')}"


def split_words(evaluation: Evaluation) -> str:
    """The split of frames, and the number of frames that figures rest on."""
    split = evaluation.split
    words = f"Split by {split.by}: {split.training:,} training frames, "
    words += f"{split.held_out:,} held-out ones as queries"
    if split.twins:
        words += f", {split.twins:,} frames of twins ({split.twins_unseen:,} of cells never seen)"
    words += ". Frames count as separated "
    if evaluation.separated == "contrast":
        words += f"from a contrast of {SEPARATED_FROM} on."
    else:
        words += "as soon as they have two colours, as they once did."
    if evaluation.learnt is not None:
        words += f" What is chance was {learnt_words(evaluation.learnt)}."
    return words


def elbo_parts(evaluation: Evaluation) -> list[ElboPart]:
    """−ELBO by bins of L: a row each for reconstruction and KL."""
    parts = []
    for order, length in enumerate(evaluation.nats_by_length):
        words = f"{length.low:g} and more"
        if length.high is not None:
            words = f"{length.low:g} to {length.high:g}"
        for part, nats in (("Reconstruction", length.recon_nats), ("KL", length.kl_nats)):
            parts.append(ElboPart(words, order, part, nats, length.frames))
    return parts


def unit_words(noise: NoiseCalibration) -> str:
    """The unit of distances, and the distances of true twins in it."""
    words = (
        "Compare gives distances in **units of the scatter**: how far apart the model puts the left"
        " and the right half of a frame, which are two realisations of one process, scaled to whole"
        " frames and without what their area fractions explain. True twins are"
        f" {noise.median_twin:.2g} units apart (median), 95 % within"
        f" **{noise.same_within:.2g}**: up to there, two frames *could be the same process*."
    )
    if noise.others_within is not None:
        words += (
            f" Of frames of another cell at the same time, {noise.others_within:.0%} are that"
            " near, too: so near is no proof, but far is."
        )
    return words


def _interval(evaluation: Evaluation, name: str, form: str) -> str:
    interval = evaluation.metrics[name].interval
    if interval is None:
        return ""
    return f" (95 %: {interval.low:{form}} to {interval.high:{form}})"
