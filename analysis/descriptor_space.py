"""A data set's frames embedded by standardised descriptors: a search without a model."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Float64, Int64

from analysis.attached import in_model_pixels
from analysis.frame_embedding import FrameEmbedding
from analysis.frame_query import FrameQuery, describe
from analysis.latent_space import LatentSpace
from morphcore.descriptors.measure import DESCRIPTOR_NAMES, standard_set
from morphcore.frames import rows_of
from morphcore.types import Descriptors
from store import descriptors
from store.db import open_store

FRACTION_AND_LENGTH = ("fraction", "length")


@dataclass(frozen=True, kw_only=True)
class DescriptorSpace:
    """Frames embedded by some descriptors, each with deviation 1 over separated frames."""

    frames: FrameEmbedding  # those of which all of these descriptors are measured
    columns: tuple[int, ...]  # of the standard set
    mean: Float64[np.ndarray, " axes"]
    std: Float64[np.ndarray, " axes"]

    def embed(self, store: Path, query: FrameQuery) -> Float32[np.ndarray, " axes"]:
        """The coordinates of a frame."""
        values = standard_set(describe(store, query))[0, list(self.columns)]
        coords: np.ndarray = ((values - self.mean) / self.std).astype(np.float32)
        return coords


def load_descriptor_space(
    store: Path, space: LatentSpace, names: tuple[str, ...]
) -> DescriptorSpace:
    """Embed the frames of a run by some of `DESCRIPTOR_NAMES`, as far as these are measured.

    Frames of attached data sets are there too, their lengths in the model's pixels; the scale of
    each axis is that of the run's own frames.
    """
    frames = space.frames
    columns = tuple(DESCRIPTOR_NAMES.index(name) for name in names)
    with open_store(store) as db:
        measured = descriptors.of_dataset(db, space.run.dataset_id)
        others = [
            in_model_pixels(descriptors.of_dataset(db, each.attachment.dataset_id), each)
            for each in space.attached
        ]
    values, kept = _known(measured, columns, frames)
    separated = ~frames.unseparated[kept]
    reference = values[separated] if separated.any() else values
    mean, std = reference.mean(axis=0), np.maximum(reference.std(axis=0), 1e-9)
    embedded = []
    for own, embedding in [
        (measured, frames),
        *((other, each.frames) for other, each in zip(others, space.attached, strict=True)),
    ]:
        values, kept = _known(own, columns, embedding)
        embedded.append(embedding.with_coords(((values - mean) / std).astype(np.float32), kept))
    return DescriptorSpace(
        frames=embedded[0].joined(embedded[1:]),
        columns=columns,
        mean=mean,
        std=std,
    )


def _known(
    measured: Descriptors, columns: tuple[int, ...], frames: FrameEmbedding
) -> tuple[Float64[np.ndarray, "kept axes"], Int64[np.ndarray, " kept"]]:
    """The values of the frames that have all of these descriptors, and their rows."""
    values = standard_set(measured)[:, columns]
    whole = np.isfinite(values).all(axis=1)
    rows = rows_of(measured.frame_ids[whole], frames.frame_ids)
    kept = np.flatnonzero(rows >= 0)
    return values[whole][rows[kept]], kept
