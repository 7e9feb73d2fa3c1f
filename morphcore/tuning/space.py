"""The settings that a tuning looks for, and the values that each of them may have.

The −ELBO of both presets is one bound without weights, so there is none to look for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from morphcore.config import TrainConfig

Value = float | int
LEAST_BATCH = 4  # frames
CHANNELS = (0.5, 0.75, 1.0, 1.5)  # in times of the preset's
LATENTS = (4, 64)
RATES = 5.0  # times as high or low as usual
BATCHES = (0.5, 1.0, 2.0)  # times as large as usual


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A setting of `TrainConfig`: its usual value, and what else it may be.

    Either any value from `low` to `high`, drawn on a log scale, or one of `options`.
    """

    name: str
    usual: Value
    low: Value | None = None
    high: Value | None = None
    whole: bool = False  # whole numbers alone
    options: tuple[Value, ...] = ()

    @property
    def ends(self) -> tuple[Value, Value]:
        """The least and the greatest value."""
        if self.low is None or self.high is None:
            return min(self.options), max(self.options)
        return self.low, self.high


def space(usual: TrainConfig) -> tuple[Parameter, ...]:
    """The settings that a tuning of a preset looks for, around the usual ones of a data set."""
    batches = {usual.batch, *(max(LEAST_BATCH, round(usual.batch * by)) for by in BATCHES)}
    return (
        Parameter(name="lr", usual=usual.lr, low=usual.lr / RATES, high=usual.lr * RATES),
        Parameter(name="batch", usual=usual.batch, options=tuple(sorted(batches))),
        Parameter(
            name="latent",
            usual=usual.latent,
            low=min(LATENTS[0], usual.latent),
            high=max(LATENTS[1], usual.latent),
            whole=True,
        ),
        Parameter(name="channels", usual=usual.channels, options=CHANNELS),
    )


def usual_values(parameters: Sequence[Parameter]) -> dict[str, Value]:
    """The usual value of each setting, by its name."""
    return {each.name: each.usual for each in parameters}


def to_json(parameters: Sequence[Parameter]) -> list[dict[str, Any]]:
    """Parameters as plain values."""
    return [asdict(each) for each in parameters]


def of_json(values: Sequence[Mapping[str, Any]]) -> tuple[Parameter, ...]:
    """Parameters as `to_json` wrote them."""
    return tuple(Parameter(**{**each, "options": tuple(each["options"])}) for each in values)
