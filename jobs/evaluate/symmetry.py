"""How far a frame lands from itself when it is turned upside down, or its phases are exchanged.

A film's surfaces are not alike, nor are its phases: an embedding shall see both, most of all where
a wall draws one phase. Beside it stands how far two realisations of one process are apart.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float64, Int64

from jobs.context import Context
from jobs.evaluate.setup import EvaluationTask
from morphcore import frames as framing
from morphcore.embedding import encoding
from morphcore.evaluation import invariance
from morphcore.evaluation.protocol import Embedding
from morphcore.frames import PackedFrames, SizedFrames
from morphcore.models.base import Model
from morphcore.statistics import bootstrap, split_half
from morphcore.statistics.bootstrap import Figure

Change = Callable[[np.ndarray], np.ndarray]
CHANGES: dict[str, Change] = {
    "flip_ratio": lambda bits: bits[:, ::-1],
    "swap_ratio": np.logical_not,
}


def ratios(
    context: Context, task: EvaluationTask, model: Model, embedding: Embedding
) -> dict[str, Figure]:
    """Distances of changed frames from themselves, and of twins; random pairs are at 1.

    Of the zoo's wetting cells they are there apart.
    """
    protocol = task.protocol
    rows, seed = protocol.mirrored_from, protocol.seed
    typical = invariance.typical_distance(embedding.frames, seed=seed)
    if not typical > 0:
        return {}
    own = np.asarray(embedding.frames[rows])
    owners, wetting = protocol.frames.trajectory_ids[rows], task.wetting[rows]
    out: dict[str, Figure] = {}
    for order, (name, change) in enumerate(CHANGES.items()):
        part = context.part(order / len(CHANGES), (order + 1) / len(CHANGES))

        def report(share: float, part: Context = part) -> None:
            part.progress(share, "encoding frames upside down, and with their phases exchanged")

        changed = encoding.encode_frames(
            model,
            protocol.frames.frame_ids[rows],
            _changed(protocol.frames.packed[rows], change),
            progress=report,
        ).mean
        apart = np.linalg.norm(changed - own, axis=1) / typical
        out |= _figures(name, apart, owners, wetting, seed)
    return out | _of_twins(task, embedding, typical)


def _changed(frames: SizedFrames, change: Change) -> SizedFrames:
    return SizedFrames(
        tuple(
            (
                rows,
                PackedFrames(
                    framing.pack(change(own.bits())), own.shape, own.periodic, own.periodic_y
                ),
            )
            for rows, own in frames.parts
        )
    )


def _of_twins(task: EvaluationTask, embedding: Embedding, typical: float) -> dict[str, Figure]:
    """The distance of each twin's frame from the nearest in time of its own cell."""
    protocol = task.protocol
    if protocol.twins is None or embedding.twins is None:
        return {}
    gallery = protocol.twin_gallery
    same = split_half.partners(
        protocol.twins.cells,
        protocol.twins.log_time,
        protocol.frames.cells[gallery],
        protocol.frames.log_time[gallery],
        rng=np.random.default_rng(protocol.seed),
    ).same
    theirs = np.asarray(embedding.frames[gallery[same]])
    apart = np.linalg.norm(np.asarray(embedding.twins[slice(None)]) - theirs, axis=1) / typical
    wetting = task.wetting[gallery[same]]
    return _figures("twin_ratio", apart, protocol.twins.trajectory_ids, wetting, protocol.seed)


def _figures(
    name: str,
    apart: Float64[np.ndarray, " n"],
    owners: Int64[np.ndarray, " n"],
    wetting: Bool[np.ndarray, " n"],
    seed: int,
) -> dict[str, Figure]:
    def mean(which: Bool[np.ndarray, " n"]) -> Figure:
        chosen = apart[which].astype(np.float64)
        return bootstrap.ratio(chosen, np.ones(len(chosen)), owners[which], seed=seed)

    out = {name: mean(np.ones(len(apart), dtype=np.bool_))}
    return out | ({f"{name}_wetting": mean(wetting)} if wetting.any() else {})
