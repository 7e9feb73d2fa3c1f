"""What a physicist would search by: the same frames, placed by what is measured on them."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Float64

from analysis import frame_query
from analysis.frame_query import FrameQuery
from analysis.latent_space import LatentSpace
from morphcore.descriptors.measure import DESCRIPTOR_NAMES, standard_set
from morphcore.embedding import distances
from morphcore.types import Latents
from store import descriptors
from store.db import open_store

FRACTION_AND_LENGTH = ("fraction", "length")


@dataclass(frozen=True)
class DescriptorSpace:
    """A space whose axes are standardised descriptors, and how a frame comes to its place."""

    space: (
        LatentSpace  # `latents` are places of the frames that are measured; there is no posterior
    )
    columns: tuple[int, ...]
    centre: Float64[np.ndarray, " axes"]
    spread: Float64[np.ndarray, " axes"]


def load_descriptor_space(
    store: Path, space: LatentSpace, names: tuple[str, ...]
) -> DescriptorSpace:
    """A run's frames by some of `DESCRIPTOR_NAMES`, each with deviation 1 over separated frames."""
    columns = tuple(DESCRIPTOR_NAMES.index(name) for name in names)
    with open_store(store) as db:
        known = descriptors.of_dataset(db, space.run.dataset_id)
    values = standard_set(known)[:, columns]
    row_of = {
        frame_id: row
        for row, frame_id in enumerate(known.frame_ids.tolist())
        if np.isfinite(values[row]).all()
    }
    kept = np.array([each in row_of for each in space.latents.frame_ids.tolist()], dtype=np.bool_)
    rows = [row_of[each] for each in space.latents.frame_ids[kept].tolist()]
    values, unseparated = values[rows], space.unseparated[kept]
    judged = values[~unseparated] if not unseparated.all() else values
    centre, spread = judged.mean(axis=0), np.maximum(judged.std(axis=0), 1e-9)
    places = ((values - centre) / spread).astype(np.float32)
    latents = Latents(space.latents.frame_ids[kept], places, np.zeros_like(places))
    separated = Latents(*(each[~unseparated] for each in vars(latents).values()))
    return DescriptorSpace(
        space=replace(
            space,
            latents=latents,
            trajectory_ids=space.trajectory_ids[kept],
            index=space.index[kept],
            time=space.time[kept],
            unseparated=unseparated,
            random_pair_distances=distances.random_pair_distances(separated),
            scale=None,
        ),
        columns=columns,
        centre=centre,
        spread=spread,
    )


def embed(store: Path, by: DescriptorSpace, asked: FrameQuery) -> Float32[np.ndarray, " axes"]:
    """Where a frame is in a measured space."""
    values = standard_set(frame_query.describe(store, asked))[0, list(by.columns)]
    out: np.ndarray = ((values - by.centre) / by.spread).astype(np.float32)
    return out
