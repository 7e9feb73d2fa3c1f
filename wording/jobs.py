"""States and stages of background jobs in words."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

STOPS = {
    "simulate": "Simulate",
    "train": "Train",
    "index": "Index",
    "map": "Map",
    "measure": "Measure",
}
STATE_WORDS: Mapping[str, str] = {
    "queued": "waiting",
    "running": "running",
    "done": "done",
    "failed": "failed",
    "stopped": "stopped",
    "paused": "paused",
    "interrupted": "interrupted",
}


class Stop(NamedTuple):
    """One stop of the walk in a checklist."""

    name: str
    state: Literal["done", "now", "to come"]


def stops(stage: str) -> list[Stop]:
    """The walk as a checklist, read from a stage such as "train: epoch 3 of 200"."""
    order = list(STOPS)
    words = [part.split()[0].lower() for part in stage.split(":") if part.split()]
    now = max((order.index(word) for word in words if word in order), default=0)
    return [
        Stop(STOPS[name], "done" if index < now else "now" if index == now else "to come")
        for index, name in enumerate(order)
    ]
