"""Frame queries, stored or new: their descriptors and their posterior."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis import attached
from analysis.latent_space import LatentSpace, encode
from morphcore import frames
from morphcore.descriptors import contrast as contrast_of
from morphcore.embedding import rescaling
from morphcore.embedding.rescaling import PixelScale, Rescaling, ScaleChoice, ScaleUnknown
from morphcore.errors import MorphError
from morphcore.frames import PackedFrames, SizedFrames
from morphcore.types import BinaryFrame, Descriptors, GrayFrame, Latents
from store import attached as attached_table
from store import datasets, descriptors, trajectories
from store.checkpoints import Checkpoint
from store.db import open_store
from store.runs import IndexedRun
from store.trajectories import TrajectoryInfo

STORED = "frame:"  # the prefix of a target that is no file

# The posterior of a frame by a checkpoint's model: `latent_space.encode`, or one that keeps models.
Encoder = Callable[[Path, Checkpoint, SizedFrames], Latents]


@dataclass(frozen=True)
class FrameQuery:
    """A frame to search for or to compare, in a model's pixels; `frame_id` of a stored one.

    A frame that is not of the model's own data set was brought to its pixels by `rescaling`.
    """

    bits: BinaryFrame
    frame_id: int | None
    periodic: bool  # the left edge continues at the right one
    periodic_y: bool = False  # the top edge continues at the bottom one
    gray: GrayFrame | None = None  # None: it has no other levels than black and white
    contrast: float = 1.0  # of its gray levels, 0 to 1
    pixel_size: float | None = None  # side of a pixel in `length_unit`; None: not known
    length_unit: str = "px"
    rescaling: Rescaling | None = None

    @property
    def unseparated(self) -> bool:
        """Whether nothing in it has separated yet: by its contrast, or as it has one colour."""
        separated = contrast_of.is_separated(np.array([self.contrast], dtype=np.float32))[0]
        return not separated or bool(frames.is_unseparated(self.bits))

    @property
    def scale(self) -> str | None:
        """How it was brought to the model's pixels, in words; None for a frame of the model's."""
        return None if self.rescaling is None else self.rescaling.words

    @property
    def as_stored(self) -> bool:
        """Whether its pixels are those of a stored frame."""
        scaled = self.rescaling is not None and self.rescaling.factor != 1.0
        return self.frame_id is not None and not scaled

    def packed(self) -> SizedFrames:
        """The frame, packed, as a model takes it."""
        edges = {"periodic": self.periodic, "periodic_y": self.periodic_y}
        return SizedFrames.of(PackedFrames.of(self.bits[None], **edges))


def embed(
    store: Path,
    space: LatentSpace,
    query: FrameQuery,
    encoder: Encoder = encode,
) -> Latents:
    """The posterior of a frame: from the store where it is there, else from the model.

    Raises:
        MorphError: if the model is needed and missing, or the frame is one colour everywhere.
    """
    stored = None if query.frame_id is None else space.posterior_of(query.frame_id)
    return encoder(store, space.checkpoint, query.packed()) if stored is None else stored


def describe(store: Path, query: FrameQuery) -> Descriptors:
    """The descriptors of a frame, in one row: from the store if they are there, else measured.

    Those of a frame that was scaled are measured at the model's pixel size.
    """
    if query.frame_id is not None and query.as_stored:
        with open_store(store) as db:
            stored = descriptors.of_frame(db, query.frame_id)
        if stored is not None and np.isfinite(stored.euler):
            columns = {name: np.array([value], np.float32) for name, value in vars(stored).items()}
            return Descriptors(np.array([query.frame_id], dtype=np.int64), **columns)
    return measure_descriptors(query)


def measure_descriptors(query: FrameQuery) -> Descriptors:
    """Measure the descriptors of a frame, in one row.

    The domain length of an imported or uploaded frame leaves out the seam.
    """
    from morphcore.descriptors.measure import measure  # with scipy: not before it is needed

    return measure(
        np.array([0], dtype=np.int64),
        query.bits[None],
        periodic=query.periodic,
        periodic_y=query.periodic_y,
        contrast=None if query.gray is None else np.array([query.contrast], dtype=np.float32),
    )


def of_picture(
    gray: GrayFrame,
    threshold: float,
    decided: Rescaling | None = None,
    *,
    inverted: bool = False,
    pixel_size: float | None = None,
    length_unit: str = "px",
) -> FrameQuery:
    """A frame from a picture that is not stored, scaled: with walls, and of any gain.

    `pixel_size`: the side of a pixel of the picture, before it is scaled.
    """
    contrast = float(contrast_of.measure(gray[None])[0])  # before scaling blurs what is sharp
    factor = 1.0 if decided is None else decided.factor
    bits = rescaling.binarised(gray, factor, threshold)
    scaled = rescaling.rescale(gray, factor)
    return FrameQuery(
        ~bits if inverted else bits,
        None,
        periodic=False,
        gray=255 - scaled if inverted else scaled,
        contrast=contrast,
        pixel_size=None if pixel_size is None else pixel_size / factor,
        length_unit=length_unit,
        rescaling=decided,
    )


def unseparated_words(query: FrameQuery) -> str:
    """A sentence on a frame in which nothing has separated yet."""
    one_colour = bool(frames.is_unseparated(query.bits))
    why = (
        "it is one colour everywhere"
        if one_colour
        else f"its contrast is {query.contrast:.2f} of 1"
    )
    return f"Nothing in this frame has separated yet: {why}, so there is nothing to compare."


def stored_frame(store: Path, frame_id: int) -> FrameQuery:
    """A stored frame as a query.

    Raises:
        UnknownFrame: if the store has no such frame.
    """
    with open_store(store) as db:
        packed = trajectories.packed(db, np.array([frame_id], dtype=np.int64)).one_size
        info = trajectories.frame_info(db, frame_id).trajectory
        gray = trajectories.frame(db, frame_id)
        measured = descriptors.of_frame(db, frame_id)
    contrast = float("nan") if measured is None else measured.contrast
    if np.isnan(contrast):
        contrast = float(contrast_of.measure(gray[None], info.composition_chi)[0])
    return FrameQuery(
        packed.bits()[0],
        frame_id,
        info.periodic,
        periodic_y=info.periodic_y,
        gray=gray,
        contrast=contrast,
        pixel_size=info.pixel_size,
        length_unit=info.length_unit,
    )


def seen_frame(
    store: Path, run: IndexedRun, frame_id: int, choice: ScaleChoice | None = None
) -> FrameQuery:
    """A stored frame as a run's model sees it: one of another data set at the model's pixel size.

    An attached data set is scaled as it was attached; others by `choice`, else by the pixel sizes,
    else a pixel is a pixel.

    Raises:
        UnknownFrame: if the store has no such frame.
        ScaleError: if the factor is outside its range.
    """
    with open_store(store) as db:
        info = trajectories.frame_info(db, frame_id).trajectory
        if is_own(run, info.dataset_id, datasets.by_id(db, info.dataset_id).serves):
            return stored_frame(store, frame_id)
        model = attached.model_scale(db, run)
        for attachment in attached_table.of_checkpoint(db, run.index.checkpoint_id):
            if attachment.dataset_id == info.dataset_id:
                own = attached.choice_of(attachment)
                decided = rescaling.decide(model, attached.scale_of(info), own)
                break
        else:
            decided = decide_or_one(model, attached.scale_of(info), choice)
        gray = trajectories.frame(db, frame_id)
    return scaled_query(gray, info, decided, frame_id)


def is_own(run: IndexedRun, dataset_id: int, serves: int | None) -> bool:
    """Whether a data set is a run's own, or its twins or replicates: it needs no scaling."""
    return run.dataset_id in (dataset_id, serves)


def decide_or_one(model: PixelScale, frame: PixelScale, choice: ScaleChoice | None) -> Rescaling:
    """By a choice, else by the pixel sizes; where one is not known, a pixel is a pixel.

    Raises:
        ScaleError: if the factor is outside its range.
    """
    try:
        return rescaling.decide(model, frame, choice)
    except ScaleUnknown:
        return rescaling.decide(model, frame, "one")


def scaled_query(
    gray: GrayFrame, info: TrajectoryInfo, decided: Rescaling, frame_id: int
) -> FrameQuery:
    """A frame of a trajectory, scaled in gray and cut at the trajectory's threshold."""
    factor = decided.factor
    return FrameQuery(
        rescaling.binarised(gray, factor, info.threshold, periodic=info.periodic),
        frame_id,
        info.periodic,
        info.periodic_y,
        gray=rescaling.rescale(gray, factor, periodic=info.periodic),
        contrast=float(contrast_of.measure(gray[None], info.composition_chi)[0]),
        pixel_size=None if info.pixel_size is None else info.pixel_size / factor,
        length_unit=info.length_unit,
        rescaling=decided,
    )


def parse_target(
    store: Path,
    run: IndexedRun,
    target: str,
    choice: ScaleChoice | None = None,
    *,
    early: bool = False,
) -> FrameQuery:
    """A frame that is named by a file's path, or by `frame:ID` where it is stored.

    It is scaled as by `seen_frame`, a file by the pixel size that it says, if it does.
    `early`: also one that has not separated yet, if it has two colours.

    Raises:
        MorphError: if it names no frame, cannot be read, or nothing in it has separated yet.
        UnknownFrame: if the store has no frame of that number.
        ScaleError: if the factor is outside its range.
    """
    if target.startswith(STORED):
        query = _stored(store, run, target, choice)
    else:
        query = _from_file(store, run, target, choice)
    if frames.is_unseparated(query.bits) or (query.unseparated and not early):
        words = unseparated_words(query)
        raise MorphError(f"{target}: {words[0].lower()}{words[1:]}")
    return query


def _stored(store: Path, run: IndexedRun, target: str, choice: ScaleChoice | None) -> FrameQuery:
    number = target.removeprefix(STORED)
    if not number.isdecimal():
        raise MorphError(f"{target!r} names no frame; accepted is frame:17 or the like, or a file.")
    return seen_frame(store, run, int(number), choice)


def _from_file(store: Path, run: IndexedRun, target: str, choice: ScaleChoice | None) -> FrameQuery:
    from morphcore.readers.results import ImportPathError, UnreadableFrame
    from morphcore.readers.single_frame import single_frame

    file = Path(target)
    try:
        read = single_frame(file, file.name)
    except ImportPathError as err:
        raise MorphError(f"{err} Accepted is a file, or a stored frame as frame:17.") from err
    except UnreadableFrame as err:
        raise MorphError(f"{target} cannot be read. {err}") from err
    if read.questions:  # nobody is there to see how it would be taken
        raise MorphError(
            f"{target} could mean two things. {read.questions[0].message} Import it with that"
            " option and name the stored frame, or compare it on the page, which shows it first."
        )
    with open_store(store) as db:
        frame = PixelScale(len(read.gray), read.pixel_size, read.length_unit)
        decided = decide_or_one(attached.model_scale(db, run), frame, choice)
    return of_picture(
        read.gray,
        read.threshold,
        decided,
        pixel_size=read.pixel_size,
        length_unit=read.length_unit,
    )
