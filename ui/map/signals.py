"""Values of a map's signals, as the texts that `charts.map.layers` reads."""

from collections.abc import Sequence

from analysis.map_points import MapPoints, row_of
from morphcore.embedding.out_of_sample import MapPlacement
from ui.map.selection import Coords


def encode_ids(ids: Sequence[int]) -> str:
    """Ids with a space before and after each; an empty text for none."""
    return f" {' '.join(map(str, ids))} " if ids else ""


def selected(points: MapPoints, frame_id: int | None) -> str:
    """A frame and its trajectory, by their ids; no trajectory where the map has no such frame."""
    if frame_id is None:
        return ""
    row = row_of(points, frame_id)
    return f"{frame_id} {0 if row is None else int(points.trajectory_ids[row])}"


def place(spot: Coords | None) -> str:
    """An empty place that was clicked."""
    return "" if spot is None else f"{spot[0]:.6g} {spot[1]:.6g}"


def placement(placed: MapPlacement | None) -> dict[str, str]:
    """A placement: `fall`, x, y and half-spread, and `near`, the frames it was placed by."""
    if placed is None:
        return {"fall": "", "near": ""}
    return {
        "fall": f"{placed.x:.6g} {placed.y:.6g} {placed.spread:.6g}",
        "near": encode_ids(placed.frame_ids.tolist()),
    }
