"""Parameters from file names, and from a trajectories.csv."""

from pathlib import Path

import pytest

from morphcore.readers.names import filenames
from morphcore.readers.read import read
from morphcore.readers.results import ReadTrajectory
from morphcore.types import Rejection, Trajectory
from tests.bad_files import FRAMES, PATTERN, graspi_bytes, image_bytes, npy_bytes, zip_bytes


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("data_0.514_2.4_000220", {"phi": 0.514, "chi": 2.4}),
        ("data_0.5_2.2", {"phi": 0.5, "chi": 2.2}),
        ("phi0.543-chi2.4-r1", {"phi": 0.543, "chi": 2.4}),
        ("set/phi0.543-chi2.4-r1/more", {"phi": 0.543, "chi": 2.4}),
        ("phi=0.6_chi=3", {"phi": 0.6, "chi": 3.0}),
        ("Phi 0.6, Chi 3.25", {"phi": 0.6, "chi": 3.25}),
        ("phi0.5-chi2.4/data_0.6_3.2_000020", {"phi": 0.6, "chi": 3.2}),
        ("phi0p5_t20", {"phi": 0.5}),
        ("chi=3/f_1", {"chi": 3.0}),
        ("morphi3_archi2", {}),
        ("frame_0.5_000220", {}),
        ("run_12_34", {}),
        ("phi1.5-chi2.4", {}),
        ("2024.05_11.30", {}),
        ("", {}),
    ],
)
def test_parameters_from_names(name: str, expected: dict[str, float]) -> None:
    assert filenames.parameters(name) == expected


def test_names_sort_as_people_sort_them() -> None:
    mixed = ["b10/x", "b1/x", "a/frame_10", "a/frame_010", "a/frame_2"]
    assert sorted(mixed, key=filenames.natural) == [
        "a/frame_2",
        "a/frame_010",
        "a/frame_10",
        "b1/x",
        "b10/x",
    ]
    assert filenames.natural("x") != filenames.natural("X")


def test_frames_named_after_their_trajectory_are_grouped_by_it(tmp_path: Path) -> None:
    # The first row of a GraSPI text is at the bottom.
    for name in ("0.5_2.4_000100", "0.5_2.4_000020", "0.6_2.4_000020", "0.5_3.2_000020"):
        (tmp_path / f"data_{name}.txt").write_bytes(graspi_bytes(PATTERN[::-1] > 0))
    (tmp_path / "data_0.5_2.4_000020.txt").write_bytes(graspi_bytes(PATTERN[::-1] == 0))
    trajectories = {}
    for item in read(tmp_path):
        assert isinstance(item, ReadTrajectory)
        trajectories[item.trajectory.name] = item.trajectory
    assert set(trajectories) == {"data_0.5_2.4", "data_0.6_2.4", "data_0.5_3.2"}
    first = trajectories["data_0.5_2.4"]
    assert first.times.tolist() == [20, 100]
    assert (first.frames[0] == 255 - PATTERN).all()
    assert (first.frames[1] == PATTERN).all()
    assert first.params == {"phi": 0.5, "chi": 2.4}


TABLE = "name,phi,chi,temperature,periodic\nrun1,0.5,2.4,350,yes\n\nrun2,0.6,,,\nmore,,,1e2,no\n"


def make_set(parent: Path) -> Path:
    folder = parent / "set"
    for name in ("run1", "run2"):
        (folder / name).mkdir(parents=True)
        for number, frame in enumerate(FRAMES):
            (folder / name / f"{number}.png").write_bytes(image_bytes(frame))
    (folder / "more.npy").write_bytes(npy_bytes(FRAMES))
    return folder


def by_name(path: Path) -> tuple[dict[str, Trajectory], list[Rejection]]:
    items = list(read(path))
    trajectories = [item.trajectory for item in items if isinstance(item, ReadTrajectory)]
    rejected = [item for item in items if isinstance(item, Rejection)]
    return {trajectory.name: trajectory for trajectory in trajectories}, rejected


def test_a_table_beside_the_trajectories_gives_their_parameters(tmp_path: Path) -> None:
    folder = make_set(tmp_path)
    (folder / "trajectories.csv").write_text(TABLE)
    trajectories, rejected = by_name(folder)
    assert not rejected
    assert trajectories["run1"].params == {"phi": 0.5, "chi": 2.4, "temperature": 350.0}
    assert trajectories["run1"].periodic
    assert trajectories["run2"].params == {"phi": 0.6}
    assert trajectories["more"].params == {"temperature": 100.0}
    assert not trajectories["more"].periodic


def test_a_table_in_a_zip_and_over_the_names_parameters(tmp_path: Path) -> None:
    members = {f"phi0.5-chi2.4/{n}.png": image_bytes(frame) for n, frame in enumerate(FRAMES)}
    members["trajectories.csv"] = b"\xef\xbb\xbfname;phi\nphi0.5-chi2.4;0,51\n"
    (tmp_path / "a.zip").write_bytes(zip_bytes(members))
    trajectories, rejected = by_name(tmp_path / "a.zip")
    assert not rejected
    assert trajectories["phi0.5-chi2.4"].params == {"phi": 0.51, "chi": 2.4}


def test_a_row_for_nothing_is_said(tmp_path: Path) -> None:
    folder = make_set(tmp_path)
    (folder / "trajectories.csv").write_text(TABLE + "run9,0.5,2.4,,\n")
    trajectories, (rejection,) = by_name(folder)
    assert len(trajectories) == 3
    assert rejection.file == "trajectories.csv"
    assert "'run9' (line 6)" in rejection.reason


def test_what_a_table_says_wrongly_is_named_and_the_rest_comes_in(tmp_path: Path) -> None:
    folder = make_set(tmp_path)
    (folder / "trajectories.csv").write_text("name,phi,solvent\nrun1,half,CB\nrun2,0.5,\n")
    trajectories, (rejection,) = by_name(folder)
    assert rejection.file == "trajectories.csv"
    assert "phi is 'half' in line 2" in rejection.reason
    assert trajectories["run1"].labels == {"solvent": "CB"}
    assert trajectories["run2"].params == {"phi": 0.5}
