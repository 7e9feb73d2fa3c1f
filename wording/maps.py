"""Map points in words."""

import numpy as np

from analysis.map_points import MapPoints, row_of
from morphcore import times
from store.projections import Map
from wording.escapes import plain
from wording.numbers import amount

METHOD_WORDS = {"tsne": "t-SNE", "pca": "PCA"}


def when(points: MapPoints, row: int) -> str:
    """A frame's time in words; that of another data set may have no unit in common."""
    if not np.isfinite(points.time[row]):
        return "at a time in another unit"
    return (
        times.when(points.time[row], points.time_unit)
        if times.known(points.time_unit)
        else f"frame {points.time[row]:,.0f}"
    )


def facts(points: MapPoints, drawn: MapPoints, frame_id: int, model: str) -> str:
    """A frame's facts beyond those of its card; `drawn` are the points now shown."""
    row = row_of(points, frame_id)
    if row is None:
        return "It is not on this map; the cross shows where it would fall."
    parts = [
        f"{name} {value:.4g}"
        for name, value in (("φ", points.phi[row]), ("χ", points.chi[row]))
        if np.isfinite(value)
    ]
    if points.own[row]:
        side = "held out from" if points.held_out[row] else "used in"
        parts.append(f"{side} the training of {plain(model)}")
    else:
        name = points.attached[points.attachment[row] - 1]
        parts.append(f"of {plain(name)}, {plain(points.scales[int(points.trajectory_ids[row])])}")
        parts.append("placed by its neighbours in latent space")
    if row_of(drawn, frame_id) is None:
        parts.append("hidden on the map now")
    return " · ".join(parts)


def label(stored: Map, frames: int) -> str:
    """A stored map's name; `frames` is how many frames the data set has."""
    config = stored.config
    method = METHOD_WORDS[config.method]
    if stored.points == frames:
        which = f"all {frames:,} frames"
    elif config.every == 1:
        which = f"{stored.points:,} of {frames:,} frames"
    else:
        which = f"every {_ordinal(config.every)} frame ({amount(stored.points, 'point')})"
    extras = []
    if config.method == "tsne":
        extras += [f"perplexity {config.perplexity:.3g}"]
        extras += [f"seed {config.seed}"] if config.seed else []
    return ", ".join([method, which, *extras])


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"
