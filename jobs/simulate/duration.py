"""The duration of a simulation, estimated before it begins."""

from collections.abc import Sequence

SECONDS_A_TIME_STEP = 3.5e-4  # on one core
SECONDS_A_FRAME = 4.2e-3  # to measure and to store it, measured over the full set


def estimate_seconds(time_steps: Sequence[float], frames: int, cores: int) -> float:
    """Estimate the seconds of trajectories of these time steps, of `frames` frames each.

    Every core simulates a trajectory of its own; one process measures and stores them all, beside.
    """
    stored = SECONDS_A_FRAME * frames * len(time_steps)
    alone = SECONDS_A_TIME_STEP * sum(time_steps) + stored
    return max(stored, alone / max(1, min(cores, len(time_steps))))
