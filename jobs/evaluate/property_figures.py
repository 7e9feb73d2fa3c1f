"""Properties predicted from neighbours, for every data set that a run has indexed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import Float64, Int64
from sqlite_utils import Database

from jobs.context import Context
from jobs.evaluate import frame_sets
from morphcore.errors import MorphError
from morphcore.evaluation import properties as judging
from morphcore.evaluation import property_baselines
from morphcore.evaluation.properties import UNGROUPED, Judged, TooFewValues
from morphcore.evaluation.property_result import PropertyFigures
from morphcore.evaluation.protocol import FrameSet
from morphcore.frames import evenly, rows_of
from morphcore.progress import Progress, ignore, part
from morphcore.statistics.nearest import Rows
from morphcore.types import Latents
from store import attached, datasets, descriptors, latents, properties, runs, trajectories
from store.datasets import Dataset
from store.db import open_store
from store.runs import IndexedRun

CELL, TRAJECTORY = "cell", "trajectory"  # groups that every data set has
MOST_FRAMES = 4000  # evenly chosen: neighbours in time are nearly the same picture


@dataclass
class Predicted:
    """Figures of properties, and notes on what was left out."""

    figures: tuple[PropertyFigures, ...] = ()
    notes: list[str] = field(default_factory=list)


def of_run(context: Context, run: IndexedRun, group: str, seed: int) -> Predicted:
    """Judge every numeric property of a run's data set, and of those that its model looks at.

    A data set other than the run's own that lacks the property to group by is grouped by cell.
    """
    with open_store(context.store) as db:
        indexed = [
            datasets.by_id(db, dataset_id)
            for dataset_id in (run.dataset_id, *_attached(db, run))
            if _numeric(db, dataset_id)
        ]
    predicted = Predicted()
    for order, dataset in enumerate(indexed):

        def telling(share: float, order: int = order, name: str = dataset.name) -> None:
            context.progress((order + share) / len(indexed), f"predicting properties of {name}")

        with open_store(context.store) as db:
            own = group if group in groups(db, dataset.id) else CELL
        of_set = of_dataset(context.store, run, dataset, own, seed=seed, progress=telling)
        predicted.figures += of_set.figures
        predicted.notes += of_set.notes
    return predicted


def of_dataset(
    store: Path,
    run: IndexedRun,
    dataset: Dataset,
    group: str,
    *,
    only: str | None = None,
    seed: int = 0,
    progress: Progress = ignore,
) -> Predicted:
    """Judge the numeric properties of a data set, or one, by the latents that a run has of it.

    Raises:
        MorphError: if the data set has no such property or group, or the run no latents of it.
    """
    notes: list[str] = []
    with open_store(store) as db:
        check_group(db, dataset.id, group)
        names = [only] if only is not None else _numeric(db, dataset.id)
        wanted = {name: numbers(db, dataset, name) for name in names}
        frame_set = _frame_set(db, run, dataset, notes)
        encoded = _encoded(db, run, dataset)
        codes = group_codes(db, dataset.id, group, frame_set)
    chosen: dict[str, Judged] = {}
    for name, column in wanted.items():
        values = column.values[rows_of(column.frame_ids, frame_set.frame_ids)]
        try:
            chosen[name] = judging.judged(values, codes)
        except TooFewValues as err:
            notes.append(f"{name} of {dataset.name} is not judged. {err}")
    if not chosen:
        return Predicted((), notes)
    coords = encoded.mean[rows_of(encoded.frame_ids, frame_set.frame_ids)].astype(np.float64)
    measuring, predicting = part(progress, 0.0, 0.7), part(progress, 0.7, 1.0)
    embeddings: dict[str, Rows] = {"model": coords}
    embeddings |= property_baselines.embed(frame_set, seed=seed, progress=measuring)
    figures = []
    for order, (name, of_which) in enumerate(chosen.items()):
        span = order / len(chosen), (order + 1) / len(chosen)
        r2 = judging.r_squared_of_all(
            embeddings, of_which, seed=seed, progress=part(predicting, *span)
        )
        figures.append(
            PropertyFigures(
                name=name,
                dataset=dataset.name,
                group=group,
                frames=len(of_which.rows),
                groups=of_which.group_count,
                model=r2.pop("model"),
                baselines=r2,
            )
        )
    return Predicted(tuple(figures), notes)


def numbers(db: Database, dataset: Dataset, name: str) -> properties.FrameProperty:
    """A property of numbers.

    Raises:
        MorphError: if the data set has none of that name; the message lists those that there are.
    """
    column = properties.values(db, dataset.id, name)
    if column is None or not column.is_number:
        there = ", ".join(_numeric(db, dataset.id)) or "none yet"
        raise MorphError(f"{dataset.name} has no property {name!r} of numbers; there are: {there}.")
    return column


def groups(db: Database, dataset_id: int) -> Sequence[str]:
    """What frames of a data set can be grouped by: the names that `--group` accepts."""
    return [CELL, TRAJECTORY, *(known.name for known in properties.of_dataset(db, dataset_id))]


def check_group(db: Database, dataset_id: int, group: str) -> None:
    """Check that a data set's frames can be grouped so.

    Raises:
        MorphError: if they cannot; the message lists what is accepted.
    """
    if group not in (CELL, TRAJECTORY) and group not in (there := groups(db, dataset_id)):
        raise MorphError(
            f"There is no property {group!r} to group by; accepted: {', '.join(there)}."
        )


def group_codes(
    db: Database, dataset_id: int, group: str, frame_set: FrameSet
) -> Int64[np.ndarray, " frames"]:
    """A number for each frame's group; `UNGROUPED` where that is not known.

    A cell is equal physics and parameters: by the text that says so, else by (phi, chi), else it is
    the trajectory.
    """
    if group == TRAJECTORY:
        return frame_set.trajectory_ids
    if group == CELL:
        infos = trajectories.trajectories(db, dataset_id)
        names: Mapping[int, object] = {
            info.id: info.cell
            or ((info.phi, info.chi) if None not in (info.phi, info.chi) else info.id)
            for info in infos
        }
        number_of = {name: number for number, name in enumerate(dict.fromkeys(names.values()))}
        owners = frame_set.trajectory_ids.tolist()
        return np.array([number_of[names[owner]] for owner in owners], dtype=np.int64)
    column = properties.values(db, dataset_id, group)
    assert column is not None
    values: Float64[np.ndarray, " frames"]
    values = column.values[rows_of(column.frame_ids, frame_set.frame_ids)]
    codes = np.full(len(values), UNGROUPED, dtype=np.int64)
    known = np.isfinite(values)
    codes[known] = np.unique(values[known], return_inverse=True)[1]
    return codes


def _numeric(db: Database, dataset_id: int) -> list[str]:
    return [known.name for known in properties.of_dataset(db, dataset_id) if known.is_number]


def _attached(db: Database, run: IndexedRun) -> list[int]:
    """The other data sets that the indexed model looks at."""
    return [each.dataset_id for each in attached.of_checkpoint(db, run.index.checkpoint_id)]


def _encoded(db: Database, run: IndexedRun, dataset: Dataset) -> Latents:
    """The latents that a run's indexed model has of a data set."""
    checkpoint_id = run.index.checkpoint_id
    if dataset.id == run.dataset_id:
        return latents.of_checkpoint(db, checkpoint_id)
    return attached.latents_of(db, checkpoint_id, dataset.id).latents


def _frame_set(db: Database, run: IndexedRun, dataset: Dataset, notes: list[str]) -> FrameSet:
    """The separated frames of a data set that a run has encoded, evenly chosen of many."""
    if len(descriptors.missing(db, dataset.id)):
        raise MorphError(f"Not all frames of {dataset.name} are measured yet; index it first.")
    encoded = _encoded(db, run, dataset)
    whole, _ = frame_sets.of_datasets(db, [dataset.id], frame_sets.Numbers(), "contrast")
    there = np.flatnonzero(np.isin(whole.frame_ids, encoded.frame_ids))
    if not len(there):
        raise MorphError(
            f"{run.name} has no latents of {dataset.name} that have separated; index it first."
        )
    if len(there) > MOST_FRAMES:
        notes.append(
            f"Properties are predicted of {MOST_FRAMES:,} of {len(there):,} frames of"
            f" {dataset.name}, evenly chosen."
        )
    return whole[there[evenly(len(there), MOST_FRAMES)]]


def predict(
    store: Path, run_id: int, dataset_name: str, name: str, group: str, *, seed: int = 0
) -> dict[str, object]:
    """Judge one property of a data set in a run's latents and in the baselines, as JSON.

    Raises:
        UnknownRun, NotIndexed, UnknownDataset: if there is none.
        MorphError: if there is no such property or group, or too little is known.
    """
    with open_store(store) as db:
        run = runs.indexed(db, run_id)
        dataset = datasets.dataset(db, dataset_name)
    predicted = of_dataset(store, run, dataset, group, only=name, seed=seed)
    if not predicted.figures:
        raise MorphError(predicted.notes[-1])
    return {"run": run_id, **predicted.figures[0].to_json(), "notes": predicted.notes}
