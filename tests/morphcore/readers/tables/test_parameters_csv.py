"""Tables of trajectories and frames, as programs and people write them."""

import pytest

from morphcore.readers.results import UnreadableFrame
from morphcore.readers.tables import parameters_csv
from morphcore.readers.tables.parameters_csv import TrajectoryRow, parse_frames, parse_trajectories


def test_numbers_are_parameters_and_words_are_labels() -> None:
    text = (
        "name,phi,JSC [A],solvent,periodic\nrun1,0.5,-7.7,CB,yes\n\nrun2,,1e-3,,\nrun3,,,DCB,no\n"
    )
    table = parse_trajectories(text.encode())
    assert not table.faults
    assert table.rows == {
        "run1": TrajectoryRow({"phi": 0.5, "JSC [A]": -7.7}, {"solvent": "CB"}, True, 2),
        "run2": TrajectoryRow({"JSC [A]": 1e-3}, {}, None, 4),
        "run3": TrajectoryRow({}, {"solvent": "DCB"}, False, 5),
    }


@pytest.mark.parametrize(
    "data",
    [
        b"name,phi,size\nr\xc3\xbcn,0.5,2\n",
        b"\xef\xbb\xbfname;phi;size\r\nr\xc3\xbcn;0,5;2\r\n",
        "name;phi;size\nrün;0.5;2,0\n".encode("latin-1"),
        "Name\tPHI\tsize\nrün\t0,5\t2\n".encode("utf-16"),
        "sep=;\nname;phi;size\nrün;0,5;2\n".encode(),
        '# name, phi, size\n"rün", 0.5, 2\n'.encode(),
        "phi,size,trajectory\n0.5,2,rün\n".encode(),
        "who,Phi,size\nrün,0.5,2\n".encode(),  # no such name: the first column
    ],
)
def test_any_separator_encoding_and_decimal_mark(data: bytes) -> None:
    table = parse_trajectories(data)
    assert not table.faults
    assert {name: dict(row.params) for name, row in table.rows.items()} == {
        "rün": {"phi": 0.5, "size": 2.0}
    }


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("name,phi,a\nx,half,1\ny,0.5,2\n", "phi is 'half' in line 2: no finite number"),
        ("name,phi,a\nx,nan,1\ny,0.5,2\n", "phi is 'nan' in line 2"),
        ("name,CHI,phi,a\nx,inf,,1\ny,,0.5,2\n", "CHI is 'inf' in line 2"),
        ("name,phi,a\nx,1\ny,0.5,2\n", "Line 2 has 2 cells where the first line has 3"),
        ("name,phi,a\ny,0.5,2\ny,0.6,3\n", "Line 3 names 'y' as line 2 does"),
        ("name,phi,a\n,0.5,1\ny,0.5,2\n", "Line 2 names no trajectory"),
        ("name,phi,phi,a\ny,0.5,0.6,2\n", "There is a second column 'phi'"),
        ("name,phi,,a\ny,0.5,0.6,2\n", "Column 3 has no name"),
        ("name,phi,a,periodic\ny,0.5,2,perhaps\n", "periodic is 'perhaps' in line 2"),
    ],
)
def test_what_cannot_be_taken_is_named_and_the_rest_comes_in(text: str, fault: str) -> None:
    table = parse_trajectories(text.encode())
    (said,) = table.faults
    assert said.startswith(fault)
    assert table.rows["y"].params == {"phi": 0.5, "a": 2.0}


@pytest.mark.parametrize("data", [b"", b"\n \n", b"\x89PNG\x00\x00"])
def test_what_is_no_table_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFrame):
        parse_trajectories(data)


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("file,age\nrun1/f_0.png,3\n", "set/run1/f_0.png"),
        ("file,age\nrun1/f_0,3\n", "run1/f_0.png"),
        ("age,file\n3,f_0.png\n", "run1/f_0.png"),
        ("frame;age\nf_0;3,0\n", "f_0.png"),
        ("picture,age\n.\\run1\\f_0.png,3\n", "run1/f_0.png"),
        ("file,age\nC:\\data\\f_0.png,3\n", "run1/f_0.png"),
        ("file,age\n/home/me/f_0.png,3\n", "run1/f_0.png"),
        ("which,age\nf_0.png,3\n", "run1/f_0.png"),
        ("trajectory,file,age\nrun1,f_0.png,3\n", "run1/f_0.png"),
    ],
)
def test_a_row_is_found_by_its_file(text: str, file: str) -> None:
    row = parse_frames(text.encode()).of_file(file)
    assert row is not None
    assert row.params == {"age": 3.0}


def test_rows_of_other_folders_are_not_taken() -> None:
    table = parse_frames(b"file,age\nrun1/f_0.png,3\nrun2/f_0.png,4\n")
    rows = [table.of_file(f"run{number}/f_0.png") for number in (1, 2, 3)]
    assert [row and row.params["age"] for row in rows] == [3.0, 4.0, None]


def test_a_row_is_found_by_trajectory_and_index_or_time() -> None:
    by_index = parse_frames(b"trajectory,frame,age,grade\nrun1,0,3,good\nrun1,2,4,bad\n")
    rows = [by_index.of_trajectory("set/run1", index, 100.0) for index in range(3)]
    assert [row and (row.params["age"], row.labels["grade"]) for row in rows] == [
        (3.0, "good"),
        None,
        (4.0, "bad"),
    ]
    by_time = parse_frames(b"trajectory;time;age\nrun1;0,1;3\n")
    found = by_time.of_trajectory("run1", 7, 0.1)
    assert found is not None
    assert found.time == 0.1
    assert by_time.of_trajectory("run1", 0, 0.2) is None
    assert by_time.of_trajectory("run2", 0, 0.1) is None


def test_a_table_of_frames_names_its_frames() -> None:
    with pytest.raises(UnreadableFrame, match="`trajectory` with `index` or `time`"):
        parse_frames(b"trajectory,age\nrun1,3\n")
    table = parse_frames(b"trajectory,index,age\nrun1,0,3\nrun1,0,4\nrun1,,5\n")
    assert len(table.rows) == 1
    assert table.faults == (
        "Line 3 names the frame of line 2; it was left out.",
        "Line 4 names no frame; it was left out.",
    )


def test_a_large_table_takes_time_in_proportion() -> None:
    lines = "".join(f"f_{number},{number},w{number}\n" for number in range(20_000))
    table = parse_frames(f"file,age,word\n{lines}".encode())
    row = table.of_file("f_19999.png")
    assert row is not None
    assert row.params["age"] == 19_999.0
    assert parameters_csv.FILE_NAMES == ("trajectories.csv", "frames.csv")


def test_trajectories_are_named_by_their_paths_and_remarks_above_the_names_are_left() -> None:
    table = parse_trajectories(b"# measured on Monday\ntrajectory,phi\n./r1/,0.4\nset\\r2,0.5\n")
    assert list(table.rows) == ["r1", "set/r2"]
    assert table.rows["r1"].line == 3
    assert table.faults == ()


def test_per_cents_are_numbers() -> None:
    rows = parse_trajectories(b"name,PCE\nr1,10.2 %\nr2,11%\n").rows
    assert [row.params for row in rows.values()] == [{"PCE": 10.2}, {"PCE": 11.0}]


def test_a_phi_in_per_cent_is_not_taken() -> None:
    table = parse_trajectories(b"name,phi,chi\nr1,45,2.4\nr2,0.5,2.4\n")
    assert [row.params for row in table.rows.values()] == [{"chi": 2.4}, {"chi": 2.4, "phi": 0.5}]
    assert table.faults[0].startswith("phi is 45 in line 2")


def test_a_table_without_a_line_of_names_is_refused() -> None:
    with pytest.raises(UnreadableFrame, match="Its first line has numbers"):
        parse_trajectories(b"r1,0.4\nr2,0.5\n")
