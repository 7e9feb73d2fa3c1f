"""Second map beside the first: its picker, clicks in both, and their neighbourhood overlap."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int64

from analysis.map_points import MapPoints
from morphcore.frames import rows_of
from store import projections, runs
from store.db import open_store
from store.projections import Map
from store.runs import IndexedRun
from ui import coin_flip, links
from ui.cached import maps as cached_maps
from ui.cached import rows as cached_rows
from wording.maps import label

_LINK, _KEY = "beside", "second_map"


@dataclass(frozen=True)
class SecondMap:
    """A second map, and the model it was drawn of."""

    run: IndexedRun
    stored: Map


@dataclass(frozen=True)
class Overlap:
    """Neighbourhood overlap (Jaccard, 0 to 1) of each separated frame that is on both maps."""

    frame_ids: Int64[np.ndarray, " frames"]
    share: Float32[np.ndarray, " frames"]


def choose(store: Path, run: IndexedRun, stored: Map, frames: int) -> SecondMap | None:
    """Choose another map of the same data set, of this model or another; None for none."""
    candidates = {candidate.stored.id: candidate for candidate in _candidates(store, run, stored)}
    if not candidates:
        return None

    def name(map_id: int) -> str:
        candidate = candidates[map_id]
        model = "" if candidate.run.id == run.id else f"{candidate.run.name}: "
        return model + label(candidate.stored, frames)

    chosen = links.linked_selectbox(
        "Beside it",
        list(candidates),
        link=_LINK,
        key=_KEY,
        default=None,
        format_func=name,
        session_first=True,
        placeholder="no second map",
        help="A second map of the same frames: of another model, or drawn in another way. A click"
        " in one rings the frame in both.",
    )
    if chosen is None:
        return None
    if candidates[chosen].run.id != run.id:
        coin_flip.warn(store, candidates[chosen].run)
    return candidates[chosen]


def overlap(
    store: Path, run: IndexedRun, stored: Map, second: SecondMap, points: MapPoints
) -> Overlap:
    """Neighbourhood overlap of two models' latents, or of two maps of one model."""
    spaces = []
    for model, drawn in ((run, stored), (second.run, second.stored)):
        if second.run.id == run.id:
            projection = cached_maps.map_points(store, drawn.id)
            spaces.append((projection.frame_ids, projection.coords))
        else:
            latents = cached_rows.latents_of(store, model.index.checkpoint_id, model.index.frames)
            spaces.append((latents.frame_ids, latents.mean))
    frame_ids = points.frame_ids[~points.unseparated]
    for ids in (
        cached_maps.map_points(store, second.stored.id).frame_ids,
        *(ids for ids, _ in spaces),
    ):
        frame_ids = frame_ids[np.isin(frame_ids, ids)]
    a, b = (values[rows_of(ids, frame_ids)] for ids, values in spaces)
    key = (stored.id, second.stored.id, len(frame_ids))
    return Overlap(frame_ids, cached_maps.overlap(key, a, b))


def words(run: IndexedRun, second: SecondMap, overlap: Overlap) -> str:
    """The mean neighbourhood overlap, in a sentence."""
    spaces = "on both maps" if second.run.id == run.id else "in both models' latent spaces"
    return (
        f"Of a frame's 10 nearest {spaces}, the mean Jaccard overlap is"
        f" **{float(overlap.share.mean()):.2f}** over {len(overlap.share):,} frames."
    )


def _candidates(store: Path, run: IndexedRun, stored: Map) -> list[SecondMap]:
    """The other maps of this model, then those of other models of the same data set."""
    with open_store(store) as db:
        fitting = [model for model in runs.all_indexed(db) if model.dataset_id == run.dataset_id]
        fitting.sort(key=lambda model: model.id != run.id)
        return [
            SecondMap(model, drawn)
            for model in fitting
            for drawn in projections.of_checkpoint(db, model.index.checkpoint_id)
            if drawn.id != stored.id
        ]
