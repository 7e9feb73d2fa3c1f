"""Where decoded pictures land when they are encoded again, against those of stored frames."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from jaxtyping import Float32

from analysis.latent_space import LatentSpace
from morphcore.frames import evenly
from store import trajectories
from store.db import open_store
from store.runs import Run

if TYPE_CHECKING:
    from morphcore.embedding.re_encoding import ReEncodingErrors
    from morphcore.models.base import Model

FRAMES = 64  # stored ones that tell what is near
NEAR_SHARE = 0.95  # of stored frames' pictures land nearer than one that has gone astray

# What is measured: pictures decoded from z, to an embedding or to a z, or reconstructions.
Asked = Literal["embedding", "z", "reconstruction"]


@dataclass(frozen=True)
class Landing:
    """The distance at which a picture lands from what was asked, beside those of stored frames."""

    asked: Asked
    distance: float
    of_stored: Float32[np.ndarray, " frames"]  # distances, ascending; at least one

    @property
    def usual(self) -> float:
        """The median of stored frames' pictures."""
        return float(np.median(self.of_stored))

    @property
    def limit(self) -> float:
        """The distance that 95 % of stored frames' pictures land within."""
        return float(np.quantile(self.of_stored, NEAR_SHARE))

    @property
    def astray(self) -> bool:
        """Whether it lands farther off than 95 % of stored frames' pictures do."""
        return self.distance > self.limit


def landing(
    errors: "ReEncodingErrors",
    asked: Asked,
    target: Float32[np.ndarray, " n"],
    landed: Float32[np.ndarray, " n"],
) -> Landing | None:
    """The landing of a picture; both vectors of the embedding, or of z, as `asked` says.

    None where no stored frame has separated: nothing tells then what is near.
    """
    of_stored = {
        "embedding": errors.decoded,
        "z": errors.decoded_in_z,
        "reconstruction": errors.reconstructed,
    }[asked]
    if not len(of_stored):
        return None
    return Landing(asked, float(np.linalg.norm(landed - target)), of_stored)


def edges(store: Path, run: Run) -> tuple[bool, bool]:
    """Whether what a run's model decodes is taken to be periodic in x, and in y: as its frames."""
    with open_store(store) as db:
        infos = trajectories.trajectories(db, run.dataset_id)
    return all(info.periodic for info in infos), all(info.periodic_y for info in infos)


def of_stored_frames(
    store: Path, space: LatentSpace, model: "Model", *, frames: int = FRAMES
) -> "ReEncodingErrors":
    """Measure where pictures of separated stored frames land, evenly spaced ones; seconds on a CPU.

    Raises:
        MissingZ: if the run was indexed by an older version.
    """
    from morphcore.embedding import re_encoding

    rows = np.flatnonzero(~space.frames.unseparated)
    rows = rows[evenly(len(rows), frames)]
    if not len(rows):
        none = np.empty(0, dtype=np.float32)
        return re_encoding.ReEncodingErrors(none, none, none)
    with open_store(store) as db:
        packed = trajectories.packed(db, space.frames.frame_ids[rows])
    periodic, periodic_y = edges(store, space.run)
    return re_encoding.measure(
        model,
        packed,
        space.latents.mean[rows],
        space.z.subset(rows),
        seed=0,
        periodic=periodic,
        periodic_y=periodic_y,
    )
