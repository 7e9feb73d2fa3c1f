"""The result of an evaluation: the value that its job makes, the store keeps and pages read.

Which metrics there are depends on the frames (without twins there is no "twin@5"), so they are
mappings by metric id; everything else has a name. `Evaluation.to_json` is the form in which the
store keeps it. Light: the store imports this module, so no heavy library may stand on its way.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from morphcore.evaluation.metrics_json import (
    Metrics,
    figure_of,
    intervals_of,
    metrics_of,
    without,
)
from morphcore.evaluation.property_result import PropertyFigures
from morphcore.types import SplitBy

Axes = Literal["plain", "standardised", "sphered", "replicates"]
# Frames count as separated by their contrast, or, as they once did, by having two colours.
SeparatedBy = Literal["contrast", "colour"]


@dataclass(frozen=True, kw_only=True)
class RealFrames:
    """Real frames, each beside its nearest of the data set: medians over them."""

    log_length_error: float  # |delta ln L|
    fraction_error: float  # |delta area fraction|
    frames: int


@dataclass(frozen=True, kw_only=True)
class BaselineFigures:
    """The metrics of a baseline, along the axes that suit it best."""

    metrics: Metrics
    axes: Axes
    real: RealFrames | None = None


@dataclass(frozen=True, kw_only=True)
class EvaluatedFrames:
    """The split of an evaluation, and the number of frames of each kind."""

    by: SplitBy
    training: int
    held_out: int  # queries
    twins: int = 0  # queries
    twins_unseen: int = 0  # of cells that the model has learnt nothing from
    twin_gallery: int = 0  # frames that twins are searched among
    rolled: int = 0
    mirrored: int = 0
    real: int = 0

    @property
    def leaking(self) -> bool:
        """Whether neighbours in time of held-out frames were trained on."""
        return self.by == "frame"


@dataclass(frozen=True, kw_only=True)
class LengthBin:
    """-ELBO and its parts, nats per frame: means over held-out frames of similar domain size."""

    low: float  # px
    high: float | None  # px; None: open
    frames: int
    neg_elbo_nats: float
    recon_nats: float
    kl_nats: float


@dataclass(frozen=True, kw_only=True)
class LatentUsage:
    """Usage of z, a number for each dimension."""

    active: int  # dimensions that vary over frames
    kl_nats: tuple[float, ...]  # mean KL(q(z|x) || N(0, 1))
    variance: tuple[float, ...]  # of the posterior mean

    @property
    def dimensions(self) -> int:
        return len(self.kl_nats)


@dataclass(frozen=True, kw_only=True)
class NoiseCalibration:
    """Distances in noise units, calibrated on twins; `others` are of other cells at their time."""

    units: tuple[float, ...]  # where the shares are taken
    twins: tuple[float, ...]  # share of true twins within each of `units`
    median_twin: float  # units
    same_within: float  # units that 95 % of true twins are within
    others: tuple[float, ...] | None = None  # share of others within each; None without others
    others_within: float | None = None  # share of others within `same_within`


@dataclass(frozen=True, kw_only=True)
class MapTrust:
    """The trustworthiness of a stored map: 1 at best; None where too few points are left."""

    map: int  # its id
    method: str
    every: int
    frames: int
    neighbours: int
    trustworthiness: float | None = None
    trustworthiness_apart: float | None = None  # among frames of different trajectories


@dataclass(frozen=True, kw_only=True)
class Hub:
    """A training frame that is near to many held-out ones."""

    frame_id: int
    share: float  # of the queries


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """What an embedding's scatter within a process was learnt from."""

    source: Literal["replicates", "halves"]
    realisations: int = 0  # trajectories; 0 from halves
    cells: int = 0


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """A model's latent space evaluated beside baselines on the same frames."""

    metrics: Metrics  # of the model; -ELBO and its parts in nats per frame among them
    baselines: Mapping[str, BaselineFigures]  # by name
    split: EvaluatedFrames
    latent: LatentUsage
    real: RealFrames | None = None
    chance: Mapping[str, float] = field(default_factory=dict)  # of frames drawn at random, by id
    nats_by_length: tuple[LengthBin, ...] = ()  # fine domains first
    noise: NoiseCalibration | None = None  # None without twins
    map: MapTrust | None = None  # None without a map
    hubs: tuple[Hub, ...] = ()  # the largest first
    properties: tuple[PropertyFigures, ...] = ()
    notes: tuple[str, ...] = ()  # what was left out, and why
    seed: int = 0
    seconds: float = 0.0  # what the evaluation took
    separated: SeparatedBy = "contrast"  # which frames all figures are taken on
    # Paired over cells, on the same queries: the model's metric less a baseline's, by metric id,
    # then by baseline; of "false_acceptance_unseen" the quotient.
    differences: Mapping[str, Metrics] = field(default_factory=dict)
    # False acceptance of the model, and of baselines by name, at each of
    # `morphcore.statistics.verification.FALSE_REJECTIONS`, over twins of unseen cells.
    detection: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    learnt: Learnt | None = None  # None where z is the embedding, or an older version evaluated

    def of_property(self, name: str, dataset: str) -> PropertyFigures | None:
        """The figures of a property of a data set; None where it was not judged."""
        judged = (each for each in self.properties if (each.name, each.dataset) == (name, dataset))
        return next(judged, None)

    def to_json(self) -> dict[str, Any]:
        """The evaluation as a JSON object."""
        return {
            "metrics": _values(self.metrics, self.real),
            "intervals": intervals_of(self.metrics),
            "baselines": {
                name: _values(baseline.metrics, baseline.real) | {"axes": baseline.axes}
                for name, baseline in self.baselines.items()
            },
            "baseline_intervals": {
                name: intervals_of(baseline.metrics) for name, baseline in self.baselines.items()
            },
            "chance": dict(self.chance),
            "split": {"by": self.split.by, "leaking": self.split.leaking} | asdict(self.split),
            "nats_by_length": [_bin_to_json(length_bin) for length_bin in self.nats_by_length],
            "latent": {"dimensions": self.latent.dimensions} | _part_to_json(self.latent),
            "scatter": {} if self.noise is None else _part_to_json(self.noise),
            "map": {} if self.map is None else _part_to_json(self.map),
            "hubs": [asdict(hub) for hub in self.hubs],
            "properties": [figures.to_json() for figures in self.properties],
            "notes": list(self.notes),
            "seed": self.seed,
            "seconds": self.seconds,
            "separated": self.separated,
            "differences": {
                metric: {
                    name: {
                        "value": figure.value,
                        "interval": list(figure.interval) if figure.interval else None,
                    }
                    for name, figure in by_baseline.items()
                }
                for metric, by_baseline in self.differences.items()
            },
            "detection": {name: list(curve) for name, curve in self.detection.items()},
            "learnt": None if self.learnt is None else asdict(self.learnt),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Evaluation":
        """An evaluation from its JSON object; parts that older versions did not write are empty.

        Raises:
            KeyError: if there are no metrics, baselines, split or latent usage.
        """
        intervals = data.get("baseline_intervals", {})
        baselines = {
            name: BaselineFigures(
                metrics=metrics_of(values, intervals.get(name, {})),
                axes=values["axes"],
                real=_real(values),
            )
            for name, values in data["baselines"].items()
        }
        noise, trust = data.get("scatter"), data.get("map")
        return cls(
            metrics=metrics_of(data["metrics"], data.get("intervals", {})),
            baselines=baselines,
            split=EvaluatedFrames(**without(data["split"], "leaking")),
            latent=LatentUsage(**_tuples(without(data["latent"], "dimensions"))),
            real=_real(data["metrics"]),
            chance=data.get("chance", {}),
            nats_by_length=tuple(_bin_from_json(row) for row in data.get("nats_by_length", ())),
            noise=NoiseCalibration(**_tuples(noise)) if noise else None,
            map=MapTrust(**trust) if trust else None,
            hubs=tuple(Hub(**hub) for hub in data.get("hubs", ())),
            properties=tuple(map(PropertyFigures.from_json, data.get("properties", ()))),
            notes=tuple(data.get("notes", ())),
            seed=data.get("seed", 0),
            seconds=data.get("seconds", 0.0),
            separated=data.get("separated", "colour"),
            differences={
                metric: {name: figure_of(values) for name, values in by_baseline.items()}
                for metric, by_baseline in data.get("differences", {}).items()
            },
            detection={name: tuple(curve) for name, curve in data.get("detection", {}).items()},
            learnt=Learnt(**data["learnt"]) if data.get("learnt") else None,
        )


def _values(metrics: Metrics, real: RealFrames | None) -> dict[str, Any]:
    """Figures by metric id, without their intervals; those of real frames under "real"."""
    values: dict[str, Any] = {name: figure.value for name, figure in metrics.items()}
    if real is not None:
        values["real"] = {
            "abs_dlnL": real.log_length_error,
            "abs_df": real.fraction_error,
            "frames": float(real.frames),
        }
    return values


def _real(values: Mapping[str, Any]) -> RealFrames | None:
    if "real" not in values:
        return None
    real = values["real"]
    return RealFrames(
        log_length_error=real["abs_dlnL"],
        fraction_error=real["abs_df"],
        frames=int(real["frames"]),
    )


def _part_to_json(part: LatentUsage | NoiseCalibration | MapTrust) -> dict[str, Any]:
    """A part's fields but those that are None, its tuples as lists."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(part).items()
        if value is not None
    }


def _bin_to_json(length_bin: LengthBin) -> dict[str, float | int | None]:
    values = asdict(length_bin)
    return {"from": values.pop("low"), "to": values.pop("high"), **values}


def _bin_from_json(values: Mapping[str, Any]) -> LengthBin:
    return LengthBin(low=values["from"], high=values["to"], **without(values, "from", "to"))


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """JSON's lists as the tuples of frozen values."""
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
