from pathlib import Path

import numpy as np
import pytest

from analysis.property_match import NoMatch, PropertyMatch, match
from morphcore.errors import MorphError
from morphcore.readers.tables.property_table import parse
from morphcore.types import Source, Trajectory
from store import datasets, properties, trajectories
from store.db import open_store

NAMES = ("run_0.5_2.4", "run_0.6_3.0")


@pytest.fixture
def imported(store: Path) -> tuple[Path, int, dict[str, int]]:
    """Two trajectories of three frames, each from a file of its own; frame ids by file."""
    ids: dict[str, int] = {}
    with open_store(store) as db:
        dataset_id = datasets.create(db, "films", "imported", {})
        for name, phi in zip(NAMES, (0.5, 0.6), strict=True):
            files = [f"batch/{name}_{step:04d}.txt" for step in (20, 40, 80)]
            made = Trajectory(
                name,
                np.random.default_rng(0).integers(0, 256, (3, 20, 30), dtype=np.uint8),
                np.array([20.0, 40.0, 80.0]),
                {"phi": phi},
                sources=tuple(Source(file, 1, file) for file in files),
            )
            frames = trajectories.frame_ids_of(db, trajectories.add(db, dataset_id, made))
            ids |= dict(zip((Path(file).name for file in files), frames.tolist(), strict=True))
    return store, dataset_id, ids


def _match(imported: tuple[Path, int, dict[str, int]], text: str, **rest: object) -> PropertyMatch:
    return match(imported[0], imported[1], parse(text.encode()), **rest)


def test_rows_by_file_match_with_or_without_folders_and_endings(
    imported: tuple[Path, int, dict[str, int]],
) -> None:
    first, second, third = NAMES[0] + "_0020", NAMES[0] + "_0040", NAMES[1] + "_0080"
    found = _match(
        imported, f"file,JSC\n{first}.txt,1\nbatch/{second}.txt,2\n{third},3\nnone_0001.txt,4\n"
    )
    ids = imported[2]
    assert found.frames == {
        "JSC": {ids[f"{first}.txt"]: 1.0, ids[f"{second}.txt"]: 2.0, ids[f"{third}.txt"]: 3.0}
    }
    assert (found.matched_frames, found.matched_trajectories) == (3, 0)
    assert [(row.line, row.name) for row in found.unmatched] == [(5, "none_0001.txt")]


def test_rows_by_trajectory_with_index_time_or_neither(
    imported: tuple[Path, int, dict[str, int]],
) -> None:
    ids = imported[2]
    by_index = _match(imported, f"trajectory,index,E\n{NAMES[0]},2,5\n{NAMES[0]},7,5\n")
    assert by_index.frames == {"E": {ids[f"{NAMES[0]}_0080.txt"]: 5.0}}
    assert "no such index" in by_index.unmatched[0].reason
    by_time = _match(imported, f"trajectory,time,E\n{NAMES[1]},40,6\n")
    assert by_time.frames == {"E": {ids[f"{NAMES[1]}_0040.txt"]: 6.0}}
    whole = _match(imported, f"name,E,state\n{NAMES[1]},7,dry\n")
    (owned,) = whole.trajectories.values()
    assert owned == {"E": 7.0, "state": "dry"}
    assert (whole.matched_frames, whole.matched_trajectories) == (0, 1)


def test_rows_by_frame_id_as_an_exported_table_has_them(
    imported: tuple[Path, int, dict[str, int]],
) -> None:
    frame = imported[2][f"{NAMES[0]}_0020.txt"]
    found = _match(imported, f"frame_id,E\n{frame},1\n999,2\n")
    assert found.frames == {"E": {frame: 1.0}}
    assert found.unmatched[0].reason == "the data set has no frame of that id"


def test_without_stored_files_the_name_and_its_step_find_the_frame(store: Path) -> None:
    with open_store(store) as db:
        dataset_id = datasets.create(db, "old", "imported", {})
        gray = np.random.default_rng(0).integers(0, 256, (2, 20, 30), dtype=np.uint8)
        made = Trajectory(NAMES[0], gray, np.array([20.0, 40.0]))
        frames = trajectories.frame_ids_of(db, trajectories.add(db, dataset_id, made)).tolist()
    found = match(store, dataset_id, parse(f"file,E\n{NAMES[0]}_0040.txt,3\n".encode()))
    assert found.frames == {"E": {frames[1]: 3.0}}


def test_a_name_that_several_files_have_is_not_guessed(store: Path) -> None:
    with open_store(store) as db:
        dataset_id = datasets.create(db, "films", "imported", {})
        for folder in ("a", "b"):
            gray = np.random.default_rng(0).integers(0, 256, (1, 20, 30), dtype=np.uint8)
            made = Trajectory(
                folder, gray, np.zeros(1), sources=(Source(f"{folder}/x.png", 1, ""),)
            )
            trajectories.add(db, dataset_id, made)
    table = parse(b"file,E\nx.png,1\nb/x.png,2\n")
    found = match(store, dataset_id, table)
    assert [row.reason for row in found.unmatched] == [
        "several files have that name; give their folders, too"
    ]
    assert found.matched_frames == 1


def test_values_that_differ_are_conflicts_and_equal_ones_are_none(
    imported: tuple[Path, int, dict[str, int]],
) -> None:
    store, dataset_id, ids = imported
    frame = ids[f"{NAMES[0]}_0020.txt"]
    with open_store(store) as db:
        properties.put(db, dataset_id, "E", {frame: 0.1 + 0.2})
    same = _match(imported, f"file,E\n{NAMES[0]}_0020.txt,0.3\n")
    assert same.conflicts == ()
    (other,) = _match(imported, f"file,E\n{NAMES[0]}_0020.txt,0.4\n").conflicts
    assert (other.property, other.new) == ("E", 0.4)
    twice = _match(imported, f"file,F\n{NAMES[0]}_0040.txt,1\n{NAMES[0]}_0040.txt,2\n")
    assert [(each.known, each.new) for each in twice.conflicts] == [(1.0, 2.0)]


def test_parameters_are_not_taken_and_it_says_whether_they_agree(
    imported: tuple[Path, int, dict[str, int]],
) -> None:
    found = _match(imported, f"file,PHI,E\n{NAMES[0]}_0020.txt,0.5,1\n")
    assert {look.name: look.left_out for look in found.columns} == {
        "PHI": "it is known already, as a parameter",
        "E": "",
    }
    assert set(found.frames) == {"E"}
    (phi, _) = _match(imported, f"file,PHI,E\n{NAMES[0]}_0020.txt,0.7,1\n").columns
    assert "1 rows differ" in phi.left_out


def test_only_the_columns_that_are_asked_for_are_taken(
    imported: tuple[Path, int, dict[str, int]],
) -> None:
    text = f"file,E,F\n{NAMES[0]}_0020.txt,1,2\n"
    assert set(_match(imported, text, only=["F"]).frames) == {"F"}
    with pytest.raises(MorphError, match="no column G; there are: E, F"):
        _match(imported, text, only=["G"])


def test_a_table_of_something_else_is_refused(
    imported: tuple[Path, int, dict[str, int]],
) -> None:
    with pytest.raises(NoMatch, match=r"None of the 1 rows .* 'x\.txt'"):
        _match(imported, "file,E\nx.txt,1\n")
