"""Values that travel between packages: trajectories, splits, latents, descriptors; NumPy only.

One identity goes the whole way: `frame_id`, the primary key of a stored frame. Every array with
a row a frame carries its `frame_ids`, so that rows stay identified.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64, UInt8

from morphcore.frame_file import GrayFrames

# The size of our own simulations; imported frames keep theirs.
FRAME_HEIGHT = 100  # pixels, y: across the film, no-flux walls at top and bottom
FRAME_WIDTH = 400  # pixels, x: along the film, periodic in our own simulations
FRAME_SHAPE = (FRAME_HEIGHT, FRAME_WIDTH)
PIXELS = FRAME_HEIGHT * FRAME_WIDTH
LEAST_SIDE, MOST_SIDE = 16, 2048  # pixels, of a frame that is stored
COIN_FLIP_NATS_PER_PIXEL = float(np.log(2.0))  # -ELBO of a model that knows nothing

SplitBy = Literal["frame", "trajectory"]
# "step": steps of a simulation; "frame": frames are only counted; else a unit, such as "s".
TimeUnit = str


@dataclass(frozen=True)
class Trajectory:
    """A trajectory: gray frames of one size in time order, uint8 with 0 = black, 255 = white.

    The frames are an array, or of a long film lie in a file (`frame_file.FrameFile`), so that they
    are gone over with `frame_file.chunks`.

    `times` are in `time_unit`; frames that are only counted have their index. `params` holds known
    numbers, such as `phi` and `chi`, and `labels` known words. Pixels are square. `periodic`: the
    left edge continues at the right one; `periodic_y`: the top one at the bottom. A pixel is white
    where its gray, as a share of 255, is at least `threshold`. `family` names the physics, and
    equal texts in `cell` mean the same physics with the same parameters: realisations and twins
    share it. `sources` are the files of its frames, where each has its own.
    """

    name: str
    frames: GrayFrames
    times: Float64[np.ndarray, " time"]
    params: Mapping[str, float] = field(default_factory=dict)
    time_unit: TimeUnit = "step"
    periodic: bool = True
    family: str | None = None
    cell: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    periodic_y: bool = False
    pixel_size: float | None = None  # side of a pixel in `length_unit`; None: not known
    length_unit: str = "px"
    threshold: float = 0.5
    sources: "tuple[Source, ...]" = ()

    @property
    def array(self) -> UInt8[np.ndarray, "time h w"]:
        """All its frames, in memory."""
        return np.asarray(self.frames)

    @property
    def composition_chi(self) -> float | None:
        """chi, where gray is the composition of a simulated blend; None where it is a picture's."""
        return self.params.get("chi") if self.family else None


@dataclass(frozen=True)
class Source:
    """The file that a trajectory was read from, recognised by its hash."""

    file: str  # relative to what was imported
    size: int  # bytes
    sha256: str


@dataclass(frozen=True)
class Rejection:
    """A file that was meant to be frames and could not be read as such, and why."""

    file: str
    reason: str


@dataclass(frozen=True)
class Split:
    """Training and held-out frames of a split.

    `validation` frames, of a trial of a tuning, are taken out of the training ones: settings are
    chosen by them, so that nothing is by the held-out ones, which judge.
    """

    by: SplitBy
    training: Int64[np.ndarray, " training"]
    held_out: Int64[np.ndarray, " heldout"]
    validation: Int64[np.ndarray, " validation"] = field(
        default_factory=lambda: np.empty(0, dtype=np.int64)
    )

    @property
    def measured(self) -> Int64[np.ndarray, " measured"]:
        """The frames that a training's curve is measured on, none of which it learns from."""
        return self.validation if len(self.validation) else self.held_out


@dataclass(frozen=True)
class EpochMetrics:
    """Metrics of one pass over the training frames. Nats are means over frames, summed over pixels.

    Both parts are >= 0 and to be minimised; their sum is -ELBO. The training figures are the
    running means of the epoch, with augmentation; the held-out ones are taken after it, without,
    on up to 512 of the held-out frames, of large ones on fewer, evenly spaced.
    """

    epoch: int  # counted from 1, over resumes; 0: the model before its first step
    seconds: float  # since the run began, pauses left out
    learning_rate: float
    frames_per_second: float
    training_recon_nats: float
    training_kl_nats: float
    held_out_recon_nats: float
    held_out_kl_nats: float
    steps: int | None = None  # batches in all, by then; None in runs of before they were counted

    @property
    def training_neg_elbo_nats(self) -> float:
        return self.training_recon_nats + self.training_kl_nats

    @property
    def held_out_neg_elbo_nats(self) -> float:
        return self.held_out_recon_nats + self.held_out_kl_nats


@dataclass(frozen=True)
class TrainingPoint:
    """Means over the frames of the steps since the point before, with augmentation.

    Nats are those of `EpochMetrics`.
    """

    step: int  # batches done in all
    epoch: float  # epochs done, the one under way by its share
    seconds: float  # since the run began, pauses left out
    frames_per_second: float  # in steps alone
    recon_nats: float
    kl_nats: float

    @property
    def neg_elbo_nats(self) -> float:
        return self.recon_nats + self.kl_nats


@dataclass(frozen=True)
class Posteriors:
    """q(z|x) of frames, what the ELBO trains: independent normals, by mean and log variance."""

    mean: Float32[np.ndarray, "frames latent"]
    logvar: Float32[np.ndarray, "frames latent"]

    def subset(self, rows: Int64[np.ndarray, " rows"]) -> "Posteriors":
        """Return the posteriors of some rows."""
        return Posteriors(self.mean[rows], self.logvar[rows])


@dataclass(frozen=True)
class Latents:
    """Embedding of every frame, and its z: independent normals, by mean and log variance.

    A model without an embedding of its own embeds a frame by z: then `own_z` is None. Of a run
    that an older version indexed, z may be missing; it is known of all frames or of none.
    """

    frame_ids: Int64[np.ndarray, " frames"]
    mean: Float32[np.ndarray, "frames axes"]
    logvar: Float32[np.ndarray, "frames axes"]
    own_z: Posteriors | None = None  # where the embedding is another than z
    z_missing: bool = False

    @property
    def z(self) -> Posteriors | None:
        """q(z|x) of every frame; None where it is missing."""
        if self.z_missing:
            return None
        return Posteriors(self.mean, self.logvar) if self.own_z is None else self.own_z

    def subset(self, rows: Int64[np.ndarray, " rows"]) -> "Latents":
        """Return the latents of some rows."""
        own_z = None if self.own_z is None else self.own_z.subset(rows)
        return Latents(
            self.frame_ids[rows], self.mean[rows], self.logvar[rows], own_z, self.z_missing
        )


@dataclass(frozen=True)
class Scatter:
    """Split-half scatter: distance in latent space between the latents of a frame's two halves."""

    frame_ids: Int64[np.ndarray, " frames"]
    distance: Float32[np.ndarray, " frames"]


@dataclass(frozen=True)
class ReconstructionError:
    """Reconstruction error of each frame: nats, summed over pixels, never < 0."""

    frame_ids: Int64[np.ndarray, " frames"]
    nats: Float32[np.ndarray, " frames"]


@dataclass(frozen=True)
class Projection:
    """Coordinates of frames on a plane. The axes have no unit."""

    frame_ids: Int64[np.ndarray, " frames"]
    coords: Float32[np.ndarray, "frames 2"]


@dataclass(frozen=True)
class Neighbour:
    """A stored frame near a query.

    `distance` is Euclidean between latents; `percentile` is the share, in per cent, of
    random pairs of stored frames that are nearer to each other than this: 0 is as near as it gets.
    """

    frame_id: int
    distance: float
    percentile: float


@dataclass(frozen=True)
class Descriptors:
    """Morphological descriptors of each frame: of its binary form, but for its contrast."""

    frame_ids: Int64[np.ndarray, " frames"]
    fraction: Float32[np.ndarray, " frames"]  # share of white pixels, 0 to 1
    length: Float32[np.ndarray, " frames"]  # L in px, area / interface length; inf: no interface
    euler: Float32[np.ndarray, " frames"]  # white components less their holes
    components_white: Float32[np.ndarray, " frames"]
    components_black: Float32[np.ndarray, " frames"]
    connected_white: Float32[np.ndarray, " frames"]  # share of white joined from top to bottom
    connected_black: Float32[np.ndarray, " frames"]
    chord_x: Float32[np.ndarray, " frames"]  # px, mean length of a stretch of one colour
    chord_y: Float32[np.ndarray, " frames"]
    first_zero: Float32[np.ndarray, " frames"]  # px, of the two-point covariance
    chord_ratio: Float32[np.ndarray, " frames"]  # of chords in x and y, corrected for the border
    contrast: Float32[np.ndarray, " frames"]  # share of full separation in gray, 0 to 1

    def with_ids(self, frame_ids: Int64[np.ndarray, " frames"]) -> "Descriptors":
        """Return the same of frames that have their ids only now."""
        return replace(self, frame_ids=frame_ids)


BinaryFrame = Bool[np.ndarray, "h w"]
GrayFrame = UInt8[np.ndarray, "h w"]
