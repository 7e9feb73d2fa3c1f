"""How well neighbours tell a property, as the store keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from morphcore.evaluation.metrics_json import Metrics, intervals_of, metrics_of
from morphcore.statistics.bootstrap import Figure


@dataclass(frozen=True, kw_only=True)
class PropertyFigures:
    """R2 of a property by the 10 nearest frames of other groups, in the model and in baselines."""

    name: str
    dataset: str  # its name: the model's own data set, or another that it has indexed
    group: str  # what is left out as a whole: "cell", "trajectory" or a property's name
    frames: int
    groups: int
    model: Figure
    baselines: Metrics  # by the baseline's name

    def to_json(self) -> dict[str, Any]:
        """The figures as a JSON object."""
        named = {"model": self.model, **self.baselines}
        return {
            "property": self.name,
            "dataset": self.dataset,
            "group": self.group,
            "frames": self.frames,
            "groups": self.groups,
            "r2": {name: figure.value for name, figure in named.items()},
            "intervals": intervals_of(named),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "PropertyFigures":
        """The figures from their JSON object."""
        named = metrics_of(data["r2"], data["intervals"])
        return cls(
            name=data["property"],
            dataset=data["dataset"],
            group=data["group"],
            frames=data["frames"],
            groups=data["groups"],
            model=named.pop("model"),
            baselines=named,
        )
