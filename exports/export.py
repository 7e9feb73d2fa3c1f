"""Stored data as files that other tools read: tables, pictures, a report, the model itself."""

import io
import zipfile
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from exports import model_card, model_files, report, run_charts, table_files, vega
from exports import trajectory as trajectory_export
from exports.files import require_new, written
from exports.model_files import MODEL_FILES
from exports.run_charts import CHARTS
from exports.table_files import ENDINGS, Columns
from exports.tables import TABLES, frame_rows, table
from morphcore.errors import MorphError
from store import checkpoint_files, checkpoints, datasets, runs
from store.db import open_store
from store.runs import IndexedRun
from wording.escapes import file_name

WHAT = (*TABLES, "model", *MODEL_FILES, "report", "movie", "strip", *CHARTS)


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
    file, and beside it its model card, OUT.md; `onnx`, `safetensors`: its encoder, its weights, as
    other programs read them (`exports.model_files`). `report`: a run in one HTML file.
    `movie`, `strip` (of one trajectory of a data set): its frames as GIF or MP4, `rate` a second;
    some of them, `frames` being indices, as one PNG. `chart-...` (of a run): one of the pages'
    charts as SVG or PNG.

    Raises:
        MorphError: if `out` exists or cannot be written, or there is nothing of the kind.
    """
    require_new(out)
    if what in TABLES and out.suffix not in ENDINGS:
        raise MorphError(f"{what} are written as {', '.join(ENDINGS)}, by the end of OUT.")
    if what in CHARTS and out.suffix not in vega.ENDINGS:
        raise MorphError(f"A chart's file ends in {' or '.join(vega.ENDINGS)}.")
    if what in ("movie", "strip"):
        made, count = trajectory_export.render(
            store,
            what,
            out.suffix.lower(),
            dataset=dataset,
            trajectory=trajectory,
            rate=rate,
            frames=frames,
        )
        with written(out) as part:
            part.write_bytes(made)
        return {"file": str(out), "what": what, "trajectory": trajectory, "frames": count}
    with open_store(store) as db:
        if what == "frames":
            if run_id is not None:
                dataset = runs.run(db, run_id).dataset
            dataset_id = datasets.dataset(db, str(dataset)).id
            rows = _write(frame_rows(db, dataset_id, pictures=out.suffix == ".npz"), out)
            return {"file": str(out), "what": what, "dataset": dataset, "rows": rows}
        if run_id is None:
            raise MorphError(f"{what} belong to a model; say which with --run.")
        if what in CHARTS:
            spec = run_charts.chart(db, what, runs.run(db, run_id)).spec
            with written(out) as part:
                part.write_bytes(vega.image(spec, out.suffix))
            return {"file": str(out), "what": what, "run": run_id}
        run = runs.indexed(db, run_id)
        if what == "model":
            run = checkpoint_files.require_good_index(store, run_id)
            with written(out) as part:
                part.write_bytes(_model(store, db, run))
            with written(out.with_name(f"{out.name}.md")) as part:
                part.write_text(model_card.card(db, run), encoding="utf-8")
            rows = 1
        elif what in MODEL_FILES:
            return {"file": str(out), "what": what, "run": run_id} | _for_others(
                store, db, checkpoint_files.require_good_index(store, run_id), what, out
            )
        elif what == "report":
            with written(out) as part:
                part.write_text(report.html(db, run), encoding="utf-8")
            rows = 1
        else:
            rows = _write(table(db, what, run), out)
    return {"file": str(out), "what": what, "run": run_id, "rows": rows}


def model_with_card(store: Path, run: IndexedRun) -> bytes:
    """Zip an indexed run's model with its model card.

    Raises:
        DamagedModel: if its file is missing or changed.
    """
    file = io.BytesIO()
    run = checkpoint_files.require_good_index(store, run.id)
    name = file_name(run.name)
    with open_store(store) as db, zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{name}.pt", _model(store, db, run))
        archive.writestr(f"{name}.md", model_card.card(db, run))
    return file.getvalue()


def _model(store: Path, db: Database, run: IndexedRun) -> bytes:
    """The file of an indexed run's model, read once and proved.

    Raises:
        DamagedModel: if it is not the very file that was saved.
    """
    saved = checkpoints.by_id(db, run.index.checkpoint_id)
    return checkpoint_files.content(store, run, saved)


def _for_others(
    store: Path, db: Database, run: IndexedRun, what: str, out: Path
) -> dict[str, float]:
    """Write an indexed run's model for other programs; figures of what was written."""
    from morphcore.training import checkpoint  # with torch

    saved = checkpoints.by_id(db, run.index.checkpoint_id)
    read = checkpoint.load(checkpoint_files.path_of(store, saved), saved.sha256)
    if what == "onnx":
        names = {"run": run.name, "checkpoint_sha256": saved.sha256}
        return {"largest_difference": model_files.write_onnx(read, out, names)}
    model_files.write_safetensors(read, out)
    return {}


def _write(columns: Columns, out: Path) -> int:
    with written(out) as part:
        return table_files.write(columns, part, out.suffix)
