"""Splits of frames into those that a model learns from and those that are held out.

Settings are chosen by validation frames, which are a part of the training ones.
"""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from jaxtyping import Int64

from morphcore.frames import FrameError
from morphcore.types import Split, SplitBy


def split(
    frame_ids: Int64[np.ndarray, " frames"],
    trajectory_ids: Int64[np.ndarray, " frames"],
    *,
    by: SplitBy,
    held_out_share: float,
    rng: np.random.Generator,
    held_out_trajectories: Collection[int] | None = None,
) -> Split:
    """Split frames into training and held-out ones, each kept in order.

    By "frame" a frame's neighbours in time land on both sides, so that held-out figures flatter;
    by "trajectory" whole trajectories are kept apart, those of `held_out_trajectories` where given,
    else a random share. At least one frame (or trajectory) falls on each side.

    Raises:
        FrameError: if there are fewer than two frames (or trajectories) to divide.
    """
    if by == "frame":
        if len(frame_ids) < 2:
            raise FrameError("a split by frame needs at least two frames")
        held = np.zeros(len(frame_ids), dtype=np.bool_)
        held[rng.permutation(len(frame_ids))[: _share(len(frame_ids), held_out_share)]] = True
    else:
        trajectories = np.unique(trajectory_ids)
        if len(trajectories) < 2:
            raise FrameError("a split by trajectory needs at least two trajectories")
        if held_out_trajectories is None:
            chosen = rng.permutation(trajectories)[: _share(len(trajectories), held_out_share)]
        else:
            chosen = np.asarray(sorted(held_out_trajectories), dtype=np.int64)
        held = np.isin(trajectory_ids, chosen)
    return Split(by=by, training=frame_ids[~held], held_out=frame_ids[held])


def with_validation(
    division: Split,
    frame_ids: Int64[np.ndarray, " frames"],
    trajectory_ids: Int64[np.ndarray, " frames"],
    *,
    share: float,
    rng: np.random.Generator,
) -> Split:
    """Take validation frames out of the training ones, by the same means as the held-out ones.

    `trajectory_ids` are those of `frame_ids`, which hold all training frames. The held-out frames
    stay as they are, and are neither learnt from nor looked at.

    Raises:
        FrameError: if there are fewer than two training frames (or trajectories) to divide.
    """
    own = np.isin(frame_ids, division.training)
    if division.by == "trajectory" and len(np.unique(trajectory_ids[own])) < 2:
        raise FrameError(
            "Validation by trajectory needs at least two training trajectories; split by frame"
            " instead."
        )
    inner = split(
        frame_ids[own], trajectory_ids[own], by=division.by, held_out_share=share, rng=rng
    )
    return replace(division, training=inner.training, validation=inner.held_out)


def _share(total: int, share: float) -> int:
    return min(total - 1, max(1, round(total * share)))
