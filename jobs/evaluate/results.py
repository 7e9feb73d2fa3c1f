"""Parts of an evaluation as values for the store, for JSON and for pages."""

from collections.abc import Mapping

from morphcore.evaluation import retrieval
from morphcore.evaluation.baselines import BaselineResult
from morphcore.evaluation.protocol import FIRST, NEAR, EvaluationResult, Protocol
from morphcore.evaluation.result import BaselineFigures, EvaluatedFrames, Hub
from morphcore.types import SplitBy


def baseline_figures(results: Mapping[str, BaselineResult]) -> dict[str, BaselineFigures]:
    """The figures of every baseline, by its name."""
    return {
        name: BaselineFigures(
            metrics=baseline.result.figures, axes=baseline.axes, real=baseline.result.real
        )
        for name, baseline in results.items()
    }


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
