"""The nearest frames to a frame, and two frames compared, as JSON values for the command line.

No queued job: an answer takes milliseconds once the model is loaded, and a stored frame's needs no
model at all, since its latents are stored.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from analysis import comparison
from analysis.frame_embedding import SearchOptions
from analysis.frame_query import parse_target
from analysis.latent_space import load_latent_space
from analysis.search import search_latents
from morphcore.config import ConfigError
from wording.comparison import verdict


def query(
    store: Path,
    run_id: int,
    target: str,
    k: int,
    *,
    same_trajectory: bool = False,
    one_per_trajectory: bool = False,
) -> list[dict[str, Any]]:
    """Find the `k` stored frames of a run's data set nearest to a file or to `frame:ID`.

    Raises:
        ConfigError: if `k` is below 1.
        MorphError: if the target is no frame or has not separated.
        UnknownRun, UnknownFrame: if there is none of that number.
        NotIndexed: if the run has no latents yet.
    """
    if k < 1:
        raise ConfigError(f"k is {k}; accepted is 1 or more")
    options = SearchOptions(
        k=k, same_trajectory=same_trajectory, one_per_trajectory=one_per_trajectory
    )
    frame = parse_target(store, target)
    result = search_latents(store, load_latent_space(store, run_id), frame, options)
    return [asdict(match) for match in result.matches]


def compare(store: Path, run_id: int, a: str, b: str) -> dict[str, Any]:
    """Compare two frames (files or `frame:ID`) by a run's model and by their descriptors.

    `units` and `verdict` are None for a run that an older version indexed. The rest is as in
    `comparison.Comparison`; a file's domain length leaves out the seam between its last and first
    column.

    Raises:
        MorphError: if one is no frame or has not separated.
        UnknownRun, UnknownFrame: if there is none of that number.
        NotIndexed: if the run has no latents yet.
    """
    space = load_latent_space(store, run_id)
    result = comparison.compare(
        store,
        space,
        parse_target(store, a),
        parse_target(store, b),
        reference=comparison.load_reference(store, space),
    )
    return {
        "distance": result.distance,
        "uncertainty": result.uncertainty,
        "percentile": result.percentile,
        "step_percentile": result.step_percentile,
        "units": result.units,
        "same_within": result.same_within,
        "calibrated": result.calibrated,
        "verdict": verdict(result),
        "unlike_all": [name for name, frame in ((a, result.a), (b, result.b)) if frame.is_outlier],
        "descriptors": {
            difference.name: {
                "a": difference.a,
                "b": difference.b,
                "delta_sigma": difference.sigmas,
            }
            for difference in result.differences
        },
    }
