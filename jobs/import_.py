"""Import: trajectories from a folder or file into a data set, each stored as soon as it is read.

All files are looked at before anything is stored: what has to be decided first is asked for.
Importing the same again adds nothing, and what has grown is lengthened, for the hashes of its files
identify a trajectory and its frames; so a stopped import is continued by starting it once more.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int64
from sqlite_utils import Database

from jobs.context import WRITE_SECONDS, Context, Paused, Stopped
from jobs.specs import ImportJob
from morphcore import frames as framing
from morphcore.descriptors import contrast, measure
from morphcore.errors import MorphError
from morphcore.progress import part
from morphcore.readers.grouping import trajectory_name
from morphcore.readers.look import ImportLook
from morphcore.readers.options import ImportOptions
from morphcore.readers.read import read, survey
from morphcore.readers.results import ACCEPTED, ReadTrajectory, Skipped
from morphcore.types import Descriptors, Rejection, Trajectory
from store import datasets, descriptors, growth, properties, trajectories
from store.datasets import UnknownDataset
from store.db import InvalidName, StoreError, open_store, writing
from store.fencing import NotOwner
from wording.numbers import amount

_CHUNK = 128  # frames measured at once
_NAME_LENGTH = 100  # of a data set's name, at most
_LOOK_SHARE = 0.4  # of the whole, of which looking at the files is
_SENTENCES = 40  # of what was done, at most, that a data set keeps
_FLAGS = {"value_range": "--range"}  # the other options are called as their fields


class Undecided(MorphError):
    """Something has to be decided before an import; the message names the options that do."""

    def __init__(self, look: ImportLook) -> None:
        self.look = look
        asked = " ".join(
            f"{flag(question.option)}: {question.message}" for question in look.questions
        )
        super().__init__(f"Nothing was stored, since it has to be decided first. {asked}")


def flag(option: str) -> str:
    """The option of the command line that decides a field of `ImportOptions`."""
    return _FLAGS.get(option, f"--{option.replace('_', '-')}")


@dataclass
class _Tally:
    """The counts of an import so far."""

    dataset_id: int | None = None
    frames: int = 0
    trajectories: int = 0
    already: int = 0  # trajectories of which nothing was new
    mended: list[str] = field(default_factory=list)  # what became of others that were there
    taken: set[int] = field(default_factory=set)  # trajectories that something read belongs to
    rejected: list[Rejection] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def run(context: Context, spec: ImportJob) -> Mapping[str, Any]:
    """Read files into a data set; one of that name gets what it does not have yet.

    An upload's temporary copy is deleted when it is done, or cannot be read; it is kept where the
    job may go on: after a stop or a pause, on a full disk, and where another process took over.

    Raises:
        InvalidName: if the name is above 100 characters.
        ImportPathError: if there is no such path.
        OptionError: if an option is outside its accepted range.
        Undecided: if an option has to be given first; then nothing is stored.
        MorphError: if nothing in it can be read into a new data set.
        StoreError: if the disk is full; what was stored stays.
    """
    root = Path(spec.path)
    done_with_it = spec.cleanup
    try:
        return _import(context, root, dataset_name(root, spec.name), spec.options or {})
    except (Stopped, Paused, StoreError, NotOwner):
        done_with_it = False
        raise
    finally:
        if done_with_it and root.is_file():
            root.unlink(missing_ok=True)


def _import(context: Context, root: Path, name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    tally = _Tally()
    before: Mapping[str, Any] = {}
    with open_store(context.store) as db, suppress(UnknownDataset):
        dataset = datasets.dataset(db, name)
        tally.dataset_id, before = dataset.id, dataset.config
    new = tally.dataset_id is None
    options = ImportOptions.from_json({**before.get("options", {}), **given})
    looking, reading = _Reading(context, "looking at"), _Reading(context, "reading")
    surveyed = survey(
        root,
        options,
        progress=part(looking.progress, 0.0, _LOOK_SHARE),
        on_file=looking.on_file,
    )
    look = surveyed.look
    if look.questions:
        raise Undecided(look)
    config = {"source": root.name, **before, "options": options.as_json(), "done": _sentences(look)}
    items = read(
        root,
        options,
        surveyed=surveyed,
        progress=part(reading.progress, _LOOK_SHARE, 1.0),
        on_file=reading.on_file,
    )
    try:
        for item in items:
            match item:
                case Skipped(file):
                    tally.skipped.append(file)
                case Rejection():
                    tally.rejected.append(item)
                case ReadTrajectory():
                    _store(context, item, name, config, tally, reading.tick)
    finally:  # a stop keeps the rejections, too
        if tally.dataset_id is not None:
            with open_store(context.store) as db:
                datasets.add_rejections(db, tally.dataset_id, tally.rejected)
                if tally.trajectories:
                    datasets.set_config(db, tally.dataset_id, config)
    if new and tally.dataset_id is None:
        raise MorphError(_nothing(root, tally))
    return {
        "dataset": name,
        "frames": tally.frames,
        "trajectories": tally.trajectories,
        "already": tally.already,
        "mended": tally.mended,
        "rejected": [
            {"file": rejection.file, "reason": rejection.reason} for rejection in tally.rejected
        ],
        "skipped": tally.skipped,
        "done": _sentences(look),
        "warnings": [
            f"{each.name}: {warning}" for each in look.trajectories for warning in each.warnings
        ],
    }


def _sentences(look: ImportLook) -> list[str]:
    """What was done with the files, each sentence once."""
    said = dict.fromkeys(sentence for each in look.trajectories for sentence in each.done)
    return list(said)[:_SENTENCES]


def _store(
    context: Context,
    item: ReadTrajectory,
    name: str,
    config: Mapping[str, Any],
    tally: _Tally,
    tick: Callable[[str], None],
) -> None:
    """Store what is new of a trajectory, with its descriptors."""
    read = item.trajectory
    with open_store(context.store) as db:
        if tally.dataset_id is None:
            tally.dataset_id = _dataset(db, name, config)
        measured: list[Descriptors] = []
        if not growth.is_known(db, tally.dataset_id, read, item.source):
            measured = list(_measured(read, tick))  # before the write lock is taken: it takes long
        with writing(db):  # no frame without its descriptors
            stored = growth.store(
                db, tally.dataset_id, read, item.source, periodic=item.edges, taken=tally.taken
            )
            tally.taken.update([stored.trajectory_id, *stored.new_frames])
            _keep_properties(db, tally.dataset_id, item, stored)
            new = dict(stored.new_frames)
            if "periodic" in stored.updated:
                owner = stored.trajectory_id
                new[owner] = trajectories.frame_ids_of(db, owner)
                descriptors.forget(db, new[owner])
            for frame_ids in new.values():
                if stored.is_new and measured:
                    for part_of_it in measured:
                        rows = part_of_it.frame_ids
                        descriptors.add(db, replace(part_of_it, frame_ids=frame_ids[rows]))
                else:
                    _measure_stored(db, frame_ids)
    tally.frames += sum(len(frame_ids) for frame_ids in stored.new_frames.values())
    tally.trajectories += stored.is_new + (stored.apart is not None)
    tally.already += stored.already
    if stored.lengthened:
        tally.mended.append(f"{stored.name} is longer by {amount(stored.lengthened, 'frame')}.")
    if stored.apart is not None:
        tally.mended.append(f"What has changed of {stored.name} is stored as {stored.apart}.")
    if stored.updated:
        tally.mended.append(f"{stored.name} has other values now: {', '.join(stored.updated)}.")


def _dataset(db: Database, name: str, config: Mapping[str, Any]) -> int:
    """The data set of that name: a new one, unless a job beside this one has just made it."""
    with writing(db):
        try:
            return datasets.dataset(db, name).id
        except UnknownDataset:
            return datasets.create(db, name, "imported", config)


def _keep_properties(
    db: Database, dataset_id: int, item: ReadTrajectory, stored: growth.Stored
) -> None:
    """Store what a table beside the files says of single frames, in place of what it said."""
    known: dict[str, dict[int, properties.Value]] = {}
    rows: Iterator[tuple[int, Mapping[str, float], Mapping[str, str]]] = zip(
        stored.frame_ids.tolist(), item.frame_params, item.frame_labels, strict=False
    )  # none of these where there is no table
    for frame_id, params, labels in rows:
        if frame_id >= 0:  # else it is in a trajectory of its own
            said: dict[str, properties.Value] = {**params, **labels}
            for name, value in said.items():
                if item.trajectory.params.get(name) != value:  # else it is a parameter of the whole
                    known.setdefault(name, {})[frame_id] = value
    for name, values_by_frame in known.items():
        properties.put(db, dataset_id, name, values_by_frame)


def _measured(read: Trajectory, tick: Callable[[str], None]) -> Iterator[Descriptors]:
    """Measure frames that are not stored yet; their rows stand for their ids."""
    for start in range(0, len(read.frames), _CHUNK):
        tick(f"measuring {read.name}")
        gray = read.frames[start : start + _CHUNK]
        rows = np.arange(start, start + len(gray), dtype=np.int64)
        bits = framing.binarise(gray, read.threshold)
        yield measure.measure(
            rows,
            bits,
            periodic=read.periodic,
            periodic_y=read.periodic_y,
            contrast=contrast.measure(gray, read.composition_chi),
        )


def _measure_stored(db: Database, frame_ids: Int64[np.ndarray, " frames"]) -> None:
    for start in range(0, len(frame_ids), _CHUNK):
        chunk = frame_ids[start : start + _CHUNK]
        info = trajectories.frame_info(db, int(chunk[0])).trajectory
        gray = np.stack([trajectories.frame(db, frame_id) for frame_id in chunk.tolist()])
        measured = measure.measure(
            chunk,
            framing.binarise(gray, info.threshold),
            periodic=info.periodic,
            periodic_y=info.periodic_y,
            contrast=contrast.measure(gray, info.composition_chi),
        )
        descriptors.add(db, measured)


def dataset_name(root: Path, name: str | None) -> str:
    """The name of the data set that files go to: the one given, or else the file's or folder's.

    Raises:
        InvalidName: if it is given and above 100 characters.
    """
    if name is not None and name.strip():
        if len(name.strip()) > _NAME_LENGTH:
            raise InvalidName(f"A data set's name has up to {_NAME_LENGTH} characters.")
        return name.strip()
    own = root.name if root.is_dir() else trajectory_name(root.stem)  # of set.tar.gz: set
    return own.strip()[:_NAME_LENGTH] or "imported"


class _Reading:
    """Progress with the file at hand; a new file's name is shown only as often as one can read."""

    def __init__(self, context: Context, doing: str) -> None:
        self.context, self.doing = context, doing
        self.file = self.shown = ""
        self.since = self.share = 0.0

    def on_file(self, name: str) -> None:
        self.file = name

    def tick(self, stage: str) -> None:
        """Report that something is done that takes long, at the share of before."""
        self.context.progress(self.share, stage)

    def progress(self, share: float) -> None:
        now = time.monotonic()
        self.share = share
        if not self.shown or now - self.since >= WRITE_SECONDS:
            self.shown, self.since = self.file, now
        self.context.progress(share, f"{self.doing} {self.shown}")


def _nothing(root: Path, tally: _Tally) -> str:
    """The message for an import without any frame, with the first reasons."""
    if tally.rejected:
        first = " ".join(
            f"{rejection.file}: {rejection.reason}" for rejection in tally.rejected[:3]
        )
        more = len(tally.rejected) - 3
        rest = f" And {more:,} more." if more > 0 else ""
        return f"Nothing in {root.name} could be read. {first}{rest}"
    return f"{root.name} holds no frames. Accepted are {ACCEPTED}."
