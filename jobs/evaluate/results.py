"""Parts of an evaluation as values for the store, for JSON and for pages."""

from collections.abc import Mapping

import numpy as np

from morphcore.evaluation import retrieval
from morphcore.evaluation.baselines import BaselineResult
from morphcore.evaluation.protocol import FIRST, NEAR, EvaluationResult, Protocol
from morphcore.evaluation.result import BaselineFigures, EvaluatedFrames, Hub, Learnt
from morphcore.models.base import FeatureModel, Model
from morphcore.statistics import bootstrap
from morphcore.statistics.bootstrap import Figure
from morphcore.statistics.verification import Tally, detection_curve, false_acceptance
from morphcore.statistics.verification_bootstrap import paired_ratio
from morphcore.types import SplitBy


def baseline_figures(results: Mapping[str, BaselineResult]) -> dict[str, BaselineFigures]:
    """The figures of every baseline, by its name."""
    return {
        name: BaselineFigures(
            metrics=baseline.result.figures, axes=baseline.axes, real=baseline.result.real
        )
        for name, baseline in results.items()
    }


COMPARED_BY = ("twin@1", "twin@5", "twin@1_unseen", "twin@5_unseen", "family@1")
RATIO = "false_acceptance_unseen"  # of which the quotient is given
MODEL = "model"


def differences(
    model: EvaluationResult, others: Mapping[str, EvaluationResult], seed: int
) -> dict[str, dict[str, Figure]]:
    """The model's metrics less each baseline's, or over them, on the same queries.

    A baseline that was judged on fewer queries is left out.
    """
    out: dict[str, dict[str, Figure]] = {}
    for metric in COMPARED_BY:
        ours = model.hits.get(metric)
        for name, other in others.items():
            theirs = other.hits.get(metric)
            if ours is None or theirs is None or len(ours.found) != len(theirs.found):
                continue
            out.setdefault(metric, {})[name] = bootstrap.paired_difference(
                ours.found.astype(np.float64),
                theirs.found.astype(np.float64),
                ours.trajectory_ids,
                seed=seed,
            )
    if model.pairs is not None:
        out[RATIO] = {
            name: paired_ratio(false_acceptance, model.pairs, other.pairs, seed=seed)
            for name, other in others.items()
            if other.pairs is not None
        }
    return out


def detection(judged: Mapping[str, EvaluationResult]) -> dict[str, tuple[float, ...]]:
    """The detection curves over unseen cells."""
    return {
        name: tuple(detection_curve(_whole(result.pairs)).tolist())
        for name, result in judged.items()
        if result.pairs is not None
    }


def _whole(by_cell: Tally) -> Tally:
    return Tally(by_cell.ratios, by_cell.same.sum(axis=0), by_cell.different.sum(axis=0))


def learnt(model: Model) -> Learnt | None:
    """What a model's embedding was learnt from; None where z embeds a frame."""
    if not isinstance(model, FeatureModel) or model.embedding is None:
        return None
    embedding = model.embedding
    return Learnt(
        source=embedding.learnt_from,
        realisations=embedding.realisations,
        cells=embedding.cells,
    )


def hubs(result: EvaluationResult) -> tuple[Hub, ...]:
    """The training frames that are among the neighbours of the most held-out ones."""
    pairs = zip(result.hub_frame_ids.tolist(), result.hub_shares.tolist(), strict=True)
    return tuple(Hub(frame_id=frame_id, share=share) for frame_id, share in pairs)


def twin_chance(protocol: Protocol) -> dict[str, float]:
    """The chance level of twin@k: the hit rate of random retrieval; empty without twins."""
    if protocol.twins is None:
        return {}
    gallery = protocol.twin_gallery
    return {
        f"twin@{k}": retrieval.twin_chance(
            k,
            cells=protocol.twins.cells,
            log_times=protocol.twins.log_time,
            gallery_cells=protocol.frames.cells[gallery],
            gallery_log_times=protocol.frames.log_time[gallery],
        )
        for k in (FIRST, NEAR)
    }


def evaluated_frames(split: SplitBy, protocol: Protocol) -> EvaluatedFrames:
    """The split that held frames out, and the counts of each kind of frames."""
    return EvaluatedFrames(
        by=split,
        training=len(protocol.training),
        held_out=len(protocol.queries),
        twins=0 if protocol.twins is None else len(protocol.twins),
        twins_unseen=int(protocol.unseen.sum()),
        twin_gallery=len(protocol.twin_gallery),
        rolled=len(protocol.rolled_from),
        mirrored=len(protocol.mirrored_from),
        real=0 if protocol.real is None else len(protocol.real),
    )
