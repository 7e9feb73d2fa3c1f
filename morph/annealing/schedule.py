"""The film that is annealed, and when and within what its chi can be changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from morphcore.config import ConfigError, Schedule, SimulationConfig
from morphcore.simulation import cahn_hilliard
from morphcore.types import FRAME_SHAPE, LEAST_SIDE


@dataclass(frozen=True, kw_only=True)
class Annealing:
    """Size of the film, the ends of its control intervals, and the range of chi.

    Within an interval chi is constant. The intervals end where `morph.simulate` puts its frames
    (`schedule`, `first_step`, `last_step`), in steps.

    Raises:
        ConfigError: if a setting is outside its accepted range.
    """

    shape: tuple[int, int] = FRAME_SHAPE  # px: height, between walls, and width, periodic
    intervals: int = 16
    schedule: Schedule = "geometric"
    first_step: int = 4
    last_step: int = 400
    chi_low: float = 2.2
    chi_high: float = 4.0

    def __post_init__(self) -> None:
        height, width = self.shape
        if min(height, width) < LEAST_SIDE or width % 2:
            raise ConfigError(
                f"shape is {tuple(self.shape)}; accepted are (height, width) of {LEAST_SIDE} px or"
                " more, the width even"
            )
        if self.chi_low >= self.chi_high:
            raise ConfigError("chi_low must be below chi_high")
        for chi in (self.chi_low, self.chi_high):
            self.config(0.5, chi)

    def config(self, phi: float, chi: float) -> SimulationConfig:
        """The settings of the film that is held at one chi, with a frame for each interval."""
        return SimulationConfig(
            phi=phi,
            chi=chi,
            frames=self.intervals,
            schedule=self.schedule,
            first_step=self.first_step,
            last_step=self.last_step,
        )

    @cached_property
    def ends(self) -> Sequence[int]:
        """The step at which each interval ends."""
        steps: list[int] = cahn_hilliard.frame_steps(self.config(0.5, self.chi_high)).tolist()
        return steps

    def chi_of(self, level: float) -> float:
        """The chi of a level from -1, the lowest, to 1."""
        middle, half = (self.chi_low + self.chi_high) / 2, (self.chi_high - self.chi_low) / 2
        return middle + half * float(np.clip(level, -1, 1))

    def level_of(self, chi: float) -> float:
        """The level of a chi; 0 is the middle of the range."""
        return (2 * chi - self.chi_low - self.chi_high) / (self.chi_high - self.chi_low)
