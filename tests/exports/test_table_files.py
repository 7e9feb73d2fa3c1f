import io

import numpy as np
import pandas as pd
import pytest

from exports import table_files

TABLE = {
    "frame_id": np.array([3, 4], dtype=np.int64),
    "mean": np.array([[0.5, -1.0], [2.0, 0.25]], dtype=np.float32),
    "name": ["a, b", "−ELBO"],
}


def _written(ending: str) -> io.BytesIO:
    file = io.BytesIO()
    assert table_files.write(TABLE, file, ending) == 2
    file.seek(0)
    return file


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_column_of_several_values_becomes_several_columns(ending: str) -> None:
    read = pd.read_csv if ending == ".csv" else pd.read_parquet
    table = read(_written(ending))
    assert table.columns.tolist() == ["frame_id", "mean_0", "mean_1", "name"]
    assert table["mean_1"].tolist() == [-1.0, 0.25]
    assert table["name"].tolist() == ["a, b", "−ELBO"]


def test_parquet_keeps_types_and_npz_keeps_arrays_whole() -> None:
    assert str(pd.read_parquet(_written(".parquet"))["mean_0"].dtype) == "float32"
    with np.load(_written(".npz")) as data:
        assert (data["mean"] == TABLE["mean"]).all()
        assert data["name"].tolist() == TABLE["name"]


def test_rows_become_columns() -> None:
    assert table_files.columns([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]) == {
        "a": [1, 2],
        "b": ["x", "y"],
    }
