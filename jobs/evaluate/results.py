"""What an evaluation found, as plain values for the store, for JSON and for pages."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from morphcore.evaluation import retrieval
from morphcore.evaluation.protocol import FIRST, NEAR, EvaluationResult, Protocol
from morphcore.statistics.bootstrap import Figure
from morphcore.types import SplitBy


def metrics(verdict: EvaluationResult) -> dict[str, Any]:
    """Figures by name; those of real frames under "real"."""
    out: dict[str, Any] = {name: each.value for name, each in verdict.figures.items()}
    return out | {"real": dict(verdict.real)} if verdict.real else out


def intervals(verdict: EvaluationResult) -> dict[str, list[float]]:
    """[low, high] of each figure that has them: 95 %, by resampling trajectories."""
    return finite(verdict.figures)


def finite(figures: Mapping[str, Figure]) -> dict[str, list[float]]:
    """The intervals that there are."""
    return {
        name: [each.low, each.high]
        for name, each in figures.items()
        if np.isfinite([each.low, each.high]).all()
    }


def hubs(verdict: EvaluationResult) -> list[dict[str, Any]]:
    """The training frames that are among the neighbours of the most held-out ones."""
    pairs = zip(verdict.hub_frame_ids.tolist(), verdict.hub_shares.tolist(), strict=True)
    return [{"frame_id": frame_id, "share": share} for frame_id, share in pairs]


def twin_chance(asked: Protocol) -> dict[str, float]:
    """How often frames drawn at random would be hits; empty without twins."""
    if asked.twins is None:
        return {}
    gallery = asked.twin_gallery
    return {
        f"twin@{k}": retrieval.twin_chance(
            k,
            cells=asked.twins.cells,
            log_times=asked.twins.log_time,
            gallery_cells=asked.frames.cells[gallery],
            gallery_log_times=asked.frames.log_time[gallery],
        )
        for k in (FIRST, NEAR)
    }


def split(by: SplitBy, asked: Protocol) -> dict[str, Any]:
    """How frames were held out, and how many of each there are; by frame, the figures leak."""
    return {
        "by": by,
        "leaking": by == "frame",
        "training": len(asked.training),
        "held_out": len(asked.queries),
        "twins": 0 if asked.twins is None else len(asked.twins),
        "twins_unseen": int(asked.unseen.sum()),
        "twin_gallery": len(asked.twin_gallery),
        "rolled": len(asked.rolled_from),
        "mirrored": len(asked.mirrored_from),
        "real": 0 if asked.real is None else len(asked.real),
    }
