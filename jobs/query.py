"""What a page and the command line ask of an indexed run: the nearest frames; how near two are.

No queued job: an answer takes milliseconds once the model is loaded, and a stored frame's needs no
model at all, since its latents are stored.
"""

from pathlib import Path
from typing import Any

import numpy as np

from jobs import pair
from jobs.context import JobError
from jobs.latent_space import CONSTANT, Space, neighbours, space, table
from jobs.pair import Asked
from morphcore import frames as framing
from morphcore.types import Latents
from store import trajectories
from store.db import open_store

STORED = "frame:"  # what a target begins with that is no file
VERDICTS = {True: "could be the same process", False: "another process, or another time"}


def query(
    store: Path,
    run_id: int,
    target: str,
    k: int,
    *,
    same_trajectory: bool = False,
    one_per_trajectory: bool = False,
) -> list[dict[str, Any]]:
    """The `k` stored frames of a run's data set that are nearest to a file or to `frame:ID`.

    Raises:
        JobError: if the run is not indexed, or the target is no frame or one colour everywhere.
        UnknownRun, UnknownFrame: if there is none of that number.
    """
    if k < 1:
        raise JobError(f"k is {k}; accepted is 1 or more")
    asked, where = _target(store, target), space(store, run_id)
    found = neighbours(
        where,
        pair.place(store, where, asked).mean[0],
        k,
        frame_id=asked.frame_id,
        same_trajectory=same_trajectory,
        one_per_trajectory=one_per_trajectory,
    )
    return table(where, found)


def compare(store: Path, run_id: int, a: str, b: str) -> dict[str, Any]:
    """How near two frames (files or `frame:ID`) are to a run's model, and in what they differ.

    `units` and `verdict` are None for a run that an older version indexed. The rest is as in
    `pair.Pair`; a file's domain length leaves out the seam between its last and first column.

    Raises:
        JobError: if the run is not indexed, or one is no frame or one colour everywhere.
        UnknownRun, UnknownFrame: if there is none of that number.
    """
    where = space(store, run_id)
    one, other = _target(store, a), _target(store, b)
    places = pair.place(store, where, one), pair.place(store, where, other)
    found = pair.compare(
        where,
        pair.yardstick(store, where),
        places,
        (pair.described(store, one), pair.described(store, other)),
    )
    return {
        "distance": found.distance,
        "uncertainty": found.uncertainty,
        "percentile": found.percentile,
        "step_percentile": found.step_percentile,
        "units": found.units,
        "same_within": found.same_within,
        "calibrated": found.calibrated,
        "verdict": None if found.same is None else VERDICTS[found.same],
        "unlike_all": [
            name
            for name, asked, place in zip((a, b), (one, other), places, strict=True)
            if _unlike_all(where, asked, place)
        ],
        "descriptors": {
            each.name: {"a": each.a, "b": each.b, "delta_sigma": each.sigmas}
            for each in found.differences
        },
    }


def _target(store: Path, target: str) -> Asked:
    if target.startswith(STORED):
        number = target.removeprefix(STORED)
        if not number.isdecimal():
            raise JobError(
                f"{target!r} names no frame; accepted is frame:17 or the like, or a file."
            )
        with open_store(store) as db:
            packed = trajectories.packed_bits(db, np.array([int(number)], dtype=np.int64))
            periodic = trajectories.frame_info(db, int(number)).trajectory.periodic
        asked = Asked(framing.unpack(packed[0]), int(number), periodic)
    else:
        from morphcore.readers.found import ImportPathError, UnreadableFrame
        from morphcore.readers.read import frame_file

        file = Path(target)
        try:
            asked = Asked(framing.binarise(frame_file(file, file.name)), None, periodic=False)
        except ImportPathError as err:
            raise JobError(f"{err} Accepted is a file, or a stored frame as frame:17.") from err
        except UnreadableFrame as err:
            raise JobError(f"{target} cannot be read. {err}") from err
    if framing.is_uniform(asked.bits):
        raise JobError(f"{target}: {CONSTANT[0].lower()}{CONSTANT[1:]}")
    return asked


def _unlike_all(space: Space, asked: Asked, place: Latents) -> bool:
    """Whether nothing of the run's data set, but the frame's own trajectory, is like it."""
    found = neighbours(space, place.mean[0], 1, frame_id=asked.frame_id)
    return bool(found) and pair.unlike_all(space, found[0].distance)
