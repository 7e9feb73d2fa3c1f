"""Arguments of every kind of job: a frozen dataclass a kind, and their JSON in the jobs table.

Only the arguments that a caller gives are stored, so that a row records the request and a page
recognises it whatever a default is. Field names are the stored keys: they cannot be renamed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, NamedTuple, Self

from morphcore.config import (
    DEFAULT_PRESET,
    Preset,
    ProjectionMethod,
    RateSchedule,
    Schedule,
    TrainConfig,
)
from morphcore.errors import MorphError
from morphcore.evaluation.result import SeparatedBy
from morphcore.simulation.cells import DEMO_CELLS
from morphcore.tuning.trials import Objective
from morphcore.types import SplitBy
from store.jobs import Job


class UnreadableJob(MorphError):
    """The row of a job cannot be read; the message explains why."""


@dataclass(frozen=True, kw_only=True)
class JobSpec:
    """Arguments of a job. `given` are the names of those that the caller set."""

    given: frozenset[str] = field(init=False, compare=False, repr=False)

    def __new__(cls, **arguments: Any) -> Self:
        """Remember which arguments are given; the dataclass checks their names."""
        spec = super().__new__(cls)
        object.__setattr__(spec, "given", frozenset(arguments))
        return spec

    def changed(self, **changes: Any) -> Self:
        """The same arguments, but for those that are given here."""
        return type(self)(**{**{name: getattr(self, name) for name in self.given}, **changes})


@dataclass(frozen=True, kw_only=True)
class DemoJob(JobSpec):
    """The demo, from simulation to evaluation. `name` and `run` are what a stopped one has made."""

    preset: Preset = DEFAULT_PRESET
    steps: int = 500  # of training: batches, some 6 epochs
    frames: int = 128  # a trajectory
    cells: int = len(DEMO_CELLS)  # the first of them, two realisations of each
    last_step: int = 5100
    name: str | None = None
    seed: int = 0
    run: int | None = None


@dataclass(frozen=True, kw_only=True)
class SimulateJob(JobSpec):
    """Trajectories for the data set `name`, made where it is missing.

    They are `realisations` of each of the `cells` (phi, chi); without cells, `trajectories` spread
    evenly over those of the `world` (57 of the thin film, 120 of the zoo; all of them where it is
    left out), or beyond these further realisations of them.

    With `twins`, the name of a simulated data set, they are one more trajectory of each cell of
    that one, over its steps but with other noise; "NAME twins" where no name is given. With
    `replicates`, they are `realisations` of each of its training cells, with other noise again;
    "NAME replicates".
    """

    name: str | None = None
    world: str = "thin-film"
    twins: str | None = None
    replicates: str | None = None
    trajectories: int | None = None
    frames: int | None = None  # a trajectory; 255, or 25 of twins, 48 of replicates
    schedule: Schedule = "geometric"
    last_step: int | None = None
    seed: int | None = None
    cells: tuple[tuple[float, float], ...] | None = None
    realisations: int | None = None  # 1, or 3 of replicates
    cluster: str | None = None  # that simulates; None: the cores of this machine


@dataclass(frozen=True, kw_only=True)
class ImportJob(JobSpec):
    """The files at `path`, for the data set `name`: by default that of the folder or file.

    `options` are those of `ImportOptions` that are given, as values of JSON; others are those that
    the data set was imported with. With `cleanup`, the file is an upload's temporary copy, to be
    deleted. `frames` is their number, where a look has counted them before.
    """

    path: str
    name: str | None = None
    cleanup: bool = False
    options: Mapping[str, Any] | None = None
    frames: int | None = None
    cluster: str | None = None  # that encodes and measures frames; None: this process


@dataclass(frozen=True, kw_only=True)
class TrainJob(JobSpec):
    """A training on a data set, by its name, or of a `run` that goes on; then index and maps.

    The rest are settings of `TrainConfig`, without those of the frames, which the data set has; one
    that is None has its default or, when a run is resumed, the value that it had. Epochs, steps
    and minutes count from the beginning of the run; one of them that is new takes the place of the
    end that a resumed run had, and minutes or steps that are given without epochs end it alone.
    """

    dataset: str | None = None
    run: int | None = None
    index: bool = True
    preset: Preset | None = None
    latent: int | None = None
    channels: float | None = None
    epochs: int | None = None
    minutes: float | None = None
    steps: int | None = None
    batch: int | None = None
    lr: float | None = None
    schedule: RateSchedule | None = None
    lr_late: float | None = None
    lr_late_from: int | None = None
    lr_late_on_stall: bool | None = None
    stall_epochs: int | None = None
    split: SplitBy | None = None
    held_out_share: float | None = None
    seed: int | None = None
    mirror: bool | None = None
    roll: bool | None = None

    def settings(self) -> dict[str, Any]:
        """The settings of `TrainConfig` that are given."""
        own = {argument.name for argument in fields(self)}
        names = [setting.name for setting in fields(TrainConfig) if setting.name in own]
        values = {name: getattr(self, name) for name in names}
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class TuneJob(JobSpec):
    """A tuning of a preset on a data set, by its name, or a `tuning` that goes on.

    Each of the `trials` in all is a training of so many `minutes`, or `steps` of the usual batch;
    `run` is that of the trial at work. Of a tuning that goes on, the rest is as it was.
    """

    dataset: str | None = None
    tuning: int | None = None
    preset: Preset = DEFAULT_PRESET
    objective: Objective = "neg-elbo"
    trials: int | None = None
    minutes: float | None = None
    steps: int | None = None
    split: SplitBy | None = None
    seed: int = 0
    pruning: bool = True
    run: int | None = None


@dataclass(frozen=True, kw_only=True)
class IndexJob(JobSpec):
    """Latents and descriptors of every frame; with `maps`, the maps that a training ends with.

    `current`: the run is then made the one with which pages start.

    With `dataset`, the name of another one, its frames are encoded with the run's model, brought to
    the model's pixels by `scale`: "thickness", "one" or a factor, needed only where the pixel size
    of either is not known.
    """

    run: int
    maps: bool = False
    current: bool = False
    dataset: str | None = None
    scale: str | None = None
    cluster: str | None = None  # that encodes; None: this process


@dataclass(frozen=True, kw_only=True)
class MapJob(JobSpec):
    """A map of frames 0, `every`, 2 x `every`, ... of each trajectory."""

    run: int
    method: ProjectionMethod = "tsne"
    every: int = 25
    perplexity: float = 30.0
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class ReconstructionErrorJob(JobSpec):
    """The reconstruction error of every frame, in nats."""

    run: int


@dataclass(frozen=True, kw_only=True)
class EvaluateJob(JobSpec):
    """All metrics of a run and of the baselines; `frames` is a folder or file of real frames.

    These become as large as the model's by `pixel_size`, the sides of a pixel along x and y, which
    makes pixels square, and then by `scale`: "thickness", "one" or a factor.

    `separated`: by what frames count as separated, on which all figures are taken. Properties are
    predicted from frames of other groups: `group` is "cell", "trajectory" or the name of a
    property.
    """

    run: int
    frames: str | None = None
    pixel_size: tuple[float, float] | None = None
    scale: str = "one"
    seed: int = 0
    separated: SeparatedBy = "contrast"
    group: str = "cell"
    cluster: str | None = None  # that judges the baselines; None: this process


@dataclass(frozen=True, kw_only=True)
class GraspiJob(JobSpec):
    """GraSPI's report of these frames, by their ids."""

    frames: tuple[int, ...]


class Kind(NamedTuple):
    """A kind of job: its arguments, and the module whose `run(context, spec)` does it."""

    spec: type[JobSpec]
    module: str  # imported only when it runs


KINDS: Mapping[str, Kind] = {
    "demo": Kind(DemoJob, "jobs.demo"),
    "simulate": Kind(SimulateJob, "jobs.simulate.job"),
    "import": Kind(ImportJob, "jobs.import_"),
    "train": Kind(TrainJob, "jobs.train.job"),
    "tune": Kind(TuneJob, "jobs.tune.job"),
    "index": Kind(IndexJob, "jobs.index.job"),
    "map": Kind(MapJob, "jobs.project_map"),
    "nats": Kind(ReconstructionErrorJob, "jobs.reconstruction_error"),
    "evaluate": Kind(EvaluateJob, "jobs.evaluate.job"),
    "graspi": Kind(GraspiJob, "jobs.graspi"),
}


# Arguments that rows of older versions have and that no longer mean anything.
_RETIRED: Mapping[str, frozenset[str]] = {"demo": frozenset({"minutes"})}


def kind_of(spec: JobSpec) -> str:
    """The name of a job's kind in the jobs table."""
    return next(name for name, kind in KINDS.items() if kind.spec is type(spec))


def to_json(spec: JobSpec) -> dict[str, Any]:
    """The arguments that are given, as plain values for the jobs table."""
    return {name: getattr(spec, name) for name in sorted(spec.given)}


def of(job: Job) -> JobSpec:
    """The arguments of a job in the table.

    Raises:
        UnreadableJob: if its kind or an argument is unknown, or an argument is missing.
    """
    if job.kind not in KINDS:
        raise UnreadableJob(
            f"Job {job.id} is of a kind that this version of Morph does not know: {job.kind}."
        )
    spec = KINDS[job.kind].spec
    required = {
        argument.name: argument.default is MISSING for argument in fields(spec) if argument.init
    }
    retired = _RETIRED.get(job.kind, frozenset())
    if unknown := job.args.keys() - required - retired:
        raise UnreadableJob(
            f"Job {job.id} ({job.kind}) has arguments that this version of Morph does not know:"
            f" {', '.join(sorted(unknown))}; start it anew without them."
        )
    missing = [
        name for name, is_required in required.items() if is_required and name not in job.args
    ]
    if missing:
        raise UnreadableJob(
            f"Job {job.id} ({job.kind}) does not say its {', '.join(missing)}; start it anew."
        )
    return spec(**{name: _frozen(value) for name, value in job.args.items() if name not in retired})


def readable(jobs: Iterable[Job]) -> list[tuple[Job, JobSpec]]:
    """Jobs with their arguments, without those whose rows cannot be read."""
    pairs = []
    for job in jobs:
        try:
            pairs.append((job, of(job)))
        except UnreadableJob:
            continue
    return pairs


def _frozen(value: Any) -> Any:
    """A value of JSON with tuples for its lists, as the dataclasses have them."""
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
