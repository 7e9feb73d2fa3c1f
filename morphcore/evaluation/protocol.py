"""The evaluation protocol: the same four searches on the same frames for every embedding.

Each is a search for nearest neighbours by Euclidean distance:

- twins: a frame of a new realisation should find its own physics at its own time
- held-out frames among the training frames: parameters, time and descriptors are predicted from
  their neighbours
- moved frames among all: a frame rolled along the film, or mirrored, should find its original
- real frames, where there are some: their neighbours should be like them

Frames that are not yet separated are in none of the frame sets: they are all the same picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float64, Int64

from morphcore.evaluation import invariance, retrieval, verification_figures
from morphcore.evaluation.result import RealFrames
from morphcore.frames import SizedFrames, evenly
from morphcore.progress import Progress, ignore, part
from morphcore.statistics import bootstrap, pairs
from morphcore.statistics.bootstrap import Figure
from morphcore.statistics.nearest import Chosen, Rows, nearest
from morphcore.statistics.ratio_calibration import RatioCalibration
from morphcore.statistics.two_covariance import TwoCovariance
from morphcore.statistics.verification import Tally

UNKNOWN = pairs.UNKNOWN  # a cell or a family that is not known
KNN_K, NEAR, FIRST = 10, 5, 1  # neighbours looked at


@dataclass(frozen=True)
class FrameSet:
    """Frames with their parameters and descriptors, row by row."""

    packed: SizedFrames
    frame_ids: Int64[np.ndarray, " frames"]  # 0 where a frame is not stored
    trajectory_ids: Int64[np.ndarray, " frames"]
    cells: Int64[np.ndarray, " frames"]  # equal numbers: same physics; UNKNOWN
    families: Int64[np.ndarray, " frames"]  # the same
    phi: Float64[np.ndarray, " frames"]  # NaN where unknown
    log_time: Float64[np.ndarray, " frames"]
    fraction: Float64[np.ndarray, " frames"]
    log_length: Float64[np.ndarray, " frames"]  # ln of L in px
    descriptors: Float64[np.ndarray, "frames d"]  # `morphcore.descriptors.measure.standard_set`

    def __len__(self) -> int:
        return len(self.packed)

    @property
    def periodic(self) -> Bool[np.ndarray, " frames"]:
        """Which frames are periodic in x."""
        return self.packed.periodic

    def __getitem__(self, rows: Int64[np.ndarray, " n"] | Bool[np.ndarray, " n"]) -> "FrameSet":
        """Some of the frames, by their rows or a mask."""
        return FrameSet(**{name: values[rows] for name, values in vars(self).items()})

    @staticmethod
    def joined(sets: "Sequence[FrameSet]") -> "FrameSet":
        """Frames of several sets, one set after the other."""
        columns = {
            name: np.concatenate([vars(one)[name] for one in sets])
            for name in vars(sets[0])
            if name != "packed"
        }
        return FrameSet(packed=SizedFrames.joined([one.packed for one in sets]), **columns)


@dataclass(frozen=True)
class Protocol:
    """The queries and galleries of an evaluation. All rows are rows of `frames`."""

    frames: FrameSet  # the data set
    training: Int64[np.ndarray, " training"]  # what a model has learnt from
    queries: Int64[np.ndarray, " queries"]  # held out
    twin_gallery: Int64[np.ndarray, " gallery"]
    twins: FrameSet | None
    unseen: Bool[np.ndarray, " twins"]  # whose cell the model has learnt nothing from
    rolled: FrameSet | None
    rolled_from: Int64[np.ndarray, " rolled"]
    mirrored: FrameSet
    mirrored_from: Int64[np.ndarray, " mirrored"]
    real: FrameSet | None
    topological: tuple[int, ...]  # columns of the descriptors
    seed: int = 0
    # The left and the right halves of some training frames, for axes of
    # `morphcore.statistics.discriminants`.
    halves: tuple[FrameSet, FrameSet] | None = None
    # Frames of several realisations of the training cells, for axes by these.
    realisations: FrameSet | None = None


@dataclass(frozen=True)
class Embedding:
    """The embeddings of a protocol's frame sets, and how pairs of these are scored.

    `scoring` is fitted to realisations of training cells; None without such. `calibration` turns
    its scores into likelihood ratios.
    """

    frames: Rows
    twins: Rows | None
    rolled: Rows | None
    mirrored: Rows
    real: Rows | None
    scoring: TwoCovariance | None = None
    calibration: RatioCalibration | None = None


class Hits(NamedTuple):
    """Which queries found what they should, and the trajectory of each."""

    found: Bool[np.ndarray, " queries"]
    trajectory_ids: Int64[np.ndarray, " queries"]

    def figure(self, seed: int) -> Figure:
        """The share of hits."""
        return bootstrap.share(self.found, self.trajectory_ids, seed=seed)


@dataclass(frozen=True)
class EvaluationResult:
    """Figures by their names in the protocol; one that cannot be measured is not there."""

    figures: Mapping[str, Figure]
    real: RealFrames | None  # None without real frames
    hub_frame_ids: Int64[np.ndarray, " hubs"]
    hub_shares: Float64[np.ndarray, " hubs"]
    # What paired differences are taken of: hits of each query by the figure's name, with the
    # queries' trajectories, and the pairs of each unseen cell.
    hits: Mapping[str, Hits] = field(default_factory=dict)
    pairs: Tally | None = None


def evaluate(
    embedding: Embedding,
    protocol: Protocol,
    *,
    most: int | None = None,
    progress: Progress = ignore,
) -> EvaluationResult:
    """Evaluate an embedding by all searches; with `most`, of that many evenly chosen queries."""
    finding = [part(progress, step / 5, (step + 1) / 5) for step in range(5)]
    figures: dict[str, Figure] = {}
    hits: dict[str, Hits] = {}
    judged = verification_figures.NONE
    if protocol.twins is not None and embedding.twins is not None:
        hits = _twins(embedding, protocol, protocol.twins, embedding.twins, most, finding[0])
        figures |= {name: each.figure(protocol.seed) for name, each in hits.items()}
        judged = _verified(embedding, protocol, protocol.twins, embedding.twins)
        figures |= judged.figures
    held_out, hubs = _held_out_metrics(embedding, protocol, most, finding[1])
    figures |= held_out
    typical = invariance.typical_distance(embedding.frames, seed=protocol.seed)
    for name, frame_set, rows, originals, searching in (
        ("roll", protocol.rolled, embedding.rolled, protocol.rolled_from, finding[2]),
        ("mirror", protocol.mirrored, embedding.mirrored, protocol.mirrored_from, finding[3]),
    ):
        if frame_set is None or rows is None or not len(frame_set):
            continue
        chosen = evenly(len(frame_set), most)
        moved = invariance.moved(
            Chosen(rows, chosen),
            originals[chosen],
            embedding.frames,
            typical=typical,
            progress=searching,
        )
        trajectory_ids = frame_set.trajectory_ids[chosen]
        figures[f"{name}@1"] = bootstrap.share(moved.retrieved, trajectory_ids, seed=protocol.seed)
        ones = np.ones(len(chosen))
        figures[f"{name}_ratio"] = bootstrap.ratio(
            moved.ratio, ones, trajectory_ids, seed=protocol.seed
        )
    measured = {name: figure for name, figure in figures.items() if np.isfinite(figure.value)}
    ids = protocol.frames.frame_ids[protocol.training][hubs.rows]
    real = _real(embedding, protocol, finding[4])
    return EvaluationResult(measured, real, ids, hubs.shares, hits, judged.unseen)


def standardised(frame_set: FrameSet, reference: FrameSet) -> Float64[np.ndarray, "frames d"]:
    """Descriptors with mean 0 and deviation 1 over `reference`; a constant one is 0."""
    spread = reference.descriptors.std(axis=0)
    flat = spread <= 1e-9 * np.abs(reference.descriptors).max(axis=0)
    centred = frame_set.descriptors - reference.descriptors.mean(axis=0)
    scaled: np.ndarray = np.where(flat, 0.0, centred / np.where(flat, 1.0, spread))
    return scaled


def _twins(
    embedding: Embedding,
    protocol: Protocol,
    twins: FrameSet,
    rows: Rows,
    most: int | None,
    progress: Progress,
) -> dict[str, Hits]:
    chosen, frames = evenly(len(twins), most), protocol.frames
    gallery = protocol.twin_gallery
    among = Chosen(embedding.frames, gallery)
    neighbours = nearest(Chosen(rows, chosen), among, NEAR, progress=progress).rows
    hits = retrieval.twin_hits(
        neighbours,
        cells=twins.cells[chosen],
        log_times=twins.log_time[chosen],
        gallery_cells=frames.cells[gallery],
        gallery_log_times=frames.log_time[gallery],
    )
    trajectory_ids, unseen = twins.trajectory_ids[chosen], protocol.unseen[chosen]
    found = {}
    for k in (FIRST, NEAR):
        hit: Bool[np.ndarray, " twins"] = np.asarray(hits[:, :k].any(axis=1))
        found[f"twin@{k}"] = Hits(hit, trajectory_ids)
        if unseen.any():
            found[f"twin@{k}_unseen"] = Hits(hit[unseen], trajectory_ids[unseen])
    families = twins.families[chosen]
    if len(set(frames.families.tolist()) - {UNKNOWN}) > 1:
        same = frames.families[gallery][neighbours[:, 0]] == families
        found["family@1"] = Hits(np.asarray(same), trajectory_ids)
    return found


def _verified(
    embedding: Embedding, protocol: Protocol, twins: FrameSet, rows: Rows
) -> verification_figures.Verified:
    """Figures of verification: twins' frames against the gallery's."""
    if embedding.scoring is None:
        return verification_figures.NONE
    gallery = protocol.frames[protocol.twin_gallery]
    coords = np.asarray(embedding.frames[protocol.twin_gallery])
    return verification_figures.verify(
        verification_figures.Embedded(np.asarray(rows[slice(None)]), twins.cells, twins.log_time),
        verification_figures.Embedded(coords, gallery.cells, gallery.log_time),
        embedding.scoring,
        embedding.calibration,
        unseen=protocol.unseen,
        seed=protocol.seed,
    )


def _held_out_metrics(
    embedding: Embedding, protocol: Protocol, most: int | None, progress: Progress
) -> tuple[dict[str, Figure], retrieval.Hubs]:
    frames, training, seed = protocol.frames, protocol.training, protocol.seed
    query_rows = protocol.queries[evenly(len(protocol.queries), most)]
    trajectory_ids = frames.trajectory_ids[query_rows]
    neighbours = nearest(
        Chosen(embedding.frames, query_rows),
        Chosen(embedding.frames, training),
        KNN_K,
        progress=progress,
    )
    near = neighbours.rows[:, :NEAR]
    figures = {}
    scaled = standardised(frames, frames)
    for name, columns in (
        ("D@5", list(range(scaled.shape[1]))),
        ("topology@5", list(protocol.topological)),
    ):
        queries, gallery = scaled[query_rows][:, columns], scaled[training][:, columns]
        figures[name] = bootstrap.ratio(
            retrieval.mean_distance(near, queries, gallery),
            retrieval.mean_distance_of_all(queries, gallery),
            trajectory_ids,
            seed=seed,
        )
    quantities = {
        "r2_phi": frames.phi,
        "r2_log_t": frames.log_time,
        "r2_f": frames.fraction,
        "r2_log_L": frames.log_length,
    }
    values = np.stack(list(quantities.values()), axis=1)
    answers = retrieval.knn_regress(neighbours, values[training])
    for column, name in enumerate(quantities):
        truth = values[query_rows, column]
        figures[name] = bootstrap.r_squared(truth, answers[:, column], trajectory_ids, seed=seed)
    hubs = retrieval.hubs(near, len(training))
    largest = float(hubs.shares[0])
    figures["hub_share"] = Figure(largest)
    return figures, hubs


def _real(embedding: Embedding, protocol: Protocol, progress: Progress) -> RealFrames | None:
    """Differences of real frames from their nearest, in ln L and in the area fraction."""
    if protocol.real is None or embedding.real is None:
        return None
    neighbours = nearest(embedding.real, embedding.frames, FIRST, progress=progress).rows[:, 0]
    frames, real = protocol.frames, protocol.real
    return RealFrames(
        log_length_error=float(np.median(np.abs(frames.log_length[neighbours] - real.log_length))),
        fraction_error=float(np.median(np.abs(frames.fraction[neighbours] - real.fraction))),
        frames=len(real),
    )
