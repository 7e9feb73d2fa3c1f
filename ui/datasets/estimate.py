"""How long a simulation is likely to take, and how much it stores."""

import os
from typing import Literal

from store.datasets import Dataset
from ui.cached import costs as cached_costs
from ui.cached.costs import FurtherCost
from wording.numbers import duration, size

BYTES_A_FRAME = 8_000  # picture and bits in the store, about


def words(frames: int, seconds: float | None) -> str:
    """The words for so many frames in all, simulated in these seconds by this machine's cores.

    None where others simulate.
    """
    time = "" if seconds is None else f"{duration(seconds)} on {cores()} cores, "
    return f"{frames:,} frames: {time}about {size(frames * BYTES_A_FRAME)} in the store."


def cores() -> int:
    """The cores of this machine."""
    return os.cpu_count() or 1


def further(dataset: Dataset, what: Literal["twins", "replicates"]) -> FurtherCost | None:
    """The cost of a data set's twins or replicates; None where it does not say how it was made."""
    if "last_step" not in dataset.config:
        return None
    return cached_costs.further(dataset, what, cores())
