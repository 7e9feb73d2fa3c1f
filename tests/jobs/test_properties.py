"""Properties by the command line: added from a table whole or not at all, listed, deleted."""

import json
from pathlib import Path

import pytest

from jobs.__main__ import main
from store import properties
from store.db import open_store
from tests.factory import Made

TABLE = "frame_id,E,batch,empty\n2,1.5,dry,\n3,inf,wet,\n999,4,dry,\n"


def _ask(capsys: pytest.CaptureFixture[str], made: Made, *argv: str) -> dict:
    command = ["properties", "--dataset", "blobs", "--store", str(made.path), "--json", *argv]
    assert main(command) == 0
    return json.loads(capsys.readouterr().out)


def _stored(made: Made, frame_id: int) -> dict[str, float | str]:
    with open_store(made.path) as db:
        return properties.of_frame(db, frame_id)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "table.csv"
    file.write_text(TABLE)
    return file


def test_a_check_says_what_would_be_stored_and_stores_nothing(
    made: Made, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = _ask(capsys, made, str(table), "--check")
    assert (found["frames"], found["stored"]) == (2, None)
    assert [(each["name"], each["is_number"], each["known"]) for each in found["columns"]] == [
        ("E", True, 1),
        ("batch", False, 2),
        ("empty", False, 0),
    ]
    assert [row["name"] for row in found["unmatched"]] == ["999"]
    assert _stored(made, 2) == {}


def test_a_table_is_stored_listed_and_deleted(
    made: Made, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _ask(capsys, made, str(table))["stored"] == 3
    assert _stored(made, 2) == {"E": 1.5, "batch": "dry"}
    assert _stored(made, 3) == {"batch": "wet"}
    listed = _ask(capsys, made)["properties"]
    assert [each["name"] for each in listed] == ["batch", "E"]
    _ask(capsys, made, "--delete", "E")
    assert _stored(made, 2) == {"batch": "dry"}
    assert main(["properties", "--dataset", "blobs", "--store", str(made.path), "--delete", "E"])
    assert "has no property 'E'; there are: batch" in capsys.readouterr().err


def test_values_that_differ_are_not_stored_unless_they_shall_replace(
    made: Made, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _ask(capsys, made, str(table))
    table.write_text("frame_id,E,F\n2,9,1\n")
    assert main(["properties", "--dataset", "blobs", "--store", str(made.path), str(table)]) == 1
    sentence = capsys.readouterr().err
    assert "1.5 is known, 9.0 is new" in sentence
    assert "--replace" in sentence
    assert _stored(made, 2) == {"E": 1.5, "batch": "dry"}  # F neither
    assert _ask(capsys, made, str(table), "--replace")["stored"] == 2
    assert _stored(made, 2) == {"E": 9.0, "F": 1.0, "batch": "dry"}


def test_only_some_columns(made: Made, table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _ask(capsys, made, str(table), "--column", "batch")["stored"] == 2
    assert _stored(made, 2) == {"batch": "dry"}


def test_a_file_that_is_not_there_is_named(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = str(tmp_path / "gone.csv")
    assert main(["properties", "--dataset", "blobs", "--store", str(made.path), gone]) == 1
    assert "gone.csv cannot be read" in capsys.readouterr().err
