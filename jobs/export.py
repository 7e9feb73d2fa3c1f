"""Stored data as files that other tools read: tables, pictures, a report, the model itself."""

import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from sqlite_utils import Database

from jobs import film_export, frame_facts, report, table_file
from jobs.context import JobError
from jobs.table_file import ENDINGS, Columns
from morphcore import similarity
from morphcore.types import FRAME_SHAPE
from store import datasets as dataset_table
from store import latents, projections, runs, trajectories
from store.db import checkpoints_folder, open_store
from store.runs import Run

TABLES = ("frames", "latents", "map", "neighbours")
WHAT = (*TABLES, "model", "report", "movie", "strip")
NEIGHBOURS = 5


def export(
    store: Path,
    what: str,
    out: Path,
    *,
    run_id: int | None = None,
    dataset: str | None = None,
    trajectory: str | None = None,
    rate: int = 20,
    frames: str | None = None,
) -> dict[str, Any]:
    """Write one kind of data to `out`, whole or not at all, in the form that its ending names.

    `latents`, `map`, `neighbours` (of a run): a table, a row a frame, as CSV, Parquet or npz.
    `frames` (of a data set, or of a run's): the same with what is known of each frame, as CSV or
    Parquet; as npz with its picture, frames uint8 [N 100 400], beside it. `model`: the checkpoint
    file, and beside it a card, OUT.md, that says what it is. `report`: a run in one HTML file.
    `movie`, `strip` (of one trajectory of a data set): its frames as GIF or MP4, `rate` a second;
    some of them, `frames` being indices, as one PNG.

    Raises:
        JobError: if `out` exists or cannot be written, or there is nothing of the kind.
    """
    if out.exists():
        raise JobError(f"{out} exists already; choose another name.")
    if not out.parent.is_dir():
        raise JobError(f"The folder {out.parent} does not exist.")
    if what in TABLES and out.suffix not in ENDINGS:
        raise JobError(f"{what} are written as {', '.join(ENDINGS)}, told by the end of OUT.")
    if what in ("movie", "strip"):
        made, count = film_export.written(
            store,
            what,
            out.suffix.lower(),
            dataset=dataset,
            trajectory=trajectory,
            rate=rate,
            frames=frames,
        )
        with _whole(out) as part:
            part.write_bytes(made)
        return {"file": str(out), "what": what, "trajectory": trajectory, "frames": count}
    with open_store(store) as db:
        if what == "frames":
            if run_id is not None:
                dataset = runs.run(db, run_id).dataset
            dataset_id = dataset_table.dataset(db, str(dataset)).id
            rows = _write(_frames(db, dataset_id, pictures=out.suffix == ".npz"), out)
            return {"file": str(out), "what": what, "dataset": dataset, "rows": rows}
        if run_id is None:
            raise JobError(f"{what} belong to a model; say which with --run.")
        run = runs.run(db, run_id)
        if run.indexed_id is None or not run.latents:
            raise JobError(f"Run {run_id} has no latents yet; index it first.")
        if what == "model":
            saved = runs.checkpoint(db, run.indexed_id)
            with _whole(out) as part:
                shutil.copyfile(checkpoints_folder(store) / saved.file, part)
            with _whole(out.with_name(f"{out.name}.md")) as part:
                part.write_text(report.card(db, run), encoding="utf-8")
            rows = 1
        elif what == "report":
            with _whole(out) as part:
                part.write_text(report.html(db, run), encoding="utf-8")
            rows = 1
        else:
            rows = _write(table(db, what, run), out)
    return {"file": str(out), "what": what, "run": run_id, "rows": rows}


def table(db: Database, what: str, run: Run) -> Columns:
    """The latents, the maps or the neighbours of an indexed run.

    Raises:
        JobError: if there is nothing of the kind.
    """
    if run.indexed_id is None:
        raise JobError(f"Run {run.id} has no latents yet; index it first.")
    if what == "latents":
        return _latents(db, run.indexed_id)
    if what == "map":
        return _map(db, run.indexed_id)
    return _neighbours(db, run.dataset_id, run.indexed_id)


def model_with_card(store: Path, run: Run) -> bytes:
    """A zip file of an indexed run's model and the card that says what it is.

    Raises:
        JobError: if the model is missing.
    """
    file = io.BytesIO()
    with open_store(store) as db:
        saved = runs.checkpoint(db, run.indexed_id or 0)
        card = report.card(db, run)
    try:
        with zipfile.ZipFile(file, "w") as archive:
            archive.write(checkpoints_folder(store) / saved.file, f"{run.name}.pt")
            archive.writestr(f"{run.name}.md", card)
    except OSError as err:
        raise JobError(f"The model of {run.name} is missing: {saved.file}.") from err
    return file.getvalue()


def _frames(db: Database, dataset_id: int, *, pictures: bool) -> Columns:
    facts = frame_facts.facts(db, dataset_id)
    if not pictures:
        return facts
    ids = np.asarray(facts["frame_id"]).tolist()
    gray = np.empty((len(ids), *FRAME_SHAPE), dtype=np.uint8)
    for place, frame_id in enumerate(ids):
        gray[place] = trajectories.frame(db, frame_id)
    return {"frames": gray, **facts}


def _latents(db: Database, checkpoint_id: int) -> Columns:
    stored = latents.of_checkpoint(db, checkpoint_id)
    return {"frame_id": stored.frame_ids, "mean": stored.mean, "logvar": stored.logvar}


def _map(db: Database, checkpoint_id: int) -> Columns:
    maps = projections.of_checkpoint(db, checkpoint_id)
    if not maps:
        raise JobError("No map of this model is stored; draw one with: python -m jobs map --run N")
    points = [projections.points(db, each.id) for each in maps]
    counts = [len(each.frame_ids) for each in points]
    coords = np.concatenate([each.coords for each in points])
    return {
        "map": np.repeat([each.id for each in maps], counts),
        "method": np.repeat([each.config.method for each in maps], counts),
        "every": np.repeat([each.config.every for each in maps], counts),
        "frame_id": np.concatenate([each.frame_ids for each in points]),
        "x": coords[:, 0],
        "y": coords[:, 1],
    }


def _neighbours(db: Database, dataset_id: int, checkpoint_id: int) -> Columns:
    """The nearest frames of other trajectories, for every indexed frame."""
    stored = latents.of_checkpoint(db, checkpoint_id)
    table = trajectories.frame_table(db, dataset_id)
    owner = dict(zip(table.frame_ids.tolist(), table.trajectory_ids.tolist(), strict=True))
    owners = np.array([owner[each] for each in stored.frame_ids.tolist()], dtype=np.int64)
    pairs = similarity.pair_distances(stored, seed=0)
    return table_file.columns(
        {
            "frame_id": int(frame_id),
            "rank": rank,
            "neighbour_frame_id": near.frame_id,
            "distance": near.distance,
            "percentile": near.percentile,
        }
        for frame_id, mean, own in zip(stored.frame_ids, stored.mean, owners, strict=True)
        for rank, near in enumerate(
            similarity.nearest(mean, stored, NEIGHBOURS, allowed=owners != own, pairs=pairs), 1
        )
    )


def _write(columns: Columns, out: Path) -> int:
    with _whole(out) as part:
        return table_file.write(columns, part, out.suffix)


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """A temporary file beside `out` that takes its name only when all of it was written."""
    try:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".morph-") as folder:
            part = Path(folder) / out.name
            yield part
            part.rename(out)
    except OSError as err:
        raise JobError(f"{out} cannot be written: {err.strerror or err}.") from err
