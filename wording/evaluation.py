"""An evaluation in words and as rows of a table."""

from collections.abc import Sequence
from typing import NamedTuple

from morphcore.descriptors.contrast import SEPARATED_FROM
from morphcore.evaluation.result import Evaluation, Learnt, NoiseCalibration
from morphcore.types import COIN_FLIP_NATS_PER_PIXEL, PIXELS
from wording.metrics import BASELINES, METRICS, MODEL, VERIFICATION
from wording.numbers import amount, formatted, percent
from wording.verdict import best_baseline


class ElboPart(NamedTuple):
    """A part of -ELBO in a bin of L."""

    L: str  # the bin in words
    order: int  # of the bin, the finest first
    part: str
    nats: float  # per frame
    frames: int


class Headline(NamedTuple):
    """A main figure: its label, its value, what stands beside it, and what it means."""

    label: str
    value: str
    beside: str  # its interval and baselines; empty where it has none
    meaning: str


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


def headlines(evaluation: Evaluation) -> list[Headline]:
    """The headline figures of an evaluation, those that it has."""
    metrics = evaluation.metrics
    untrained = evaluation.baselines.get("random_cnn_pca16")
    out = []
    for name, cells in (("twin@5", ""), ("twin@5_unseen", " of cells held out of training")):
        if name in metrics:
            beside = [*_interval(evaluation, name, ".0%"), _best(evaluation, name, ".0%")]
            if untrained is not None and name in untrained.metrics:
                beside.append(f"untrained network {percent(untrained.metrics[name].value)}")
            meaning = (
                f"Twin frames{cells} with their own process and time among the five nearest of"
                f" {evaluation.split.twin_gallery:,}."
            )
            out.append(_headline(name, percent(metrics[name].value), beside, meaning))
    if (name := "false_acceptance_unseen") in metrics:
        beside = [*_interval(evaluation, name, ".1%"), _best(evaluation, name, ".1%")]
        meaning = (
            "Frames of other cells at the same time taken for the same process, at 5 % of true"
            " twins rejected."
        )
        out.append(_headline(name, percent(metrics[name].value, 1), beside, meaning))
    if (name := "D@5") in metrics:
        beside = [*_interval(evaluation, name, ".2f"), _best(evaluation, name, ".2f"), "chance 1"]
        meaning = "How far the five nearest are in what a physicist would measure."
        out.append(_headline(name, f"{metrics[name].value:.2f}", beside, meaning))
    if (name := "roll@1") in metrics:
        meaning = "A frame rolled along the film is the same film: so often it finds itself first."
        out.append(_headline(name, percent(metrics[name].value, 1), [], meaning))
    if (name := "neg_elbo_nats") in metrics:
        beside = [*_interval(evaluation, name, ",.0f"), _coin_flip(evaluation)]
        meaning = "What a held-out, separated frame costs to code."
        value = f"{metrics[name].value:,.0f}"
        out.append(Headline("−ELBO, nats per frame", value, " · ".join(beside), meaning))
    return out


def _headline(name: str, value: str, beside: Sequence[str], meaning: str) -> Headline:
    return Headline(METRICS[name].label, value, " · ".join(beside), meaning)


def _best(evaluation: Evaluation, name: str, form: str) -> str:
    baseline, figure = best(evaluation, name)
    return f"best baseline {formatted(figure, form)} ({baseline})"


def _coin_flip(evaluation: Evaluation) -> str:
    if "neg_elbo_nats_per_pixel" not in evaluation.metrics:  # of an older version, at 100 x 400
        return f"a coin flip a pixel {PIXELS * COIN_FLIP_NATS_PER_PIXEL:,.0f}"
    nats = evaluation.metrics["neg_elbo_nats_per_pixel"].value
    return f"{nats:.4f} nats a pixel, a coin flip {COIN_FLIP_NATS_PER_PIXEL:.3f}"


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
            f" Of frames of another cell at the same time, {percent(noise.others_within)} are that"
            " near, too: so near is no proof, but far is."
        )
    return words


def _interval(evaluation: Evaluation, name: str, form: str) -> list[str]:
    """The 95 % interval of a figure, where it has one."""
    interval = evaluation.metrics[name].interval
    if interval is None:
        return []
    return [f"95 %: {formatted(interval.low, form)} to {formatted(interval.high, form)}"]
