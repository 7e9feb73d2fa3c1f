"""The map that forms while a model trains: some frames of its data set, placed by its latents."""

import numpy as np
from jaxtyping import Float32, Int64

from morphcore.embedding import encoding, forming_map
from morphcore.frames import SizedFrames, evenly
from morphcore.models.base import Model
from morphcore.types import Split
from store.forming_maps import FormingMap
from store.trajectories import FrameTable

TRAINING, HELD_OUT = 90, 60  # frames: about half a second on two cores


def choose(table: FrameTable, division: Split) -> Int64[np.ndarray, " frames"]:
    """Choose separated frames, training and held-out, evenly over trajectories and time."""
    chosen = []
    for ids, most in ((division.training, TRAINING), (division.measured, HELD_OUT)):
        usable = table.frame_ids[np.isin(table.frame_ids, ids) & ~table.unseparated]
        chosen.append(usable[evenly(len(usable), most)])
    ids = np.concatenate(chosen)
    ids.sort()
    return ids


def draw(
    model: Model,
    epoch: int,
    frame_ids: Int64[np.ndarray, " frames"],
    packed: SizedFrames,
    before: Float32[np.ndarray, "frames 2"] | None,
) -> FormingMap:
    """Place the frames by what a model makes of them after an epoch."""
    means = encoding.posteriors(model, packed).mean
    return FormingMap(epoch, frame_ids, forming_map.draw(means, before))
