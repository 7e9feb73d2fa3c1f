"""Latents with the facts of their frames, as a table, a file, or an xarray data set."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exports import frame_table, table_files, tables
from exports.files import require_new, written
from morphcore.errors import MorphError
from store import datasets
from store.checkpoints import Checkpoint
from store.db import open_store
from store.runs import IndexedRun

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

ENDINGS = (".parquet", ".csv")
# Names of what `exports.tables` has by shorter ones, and the dimension of each beside frames.
_VECTORS: Mapping[str, tuple[str, str]] = {
    "mean": ("embedding", "axis"),
    "logvar": ("embedding_logvar", "axis"),
    "z_mean": ("z_mean", "latent"),
    "z_logvar": ("z_logvar", "latent"),
}


class XarrayMissing(MorphError):
    """xarray, which nothing else of Morph needs, is not installed."""


def latents(store: Path, run: IndexedRun, checkpoint: Checkpoint) -> "pd.DataFrame":
    """Tabulate the latents of a run's frames, and of attached data sets', with their facts."""
    import pandas as pd  # takes longer to load than most questions

    with open_store(store) as db:
        own = dict(tables.table(db, "latents", run))
        names = list(dict.fromkeys(str(name) for name in own["dataset"]))
        facts = [
            table_files.frame(frame_table.facts(db, datasets.dataset(db, name).id))
            for name in names
        ]
    vectors = {new: own.pop(old) for old, (new, _) in _VECTORS.items() if old in own}
    left = table_files.frame(own).join(table_files.frame(vectors))
    known = pd.concat(facts)
    # A property may have the name of another column, as in `frame_table`.
    taken = {name: f"property_{name}" for name in known if name in left and name != "frame_id"}
    table = left.merge(known.rename(columns=taken), on="frame_id", how="left")
    table.attrs = {
        "run": run.name,
        "checkpoint_sha256": checkpoint.sha256,
        "weights_sha256": checkpoint.weights_sha256,
        "epoch": checkpoint.epoch,
        "lengths": "px",
    }
    return table


def write(table: "pd.DataFrame", out: Path) -> int:
    """Write a table whole or not at all; the number of its rows.

    Raises:
        MorphError: if the ending is no known one, or `out` exists or cannot be written.
    """
    if out.suffix not in ENDINGS:
        raise MorphError(f"{out.name} has an unknown ending; accepted are {', '.join(ENDINGS)}.")
    require_new(out)
    with written(out) as part:
        if out.suffix == ".csv":
            table_files.without_formulas(table).to_csv(part, index=False)
        else:
            table.to_parquet(part, index=False)
    return len(table)


def xarray_of(table: "pd.DataFrame") -> "xr.Dataset":
    """A table of latents with a dimension for what is many columns there.

    Raises:
        XarrayMissing: if xarray is not installed.
    """
    try:
        import xarray as xr
    except ImportError as err:
        raise XarrayMissing(
            "This needs the package xarray, which is not installed; pip install -r"
            " requirements-exchange.txt brings it."
        ) from err
    vectors: dict[str, Any] = {}
    taken: set[str] = set()
    for name, dimension in _VECTORS.values():
        columns = [each for each in table if each.removeprefix(f"{name}_").isdecimal()]
        if columns:
            vectors[name] = (("frame", dimension), table[columns].to_numpy())
            taken |= set(columns)
    facts = {
        name: ("frame", table[name].to_numpy(object if table[name].dtype == "str" else None))
        for name in table
        if name not in taken
    }
    return xr.Dataset(vectors, coords=facts, attrs=table.attrs)
