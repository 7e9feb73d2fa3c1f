"""Stored data as files that other tools read: CSV, npz and the checkpoint itself."""

import csv
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from sqlite_utils import Database

from jobs import film_export, report
from jobs.context import JobError
from morphcore import similarity
from morphcore.types import FRAME_SHAPE
from store import datasets as dataset_table
from store import latents, projections, runs, trajectories
from store.db import checkpoints_folder, open_store

WHAT = ("frames", "latents", "map", "neighbours", "model", "report", "movie", "strip")
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
    """Write one kind of data to `out`, whole or not at all.

    `frames` (of a data set, or of a run's): npz with frames uint8 [N 100 400], frame_id,
    trajectory, index, time, phi, chi, periodic. `latents`, `map`, `neighbours` (of a run): CSV, a
    row a frame. `model`: the checkpoint file, and beside it a card, OUT.md, that says what it is.
    `report`: all of a run in one HTML file. `movie`, `strip` (of one trajectory of a data set): its
    frames as GIF or MP4, `rate` a second; some of them, `frames` being indices, as one PNG.

    Raises:
        JobError: if `out` exists or cannot be written, or there is nothing of the kind.
    """
    if out.exists():
        raise JobError(f"{out} exists already; choose another name.")
    if not out.parent.is_dir():
        raise JobError(f"The folder {out.parent} does not exist.")
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
            rows = _frames(db, dataset_table.dataset(db, str(dataset)).id, out)
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
        elif what == "latents":
            rows = _latents(db, run.indexed_id, out)
        elif what == "map":
            rows = _map(db, run.indexed_id, out)
        else:
            rows = _neighbours(db, run.dataset_id, run.indexed_id, out)
    return {"file": str(out), "what": what, "run": run_id, "rows": rows}


def _frames(db: Database, dataset_id: int, out: Path) -> int:
    table = trajectories.frame_table(db, dataset_id)
    infos = {each.id: each for each in trajectories.trajectories(db, dataset_id)}
    owners = [infos[each] for each in table.trajectory_ids.tolist()]
    gray = np.empty((len(table.frame_ids), *FRAME_SHAPE), dtype=np.uint8)
    for place, frame_id in enumerate(table.frame_ids.tolist()):
        gray[place] = trajectories.frame(db, frame_id)
    nan = float("nan")
    with _whole(out) as part, part.open("wb") as file:
        np.savez_compressed(
            file,
            frames=gray,
            frame_id=table.frame_ids,
            trajectory=np.array([owner.name for owner in owners]),
            index=table.index,
            time=table.time,
            phi=np.array([nan if owner.phi is None else owner.phi for owner in owners]),
            chi=np.array([nan if owner.chi is None else owner.chi for owner in owners]),
            periodic=np.array([owner.periodic for owner in owners]),
        )
    return len(gray)


def _latents(db: Database, checkpoint_id: int, out: Path) -> int:
    stored = latents.of_checkpoint(db, checkpoint_id)
    dims = range(stored.mean.shape[1])
    header = ["frame_id", *(f"mean_{d}" for d in dims), *(f"logvar_{d}" for d in dims)]
    rows = (
        [frame_id, *mean, *logvar]
        for frame_id, mean, logvar in zip(
            stored.frame_ids.tolist(), stored.mean.tolist(), stored.logvar.tolist(), strict=True
        )
    )
    return _csv(out, header, rows)


def _map(db: Database, checkpoint_id: int, out: Path) -> int:
    maps = projections.of_checkpoint(db, checkpoint_id)
    if not maps:
        raise JobError("No map of this model is stored; draw one with: python -m jobs map --run N")

    def rows() -> Iterator[list[Any]]:
        for each in maps:
            points = projections.points(db, each.id)
            for frame_id, (x, y) in zip(
                points.frame_ids.tolist(), points.coords.tolist(), strict=True
            ):
                yield [each.id, each.config.method, each.config.every, frame_id, x, y]

    return _csv(out, ["map", "method", "every", "frame_id", "x", "y"], rows())


def _neighbours(db: Database, dataset_id: int, checkpoint_id: int, out: Path) -> int:
    """The nearest frames of other trajectories, for every indexed frame."""
    stored = latents.of_checkpoint(db, checkpoint_id)
    table = trajectories.frame_table(db, dataset_id)
    owner = dict(zip(table.frame_ids.tolist(), table.trajectory_ids.tolist(), strict=True))
    owners = np.array([owner[each] for each in stored.frame_ids.tolist()], dtype=np.int64)
    pairs = similarity.pair_distances(stored, seed=0)

    def rows() -> Iterator[list[Any]]:
        for frame_id, mean, own in zip(stored.frame_ids, stored.mean, owners, strict=True):
            found = similarity.nearest(mean, stored, NEIGHBOURS, allowed=owners != own, pairs=pairs)
            for rank, near in enumerate(found, start=1):
                yield [int(frame_id), rank, near.frame_id, near.distance, near.percentile]

    header = ["frame_id", "rank", "neighbour_frame_id", "distance", "percentile"]
    return _csv(out, header, rows())


def _csv(out: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    count = 0
    with _whole(out) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


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
