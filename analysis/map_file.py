"""A map's points with the facts that a person reads of them, in one file for the browser."""

import json

import numpy as np

from analysis.map_points import MapPoints

_KINDS = {"separated": 0, "unseparated": 1, "attached": 2}  # in the order in which they are drawn


def encode(points: MapPoints) -> bytes:
    """Points as a file: the length of its head in 4 bytes, the head in JSON, columns of 4 bytes.

    Columns, from the next multiple of 4 bytes on: frame id, x, y, row of the trajectory in the
    head, time, area fraction, L, kind (0 separated, 1 not yet, 2 of another data set).
    """
    owner_ids, owners = np.unique(points.trajectory_ids, return_inverse=True)
    numbers = dict(zip(points.trajectory_ids.tolist(), points.attachment.tolist(), strict=True))
    trajectories = [
        {"id": owner, "name": points.names[owner], "data": _data(points, owner, numbers[owner])}
        for owner in owner_ids.tolist()
    ]
    head = {"count": len(points), "unit": points.time_unit, "trajectories": trajectories}
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 4)
    kinds = np.where(points.unseparated, _KINDS["unseparated"], _KINDS["separated"])
    kinds[~points.own] = _KINDS["attached"]
    columns: list[tuple[np.ndarray, str]] = [
        (points.frame_ids, "<i4"),
        (points.x, "<f4"),
        (points.y, "<f4"),
        (owners, "<i4"),
        (points.time, "<f4"),
        (points.fraction, "<f4"),
        (points.length, "<f4"),
        (kinds, "<i4"),
    ]
    body = b"".join(values.astype(kind).tobytes() for values, kind in columns)
    return len(text).to_bytes(4, "little") + text + body


def _data(points: MapPoints, owner: int, number: int) -> str:
    """The data set of a trajectory that is not the map's own, and how its frames were scaled."""
    return f"{points.attached[number - 1]}: {points.scales.get(owner, '')}" if number else ""
