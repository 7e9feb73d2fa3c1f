"""Import: trajectories from a folder or file into a data set, each stored as soon as it is read.

All files are looked at before anything is stored: what has to be decided first is asked for.
Importing the same again adds nothing, for the hash of its files identifies a trajectory; so a
stopped import is continued by starting it once more.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from jobs.context import WRITE_SECONDS, Context, Paused
from jobs.specs import ImportJob
from morphcore import frames as framing
from morphcore.descriptors import measure
from morphcore.errors import MorphError
from morphcore.progress import part
from morphcore.readers.look import ImportLook
from morphcore.readers.options import ImportOptions
from morphcore.readers.read import read, survey
from morphcore.readers.results import ACCEPTED, ReadTrajectory, Skipped
from morphcore.types import Rejection
from store import datasets, descriptors, trajectories
from store.datasets import UnknownDataset
from store.db import InvalidName, open_store, writing
from wording.numbers import free_name

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
    already: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def run(context: Context, spec: ImportJob) -> Mapping[str, Any]:
    """Read files into a data set; one of that name gets what it does not have yet.

    An upload's temporary copy is deleted however the job ends, but for a pause, after which it is
    needed again.

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
        return _import(context, root, _dataset_name(root, spec.name), spec.options or {})
    except Paused:
        done_with_it = False
        raise
    finally:
        if done_with_it and root.is_file():
            root.unlink(missing_ok=True)


def _import(
    context: Context, root: Path, name: str, given: Mapping[str, Any]
) -> Mapping[str, Any]:
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
    config = {**before, "options": options.as_json(), "done": _sentences(look)}
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
                    _store(context, item, name, {"source": root.name, **config}, tally)
    finally:  # a stop keeps the rejections, too
        if tally.dataset_id is not None:
            with open_store(context.store) as db:
                datasets.add_rejections(db, tally.dataset_id, tally.rejected)
                if tally.trajectories:
                    datasets.set_config(db, tally.dataset_id, {"source": root.name, **config})
    if new and tally.dataset_id is None:
        raise MorphError(_nothing(root, tally))
    return {
        "dataset": name,
        "frames": tally.frames,
        "trajectories": tally.trajectories,
        "already": tally.already,
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
    context: Context, item: ReadTrajectory, name: str, config: Mapping[str, Any], tally: _Tally
) -> None:
    """Add one trajectory with its descriptors, unless its files were imported before."""
    with open_store(context.store) as db:
        if tally.dataset_id is None:
            tally.dataset_id = datasets.create(db, name, "imported", config)
        dataset_id = tally.dataset_id
        if trajectories.has_source(db, dataset_id, item.source.sha256):
            tally.already += 1
            return
        given = item.trajectory
        taken = partial(trajectories.has_trajectory, db, dataset_id)
        trajectory = replace(given, name=free_name(given.name, taken, "{} ({})"))
        bits = framing.binarise(trajectory.frames)
        with writing(db):  # no frame without its descriptors
            trajectory_id = trajectories.add(db, dataset_id, trajectory, item.source)
            frame_ids = trajectories.frame_ids_of(db, trajectory_id)
            measured = measure.measure(frame_ids, bits, periodic=trajectory.periodic)
            descriptors.add(db, measured)
    tally.trajectories += 1
    tally.frames += len(trajectory.frames)


def _dataset_name(root: Path, name: str | None) -> str:
    if name is not None and name.strip():
        if len(name.strip()) > _NAME_LENGTH:
            raise InvalidName(f"A data set's name has up to {_NAME_LENGTH} characters.")
        return name.strip()
    return (root.name if root.is_dir() else root.stem).strip()[:_NAME_LENGTH] or "imported"


class _Reading:
    """Progress with the file at hand; a new file's name is shown only as often as one can read."""

    def __init__(self, context: Context, doing: str) -> None:
        self.context, self.doing = context, doing
        self.file = self.shown = ""
        self.since = 0.0

    def on_file(self, name: str) -> None:
        self.file = name

    def progress(self, share: float) -> None:
        now = time.monotonic()
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
