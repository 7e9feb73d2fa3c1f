"""Files of checkpoints, proved by their hashes: a damaged one is marked, the last good one found.

What is marked is passed over by `store.runs`: a training goes on from the newest good checkpoint,
and pages show the newest good index, where it is as complete. A file that was put back is good
again.
"""

import hashlib
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from sqlite_utils import Database

from morphcore.errors import MorphError
from store import checkpoints, runs
from store.checkpoints import Checkpoint
from store.db import checkpoints_folder, if_writable, open_store
from store.runs import IndexedRun, Run

UNREADABLE = "cannot be read"
_INDEX_AGAIN = "index the run again"


class DamagedModel(MorphError):
    """A run's indexed model cannot be used; the message says what can be done."""

    def __init__(self, words: str, run_id: int) -> None:
        super().__init__(words)
        self.run_id = run_id
        self.index_again = _INDEX_AGAIN in words


def path_of(store: Path, checkpoint: Checkpoint) -> Path:
    """The path of a checkpoint's file."""
    return checkpoints_folder(store) / checkpoint.file


def fault(store: Path, checkpoint: Checkpoint) -> str | None:
    """What is wrong with a checkpoint's file: "is missing" or "was changed or cut short"; None."""
    try:
        stat = path_of(store, checkpoint).stat()
    except OSError:
        return "is missing"
    if stat.st_size == checkpoint.size:
        try:
            if _sha256(path_of(store, checkpoint), stat.st_mtime_ns) == checkpoint.sha256:
                return None
        except OSError:
            return UNREADABLE
    return "was changed or cut short"


def is_good(store: Path, db: Database, checkpoint: Checkpoint) -> bool:
    """Whether a checkpoint's file is the one that was saved; marks what it finds in the store."""
    good = fault(store, checkpoint) is None
    if good is not (checkpoint.damaged is None):
        since = None if good else time.time()
        with if_writable():  # else it is found again
            db.execute("UPDATE checkpoints SET damaged = ? WHERE id = ?", [since, checkpoint.id])
    return good


def newest_good(store: Path, run_id: int) -> Checkpoint | None:
    """A run's newest checkpoint whose file is good; None where it has none. Marks damaged ones."""
    with open_store(store) as db:
        for checkpoint in checkpoints.of_run(db, run_id):
            if is_good(store, db, checkpoint):
                return checkpoint
    return None


def with_good_index(store: Path, run_id: int) -> IndexedRun:
    """The run with the index whose model is good, where one is as complete; marks damaged ones.

    Where none is, its index is of a damaged model: latents and maps of it are as good as ever.

    Raises:
        UnknownRun: if there is none.
        NotIndexed: if it has no latents yet.
    """
    marks: list[bool] = []
    with open_store(store) as db:
        while True:
            run = runs.indexed(db, run_id)
            looked_at = [
                each
                for each in checkpoints.of_run(db, run_id)
                if each.damaged is not None or each.id == run.index.checkpoint_id
            ]
            before, marks = marks, [each.damaged is None for each in looked_at]
            good = [is_good(store, db, each) for each in looked_at]
            if good == marks or marks == before:  # where nothing can be marked, nothing changes
                return run


def require_good_index(store: Path, run_id: int) -> IndexedRun:
    """As `with_good_index`, of a model that can be used.

    Raises:
        DamagedModel: if it cannot.
        UnknownRun, NotIndexed: as `with_good_index`.
    """
    run = with_good_index(store, run_id)
    with open_store(store) as db:
        indexed = checkpoints.by_id(db, run.index.checkpoint_id)
        good = is_good(store, db, indexed)
    if not good:
        raise DamagedModel(damage(store, run) or "", run_id)
    return run


def content(store: Path, run: Run, checkpoint: Checkpoint) -> bytes:
    """The bytes of a checkpoint's file, proved by its hash.

    Raises:
        DamagedModel: if it is not the very file that was saved.
    """
    try:
        read = path_of(store, checkpoint).read_bytes()
    except OSError:
        read = b""
    if hashlib.sha256(read).hexdigest() != checkpoint.sha256:
        with open_store(store) as db:
            is_good(store, db, checkpoint)
        raise DamagedModel(damage(store, run) or f"The model of {run.name} is damaged.", run.id)
    return read


def damage(store: Path, run: Run) -> str | None:
    """A sentence on a run's damaged models, and on the good one that is used; None without any."""
    with open_store(store) as db:
        every = checkpoints.of_run(db, run.id)
    used = run.index.checkpoint_id if run.index else run.checkpoint_id
    lost = [each for each in every if each.damaged is not None and each.id >= (used or 0)]
    if not lost:
        return None
    words = f"The model of {run.name} saved after epoch {lost[0].epoch} is damaged: "
    words += f"its file {lost[0].file} {fault(store, lost[0]) or 'was changed or cut short'}"
    return f"{words}; {_way_back(run, every, lost)}"


def _way_back(run: Run, every: Sequence[Checkpoint], lost: Sequence[Checkpoint]) -> str:
    good = next((each for each in every if each.damaged is None), None)
    if good is None:
        return (
            "there is no good one: put the file back, or train again. What was indexed with it"
            " can still be mapped, searched and compared."
        )
    last = f"the last good one, saved after epoch {good.epoch},"
    if run.index is not None and any(each.id == run.index.checkpoint_id for each in lost):
        return f"{_INDEX_AGAIN}, and {last} is used."
    return f"{last} is used."


@lru_cache(maxsize=256)
def _sha256(path: Path, _changed_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
