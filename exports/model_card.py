"""A model card: data, settings and main figures of a run."""

from collections.abc import Callable

from sqlite_utils import Database

from analysis import held_out_elbo
from morphcore.evaluation.result import Evaluation
from morphcore.statistics.bootstrap import Interval
from store import datasets, evaluations, runs
from store.runs import Run
from wording.coin_flip import warning
from wording.escapes import plain
from wording.evaluation import learnt_words
from wording.metrics import METRICS
from wording.numbers import amount, sentence
from wording.schemes import NAMES
from wording.verdict import verdict

HEADLINES = (
    *("twin@5", "twin@5_unseen", "twin@1", "family@1", "D@5", "roll@1"),
    *("false_acceptance_unseen", "eer_unseen", "cllr_unseen", "min_cllr_unseen"),
)


def card(db: Database, run: Run) -> str:
    """Write the model card as Markdown: data, settings and main figures."""
    rows = facts(db, run, evaluation_of(db, run), escape=plain)
    lines = [f"# {plain(run.name)}", "", *(f"- **{name}**: {value}" for name, value in rows), ""]
    return "\n".join(lines)


def facts(
    db: Database,
    run: Run,
    evaluation: Evaluation | None,
    escape: Callable[[str], str] = str,
) -> list[tuple[str, str]]:
    """List data, split, seed, settings and main figures of a run's indexed model, in words.

    `escape` is what names go through where the words are not shown as they are.
    """
    dataset = datasets.by_id(db, run.dataset_id)
    division, config = runs.split(db, run.id), run.config
    index = run.index
    elbo = held_out_elbo.of_run(db, run)
    rows = [
        (
            "Data",
            f"{escape(run.dataset)}, {dataset.kind}: {dataset.trajectories:,} trajectories, "
            f"{dataset.frames:,} frames",
        ),
        (
            "Split",
            f"by {config.split}, seed {config.seed}: {len(division.training):,} frames to learn "
            f"from, {len(division.held_out):,} held out"
            + (f", {len(division.validation):,} to validate" if len(division.validation) else "")
            + (" (leaks: neighbours in time are on both sides)" if config.split == "frame" else ""),
        ),
        ("Model", f"preset {run.preset}, {config.latent} latent numbers"),
        (
            "Training",
            f"epochs: {0 if index is None else index.epoch:,}{_steps(run)}, "
            f"batches of {config.batch}, learning rate {config.lr:g} ({config.schedule}), "
            f"on {escape(run.device or 'an unknown device')}",
        ),
    ]
    if dataset.scheme is not None:
        rows.insert(1, ("Scheme of the simulation", NAMES[dataset.scheme]))
    if elbo is not None:
        frame = "separated frame" if elbo.separated else "frame"
        words = f"{elbo.nats:,.0f} nats per {frame}, {elbo.nats_per_pixel:.4f} nats per pixel"
        rows.append((sentence(elbo.name), words))
        if warned := warning(escape(run.name), elbo.nats, elbo.pixels):
            rows.append(("Warning", warned))
    rows.append(("Verdict", verdict(evaluation).words))
    if evaluation is not None and evaluation.learnt is not None:
        rows.append(("Embedding", sentence(learnt_words(evaluation.learnt))))
    for name in HEADLINES:
        if evaluation is not None and name in evaluation.metrics:
            figure = evaluation.metrics[name]
            words = f"{figure.value:.3f}{_interval(figure.interval)}"
            rows.append((METRICS[name].label, words))
    return rows


def _steps(run: Run) -> str:
    """The number of steps that ends the training, where one does, and what it was made of."""
    config = run.config
    if config.steps is None:
        return ""
    made_of = "" if config.minutes is None else f", made of {config.minutes:g} minutes"
    return f" ({amount(config.steps, 'step')} in all{made_of})"


def evaluation_of(db: Database, run: Run) -> Evaluation | None:
    """The newest whole evaluation of a run's indexed model; None where there is none."""
    stored = None if run.index is None else evaluations.newest_whole(db, run.index.checkpoint_id)
    return None if stored is None else stored.evaluation


def _interval(interval: Interval | None) -> str:
    return f" (95 %: {interval.low:.3f} to {interval.high:.3f})" if interval else ""
