"""Import: trajectories from a folder or file into a data set, each stored as soon as it is read.

All files are looked at before anything is stored: what has to be decided first is asked for.
Importing the same again adds nothing, and what has grown is lengthened, for the hashes of its files
identify a trajectory and its frames; so a stopped import is continued by starting it once more.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from jobs.cluster.choice import ClusterError
from jobs.cluster.executor import chosen
from jobs.context import WRITE_SECONDS, Context, Paused, Stopped
from jobs.executors.base import Executor, InThisProcess
from jobs.import_store import Tally, store_item
from jobs.specs import ImportJob
from morphcore.errors import MorphError
from morphcore.progress import part
from morphcore.readers.grouping import trajectory_name
from morphcore.readers.limits import DEFAULT_LIMITS, UPLOAD_LIMITS, ReadLimits
from morphcore.readers.look import ImportLook
from morphcore.readers.options import ImportOptions
from morphcore.readers.read import read, survey
from morphcore.readers.results import ACCEPTED, ReadTrajectory, Skipped
from morphcore.types import Rejection
from store import datasets
from store.datasets import UnknownDataset
from store.db import InvalidName, StoreError, open_store
from store.fencing import NotOwner

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


def run(context: Context, spec: ImportJob) -> Mapping[str, Any]:
    """Read files into a data set; one of that name gets what it does not have yet.

    An upload's temporary copy is deleted when it is done, or cannot be read; it is kept where the
    job may go on: after a stop or a pause, on a full disk, without its cluster, and where another
    process took over.

    Raises:
        InvalidName: if the name is above 100 characters.
        ClusterError: if the cluster that was asked for cannot be used.
        ImportPathError: if there is no such path.
        OptionError: if an option is outside its accepted range.
        Undecided: if an option has to be given first; then nothing is stored.
        TooLong: if an upload takes more time than is accepted; what was stored stays.
        MorphError: if nothing in it can be read into a new data set.
        StoreError, NoRoom: if the disk is full; what was stored stays.
    """
    root = Path(spec.path)
    done_with_it = spec.cleanup
    limits = UPLOAD_LIMITS if spec.cleanup else DEFAULT_LIMITS
    try:
        with chosen(spec.cluster, InThisProcess()) as executor:
            name = dataset_name(root, spec.name)
            return _import(context, root, name, spec.options or {}, limits, executor)
    except (Stopped, Paused, StoreError, NotOwner, ClusterError):
        done_with_it = False
        raise
    finally:
        if done_with_it and root.is_file():
            root.unlink(missing_ok=True)


def _import(
    context: Context,
    root: Path,
    name: str,
    given: Mapping[str, Any],
    limits: ReadLimits,
    executor: Executor,
) -> Mapping[str, Any]:
    tally = Tally()
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
        limits=limits,
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
        limits=limits,
        scratch=context.store.resolve().parent,
    )
    try:
        for item in items:
            match item:
                case Skipped(file):
                    tally.skipped.append(file)
                case Rejection():
                    tally.rejected.append(item)
                case ReadTrajectory():
                    reading.doing = "measuring"
                    store_item(context, item, name, config, tally, executor)
                    reading.doing = "reading"
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
        self.since = 0.0

    def on_file(self, name: str) -> None:
        self.file = name

    def progress(self, share: float) -> None:
        now = time.monotonic()
        if not self.shown or now - self.since >= WRITE_SECONDS:
            self.shown, self.since = self.file, now
        self.context.progress(share, f"{self.doing} {self.shown}")


def _nothing(root: Path, tally: Tally) -> str:
    """The message for an import without any frame, with the first reasons."""
    if tally.rejected:
        first = " ".join(
            f"{rejection.file}: {rejection.reason}" for rejection in tally.rejected[:3]
        )
        more = len(tally.rejected) - 3
        rest = f" And {more:,} more." if more > 0 else ""
        return f"Nothing in {root.name} could be read. {first}{rest}"
    return f"{root.name} holds no frames. Accepted are {ACCEPTED}."
