"""The pace of a training: how long its steps take, by which minutes become a number of steps once.

Only this number, never a clock, decides when a training ends and how its learning rate falls: the
same number gives the same model anywhere, on a slow machine later.
"""

from collections import deque
from dataclasses import dataclass, field

UNTYPICAL_STEPS = 2  # of a process: the first ones load code and fill caches
LEAST_MEASURED_STEPS = 3
MEASURED_SHARE = 0.1  # of the minutes, after which fewer steps have to do
RECENT_STEPS = 200  # that the time left is told by: a machine may become busy, or quiet
# Checkpoints, pictures and figures that are stored while a training goes on: their share of it.
STORING_SHARE = 0.02


@dataclass
class Pace:
    """The pace of a training in this process: seconds of its recent steps, and of an epoch's end.

    `batches` are those of an epoch.
    """

    batches: int
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT_STEPS))
    epoch_end: float = 0.0  # seconds; what comes once an epoch: held-out frames, a picture
    measured: int = 0  # steps, those that are not typical among them

    def step_took(self, seconds: float) -> None:
        """Take note of a step, with what the caller did after the one before."""
        self.measured += 1
        if self.measured > UNTYPICAL_STEPS:
            self.recent.append(seconds)

    def seconds_per_step(self) -> float | None:
        """The mean time of a step, with its share of an epoch's end; None before there is one."""
        if not self.recent:
            return None
        return sum(self.recent) / len(self.recent) + self.epoch_end / self.batches

    def steps_within(self, seconds: float) -> int | None:
        """The number of steps that fit into this time; None before a step was measured."""
        each = self.seconds_per_step()
        return None if each is None else int(max(0.0, seconds) * (1 - STORING_SHARE) / each)

    def seconds_left(self, steps: int) -> float | None:
        """The time that this many steps will take; None before a step was measured."""
        each = self.seconds_per_step()
        return None if each is None else steps * each / (1 - STORING_SHARE)
