"""A store, opened from a program: what is in it, and its models."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import UInt8

from exports import frame_table, table_files
from morph.stored_model import StoredModel
from store import checkpoint_files, checkpoints, current_run, datasets, runs, trajectories
from store.datasets import Dataset
from store.db import StoreError, default_path, open_store
from store.runs import Run, UnknownRun

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, init=False)
class Store:
    """A store by the path of its file; by default `MORPH_STORE`, or `data/morph.sqlite`.

    It is opened for each question and closed again, so that jobs may write meanwhile.

    >>> store = Store("data/morph.sqlite")
    >>> [(each.name, each.frames) for each in store.datasets()]
    [('blobs', 12)]

    Raises:
        StoreError: if there is no such file, or it is no store.
    """

    path: Path

    def __init__(self, path: str | Path | None = None) -> None:
        file = default_path() if path is None else Path(path)
        if not file.is_file():
            raise StoreError(
                f"There is no store {file}; accepted is the file of one that Morph made."
            )
        object.__setattr__(self, "path", file)
        with open_store(file):
            pass  # what is wrong with it is said here

    def datasets(self) -> list[Dataset]:
        """The data sets, the oldest first."""
        with open_store(self.path) as db:
            return datasets.all_datasets(db)

    def runs(self) -> list[Run]:
        """The trainings, the oldest first."""
        with open_store(self.path) as db:
            return runs.all_runs(db)

    def model(self, run: int | str | None = None) -> StoredModel:
        """The model of a run, by its id or its name; that of the current run where none is named.

        >>> Store("data/morph.sqlite").model("two-level-1").run.id
        1

        Raises:
            UnknownRun: if there is no such run, none is indexed, or several have that name.
            NotIndexed: if it has no latents yet.
        """
        indexed = checkpoint_files.with_good_index(self.path, self._run_id(run))
        with open_store(self.path) as db:
            saved = checkpoints.by_id(db, indexed.index.checkpoint_id)
        return StoredModel(
            file=checkpoint_files.path_of(self.path, saved),
            sha256=saved.sha256,
            store=self.path,
            run=indexed,
            saved=saved,
        )

    def frames(self, dataset: str) -> "pd.DataFrame":
        """Tabulate a data set's frames: origin, time, parameters, descriptors, properties.

        Lengths are in px, times in the trajectory's unit; what is not known is NaN.

        >>> Store("data/morph.sqlite").frames("blobs")[["trajectory", "index", "phi"]].loc[7]
        trajectory    phi0.500-chi2.8-r1
        index                          1
        phi                          0.5
        Name: 7, dtype: object

        Raises:
            UnknownDataset: if there is none of that name.
        """
        with open_store(self.path) as db:
            return table_files.frame(frame_table.facts(db, datasets.dataset(db, dataset).id))

    def picture(self, frame_id: int) -> UInt8[np.ndarray, "h w"]:
        """The gray levels of a stored frame: 0 black, 255 white.

        Raises:
            UnknownFrame: if the store has no such frame.
        """
        with open_store(self.path) as db:
            return trajectories.frame(db, frame_id)

    def _run_id(self, run: int | str | None) -> int:
        with open_store(self.path) as db:
            if run is None:
                current = current_run.of(db)
                if current is None:
                    raise UnknownRun(
                        f"No run of {self.path} has been indexed yet, so it has no current model."
                    )
                return current
            if not isinstance(run, str):
                return runs.run(db, run).id
            known = runs.all_runs(db)
        named = [each.id for each in known if each.name == run]
        if len(named) == 1:
            return named[0]
        if named:
            raise UnknownRun(f"The runs {named} are all named {run!r}; accepted is an id.")
        names = ", ".join(each.name for each in known) or "none yet"
        raise UnknownRun(f"There is no run named {run!r}; there are: {names}.")
