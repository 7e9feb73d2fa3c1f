"""Settings of simulations, trainings and maps: frozen, keyword-only, checked when they are made."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from morphcore.errors import MorphError
from morphcore.types import FRAME_HEIGHT, FRAME_WIDTH, SplitBy


class ConfigError(MorphError):
    """A setting outside the accepted range; the message names the range."""


def _require(ok: bool, message: str) -> None:
    if not ok:
        raise ConfigError(message)


Schedule = Literal["geometric", "linear"]


@dataclass(frozen=True, kw_only=True)
class SimulationConfig:
    """Settings of a simulation of the thin film: blend ratio, interaction, steps of its frames."""

    phi: float  # mean fraction of the white component
    chi: float  # Flory-Huggins interaction; two phases above 2
    frames: int = 255
    # Evenly spaced steps replicate the published data, but most frames then equal the one before.
    schedule: Schedule = "geometric"
    first_step: int = 4  # geometric only
    last_step: int = 5100

    def __post_init__(self) -> None:
        _require(0.35 <= self.phi <= 0.65, f"phi is {self.phi}; accepted is 0.35 to 0.65")
        _require(2.1 <= self.chi <= 4.5, f"chi is {self.chi}; accepted is 2.1 to 4.5")
        _require(2 <= self.frames <= 2000, f"frames is {self.frames}; accepted is 2 to 2,000")
        _require(
            self.schedule in ("geometric", "linear"),
            f"schedule is {self.schedule!r}; accepted are 'geometric' and 'linear'",
        )
        _require(
            1 <= self.first_step < self.last_step <= 100_000,
            "steps must satisfy 1 <= first < last <= 100,000",
        )
        _require(
            self.last_step - self.first_step + 1 >= self.frames,
            f"{self.frames} frames do not fit into steps {self.first_step} to {self.last_step}",
        )


Preset = Literal["seed", "two-level"]
PRESETS: tuple[Preset, ...] = ("two-level", "seed")
DEFAULT_PRESET: Preset = "two-level"
LEAST_SIDE: dict[Preset, int] = {"two-level": 64, "seed": 32}  # px, of the frames of a training
MOST_EPOCHS, MOST_STEPS, MOST_MINUTES = 100_000, 1_000_000_000, 10_000  # a week
# Schedule of the learning rate: "step" holds `lr`, then `lr_late`; "cosine" rises over the first 50
# steps to `lr` and falls to nothing along half a cosine over the rest of them.
RateSchedule = Literal["step", "cosine"]


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Settings of a training, which ends after `epochs` or `steps`, whichever comes first.

    `minutes` are a wish: the speed of the first steps turns them into `steps`, once. The defaults
    are the proof of concept's; `train_config` has those of any preset.
    """

    preset: Preset = "seed"
    latent: int = 16
    channels: float = 1.0  # of the convolutions, in times of the preset's
    epochs: int = 200
    minutes: float | None = None
    steps: int | None = None  # batches, of all epochs together
    # With the same frames seen, batches of 32 are ahead of 64 (by 1,100 nats after 25,000 frames,
    # by 350 after 51,000), and no slower on a CPU.
    batch: int = 32
    lr: float = 1e-3
    schedule: RateSchedule = "step"
    # The proof of concept went from 1e-3 to 1e-4 "after about 4000 epochs ... to overcome
    # stalling": at a chosen epoch, or by itself when the held-out -ELBO stalls.
    lr_late: float = 1e-4
    lr_late_from: int | None = None
    lr_late_on_stall: bool = True
    stall_epochs: int = 20  # a stall: held-out -ELBO down by less than 0.2 % in this many epochs
    split: SplitBy = "frame"
    held_out_share: float = 0.2
    seed: int = 0
    mirror: bool = True  # augmentation: reflect over the y-axis
    roll: bool = True  # augmentation: roll along the periodic axes
    # The frames that the model decodes: those of the data set, the most common ones of several.
    height: int = FRAME_HEIGHT  # px
    width: int = FRAME_WIDTH
    periodic: bool = True  # the left edge continues at the right one
    periodic_y: bool = False  # the top edge continues at the bottom one

    def __post_init__(self) -> None:
        _require(
            self.preset in PRESETS,
            f"preset is {self.preset!r}; accepted are {', '.join(PRESETS)}",
        )
        _require(1 <= self.latent <= 256, f"latent is {self.latent}; accepted is 1 to 256")
        _require(
            0.25 <= self.channels <= 4,
            f"channels is {self.channels}; accepted is 0.25 to 4, in times of the preset's",
        )
        _require(
            1 <= self.epochs <= MOST_EPOCHS,
            f"epochs is {self.epochs}; accepted is 1 to {MOST_EPOCHS:,}",
        )
        _require(
            self.minutes is None or 0 < self.minutes <= MOST_MINUTES,
            f"minutes is {self.minutes}; accepted is above 0 and up to {MOST_MINUTES:,}",
        )
        _require(
            self.steps is None or 1 <= self.steps <= MOST_STEPS,
            f"steps is {self.steps}; accepted is 1 to {MOST_STEPS:,}",
        )
        _require(
            self.schedule in ("step", "cosine"),
            f"schedule is {self.schedule!r}; accepted are 'step' and 'cosine'",
        )
        _require(1 <= self.batch <= 4096, f"batch is {self.batch}; accepted is 1 to 4,096")
        for name, rate in (("lr", self.lr), ("lr_late", self.lr_late)):
            _require(0 < rate <= 1, f"{name} is {rate}; accepted is above 0 and up to 1")
        _require(
            self.lr_late_from is None or self.lr_late_from >= 1,
            f"lr_late_from is {self.lr_late_from}; accepted is an epoch from 1 on, or nothing",
        )
        _require(
            1 <= self.stall_epochs <= 100_000,
            f"stall_epochs is {self.stall_epochs}; accepted is 1 to 100,000",
        )
        _require(
            self.split in ("frame", "trajectory"),
            f"split is {self.split!r}; accepted are 'frame' and 'trajectory'",
        )
        _require(
            0.01 <= self.held_out_share <= 0.9,
            f"held_out_share is {self.held_out_share}; accepted is 0.01 to 0.9",
        )
        least = LEAST_SIDE[self.preset]
        _require(
            min(self.height, self.width) >= least,
            f"the frames are {self.width} x {self.height} px; {self.preset} accepts frames from"
            f" {least} x {least} px on",
        )
        _require(self.seed >= 0, f"seed is {self.seed}; accepted is 0 or more")


_PRESET_SETTINGS: dict[Preset, dict[str, Any]] = {
    "seed": {},
    # In three minutes batches of 16 reach 3,136 nats, of 32 3,549 (3,475 at twice the rate).
    "two-level": {"lr": 1.5e-3, "batch": 16, "schedule": "cosine", "split": "trajectory"},
}


def train_config(preset: Preset = DEFAULT_PRESET, **given: Any) -> TrainConfig:
    """Make the settings of a preset, but for those that are given.

    Minutes or steps that are given end the training alone, unless epochs are given, too.

    Raises:
        ConfigError: if a setting is outside its accepted range.
    """
    settings = {**_PRESET_SETTINGS.get(preset, {}), **given}
    if settings.get("minutes") is not None or settings.get("steps") is not None:
        settings.setdefault("epochs", MOST_EPOCHS)
    return TrainConfig(preset=preset, **settings)


ProjectionMethod = Literal["tsne", "pca"]


@dataclass(frozen=True, kw_only=True)
class ProjectionConfig:
    """Settings of a map. `every` = 25 takes frames 0, 25, 50, ... of each trajectory."""

    method: ProjectionMethod = "tsne"
    every: int = 25
    perplexity: float = 30.0
    seed: int = 0

    def __post_init__(self) -> None:
        _require(
            self.method in ("tsne", "pca"),
            f"method is {self.method!r}; accepted are 'tsne' and 'pca'",
        )
        _require(1 <= self.every <= 1000, f"every is {self.every}; accepted is 1 to 1,000")
        _require(
            2 <= self.perplexity <= 500,
            f"perplexity is {self.perplexity}; accepted is 2 to 500",
        )
        _require(self.seed >= 0, f"seed is {self.seed}; accepted is 0 or more")


def to_dict(config: SimulationConfig | TrainConfig | ProjectionConfig) -> dict[str, Any]:
    """Convert settings to plain values, for a checkpoint, a row or JSON."""
    return asdict(config)
