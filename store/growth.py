"""Growing and mending: what was imported before is recognised, and only the rest is stored.

A trajectory that has grown is lengthened: new frames get their places by time, those that are there
keep their ids, and with them their latents and descriptors. A file whose contents have changed is
stored apart. Nothing is stored twice.

What is new is written first, where nobody sees it (`store.unfinished`), with its descriptors; then
one short transaction puts all of it in its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain, count

import numpy as np
from jaxtyping import Int64
from sqlite_utils import Database

from morphcore.types import Source
from store import descriptors, frame_rows, recognition, trajectories, unfinished
from store.db import writing
from store.staging import Insertion, Staged
from store.trajectory_facts import set_columns, update_facts


class Outdated(Exception):
    """The data set got or lost frames of the same trajectory since they were compared."""


def _none() -> Int64[np.ndarray, " frames"]:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Stored:
    """What became of a trajectory that was read."""

    # By trajectory, in time order; the import measures them.
    new_frames: Mapping[int, Int64[np.ndarray, " frames"]]
    trajectory_id: int  # the one that it is, was lengthened, or is new
    name: str  # of that one; not the one wished for where another has it
    is_new: bool = False
    lengthened: int = 0  # frames
    apart: str | None = None  # the name of the trajectory that holds what could not be inserted
    updated: tuple[str, ...] = ()  # parameters, labels or edges that have other values now
    # Of each frame that was read; -1 where it is not known which it is.
    frame_ids: Int64[np.ndarray, " frames"] = field(default_factory=_none)

    @property
    def already(self) -> bool:
        """Whether every frame was there."""
        return not self.new_frames


def publish(db: Database, dataset_id: int, new: Staged) -> Stored:
    """Put what was staged in its place, whole or not at all.

    Parameters and labels of a stored trajectory are brought up to what was read; so are its edges.

    Raises:
        Outdated: if another import changed what it was compared with; it has to be staged again.
        Dropped: if another job dropped meanwhile what this one has written.
    """
    read = new.read
    with writing(db):
        if new.new is not None:
            if recognition.with_source(db, dataset_id, new.source) - new.taken:
                raise Outdated
            name = _free_name(db, dataset_id, read.name)
            unfinished.publish(db, new.new, dataset_id, name)
            ids = trajectories.frame_ids_of(db, new.new)
            return Stored({new.new: ids}, new.new, name, is_new=True, frame_ids=ids)
        same, matching = new.same, new.matching
        assert same is not None  # as it is not new
        assert matching is not None
        owner = same.trajectory_id
        if not np.array_equal(trajectories.frame_ids_of(db, owner), same.frame_ids):
            raise Outdated
        ids = np.full(len(read.frames), -1, dtype=np.int64)
        again = matching.stored >= 0
        ids[matching.stored[again]] = same.frame_ids[again]
        elsewhere = recognition.frames_elsewhere(db, dataset_id, read, owner)
        for row in np.flatnonzero(ids < 0).tolist():
            ids[row] = elsewhere.get((read.sources[row].file, read.sources[row].sha256), -1)
        updated = update_facts(db, owner, read, new.edges)
        added: dict[int, Int64[np.ndarray, " frames"]] = {}
        if new.insertion is not None:
            inserted = _join(db, owner, new.insertion)
            added[owner] = ids[matching.new] = inserted
        other = None
        if new.apart is not None:
            other = _free_name(db, dataset_id, read.name)
            unfinished.publish(db, new.apart, dataset_id, other)
            added[new.apart] = ids[new.apart_rows] = trajectories.frame_ids_of(db, new.apart)
        if new.measured_again:
            descriptors.forget(db, same.frame_ids)
            for measured in new.measured_again:
                descriptors.add(db, measured)
        # The next import finds it at once.
        set_columns(db, owner, _source_columns(new.source))
    lengthened = len(added.get(owner, ()))
    return Stored(added, owner, same.name, False, lengthened, other, updated, ids)


def _join(db: Database, owner: int, insertion: Insertion) -> Int64[np.ndarray, " frames"]:
    unfinished.check(db, insertion.written)
    ids = frame_rows.join(
        db,
        owner,
        insertion.written,
        insertion.new_times,
        insertion.stored_times,
        insertion.time_unit,
    )
    unfinished.forget(db, insertion.written)
    return ids


def _source_columns(source: Source) -> dict[str, object]:
    return {
        "source_file": source.file,
        "source_size": source.size,
        "source_sha256": source.sha256,
    }


def _free_name(db: Database, dataset_id: int, wish: str) -> str:
    names = chain([wish], (f"{wish} ({number})" for number in count(2)))
    return next(name for name in names if not trajectories.has_trajectory(db, dataset_id, name))
