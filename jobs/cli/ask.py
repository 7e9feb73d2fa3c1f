"""What a page and the command line ask of an indexed run: the nearest frames; how near two are.

No queued job: an answer takes milliseconds once the model is loaded, and a stored frame's needs no
model at all, since its latents are stored.
"""

from pathlib import Path
from typing import Any

from analysis import comparison, frame_query
from analysis.frame_query import FrameQuery, parse_target
from analysis.latent_space import LatentSpace, load_latent_space, table
from analysis.neighbours import neighbours
from morphcore.errors import JobError
from morphcore.types import Latents

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
    asked, where = parse_target(store, target), load_latent_space(store, run_id)
    found = neighbours(
        where,
        frame_query.embed(store, where, asked).mean[0],
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
    where = load_latent_space(store, run_id)
    one, other = parse_target(store, a), parse_target(store, b)
    places = frame_query.embed(store, where, one), frame_query.embed(store, where, other)
    found = comparison.compare(
        where,
        comparison.yardstick(store, where),
        places,
        (frame_query.describe(store, one), frame_query.describe(store, other)),
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


def _unlike_all(space: LatentSpace, asked: FrameQuery, place: Latents) -> bool:
    """Whether nothing of the run's data set, but the frame's own trajectory, is like it."""
    found = neighbours(space, place.mean[0], 1, frame_id=asked.frame_id)
    return bool(found) and comparison.is_outlier(space, found[0].distance)
