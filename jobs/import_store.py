"""A trajectory of an import, stored: written and measured unseen, then put in its place at once."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlite_utils import Database

from jobs.context import Context
from jobs.executors.base import Executor
from morphcore.descriptors import measure
from morphcore.errors import MorphError
from morphcore.progress import Progress
from morphcore.readers.results import ReadTrajectory
from morphcore.types import Rejection
from store import datasets, growth, properties, staging
from store.datasets import UnknownDataset
from store.db import open_store, writing
from store.unfinished import Chunk, Mapped, Measure, Prepared
from wording.numbers import amount


@dataclass
class Tally:
    """The counts of an import so far."""

    dataset_id: int | None = None  # None: to be made with its first trajectory
    frames: int = 0
    trajectories: int = 0
    already: int = 0  # trajectories of which nothing was new
    mended: list[str] = field(default_factory=list)  # what became of others that were there
    taken: set[int] = field(default_factory=set)  # trajectories that something read belongs to
    rejected: list[Rejection] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def store_item(
    context: Context,
    item: ReadTrajectory,
    name: str,
    config: Mapping[str, Any],
    tally: Tally,
    executor: Executor,
) -> None:
    """Store what is new of a trajectory, with its descriptors and properties, in the data set.

    A data set of that name is made where there is none yet. The executor encodes and measures.

    Raises:
        MorphError: if the data set was deleted meanwhile.
        Dropped: if this job counted as ended, and another one dropped what it had written.
        Stopped, Paused: on request; then nothing of this trajectory is stored.
    """
    with open_store(context.store) as db:
        stored = None
        while stored is None:
            stored = _stored(db, context, item, name, config, tally, executor)
    tally.taken.update([stored.trajectory_id, *stored.new_frames])
    tally.frames += sum(len(frame_ids) for frame_ids in stored.new_frames.values())
    tally.trajectories += stored.is_new + (stored.apart is not None)
    tally.already += stored.already
    if stored.lengthened:
        tally.mended.append(f"{stored.name} is longer by {amount(stored.lengthened, 'frame')}.")
    if stored.apart is not None:
        tally.mended.append(f"What has changed of {stored.name} is stored as {stored.apart}.")
    if stored.updated:
        tally.mended.append(f"{stored.name} has other values now: {', '.join(stored.updated)}.")


def _stored(
    db: Database,
    context: Context,
    item: ReadTrajectory,
    name: str,
    config: Mapping[str, Any],
    tally: Tally,
    executor: Executor,
) -> growth.Stored | None:
    """Write a trajectory and publish it; None where another import came between the two."""
    with staging.staged(
        db,
        tally.dataset_id,
        item.trajectory,
        item.source,
        job_id=context.job_id,
        measure=measure.measure,
        edges=item.edges,
        taken=tally.taken,
        progress=item.storing,
        mapped=_mapped(context, executor),
    ) as new:
        try:
            with writing(db):
                dataset_id = _dataset(db, tally.dataset_id, name, config)
                stored = growth.publish(db, dataset_id, new)
                _keep_properties(db, dataset_id, item, stored)
        except growth.Outdated:
            with suppress(UnknownDataset):  # the other import may have made it
                tally.dataset_id = tally.dataset_id or datasets.dataset(db, name).id
            return None
    tally.dataset_id = dataset_id
    return stored


def _mapped(context: Context, executor: Executor) -> Mapped:
    """The chunks of a trajectory prepared by an executor."""

    def mapped(
        function: Callable[[Measure | None, Chunk, Progress], Prepared],
        chunks: Iterator[Chunk],
        measure: Measure | None,
        progress: Progress,
    ) -> Generator[Prepared, None, None]:
        def report(shares: list[float], note: str | None = None) -> None:
            if note:
                context.say(note)
            progress(sum(shares))

        return executor.map(function, chunks, shared=measure, report=report)

    return mapped


def _dataset(db: Database, known: int | None, name: str, config: Mapping[str, Any]) -> int:
    """The data set that is imported into; it is made together with its first trajectory.

    A job beside this one may have made it meanwhile.
    """
    if known is None:
        try:
            return datasets.dataset(db, name).id
        except UnknownDataset:
            return datasets.create(db, name, "imported", config)
    try:
        return datasets.by_id(db, known).id
    except UnknownDataset as err:
        raise MorphError("The data set was deleted while files were imported into it.") from err


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
