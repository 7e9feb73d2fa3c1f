"""A table as a file that other tools read: CSV, Parquet or npz by the file's ending."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from wording.escapes import csv_cell

if TYPE_CHECKING:
    import pandas as pd

# A column has one value a row, [rows], or several, [rows n], which CSV and Parquet have as n
# columns name_0, name_1, ...; npz keeps it whole.
Columns = Mapping[str, np.ndarray | Sequence[Any]]

ENDINGS = (".csv", ".parquet", ".npz")


def write(columns: Columns, file: Path | IO[bytes], ending: str) -> int:
    """Write a table in the form that one of `ENDINGS` names; the number of its rows."""
    whole = {name: np.asarray(values) for name, values in columns.items()}
    if ending == ".npz":
        np.savez_compressed(file, allow_pickle=False, **whole)
    elif ending == ".parquet":
        frame(whole).to_parquet(file, index=False)
    else:
        without_formulas(frame(whole)).to_csv(file, index=False)
    return max((len(values) for values in whole.values()), default=0)


def columns(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Turn rows, all with the same names, into the columns of a table."""
    out: dict[str, list[Any]] = {}
    for row in rows:
        for name, value in row.items():
            out.setdefault(name, []).append(value)
    return out


def without_formulas(table: "pd.DataFrame") -> "pd.DataFrame":
    """A table whose words no spreadsheet takes for formulas, those of its head neither."""
    words = {name: table[name].map(csv_cell) for name in table if table[name].dtype.kind in "OUT"}
    return table.assign(**words).rename(columns=csv_cell)


def frame(columns: Columns) -> "pd.DataFrame":
    """Give a table as pandas has it, a column that has several values a row as many."""
    import pandas as pd  # takes longer to load than most commands run

    flat: dict[str, np.ndarray] = {}
    for name, values in ((name, np.asarray(each)) for name, each in columns.items()):
        if values.ndim == 1:
            flat[name] = values
        else:
            flat |= {f"{name}_{column}": values[:, column] for column in range(values.shape[1])}
    return pd.DataFrame(flat)
