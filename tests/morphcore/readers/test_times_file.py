"""Times in a file of their own beside the frames: taken where they fit, else refused by name."""

from pathlib import Path

import numpy as np
import pytest

from morphcore.readers.read import look, read
from morphcore.readers.results import ReadTrajectory
from tests.morphcore.readers.test_stacks import REAL, TIMES


@pytest.mark.parametrize(
    ("name", "text"), [("times.npy", None), ("t.txt", "# s\n{}"), ("time.csv", "time\n{}")]
)
def test_times_beside_an_array_are_its_times(name: str, text: str | None, tmp_path: Path) -> None:
    np.save(tmp_path / "phi.npy", REAL)
    if text is None:
        np.save(tmp_path / name, TIMES)
    else:
        (tmp_path / name).write_text(text.format("\n".join(map(str, TIMES))))
    (item,) = read(tmp_path)
    assert isinstance(item, ReadTrajectory)
    assert item.trajectory.times.tolist() == TIMES.tolist()
    found = look(tmp_path)
    assert found.rejections == ()
    assert f"Its times are those of {name}." in found.trajectories[0].done


def test_times_of_files_that_are_only_counted_come_from_the_file(tmp_path: Path) -> None:
    for number, frame in enumerate(REAL):
        np.save(tmp_path / f"phi_{number}.npy", frame)
    np.save(tmp_path / "times.npy", TIMES)
    (item,) = read(tmp_path)
    assert isinstance(item, ReadTrajectory)
    assert item.trajectory.times.tolist() == TIMES.tolist()


def test_times_of_another_number_are_refused_by_name(tmp_path: Path) -> None:
    np.save(tmp_path / "phi.npy", REAL)
    np.save(tmp_path / "times.npy", TIMES[:-1])
    found = look(tmp_path)
    assert [each.file for each in found.rejections] == ["times.npy"]
    assert found.rejections[0].reason == "Its 4 times fit no frames beside it without times."
    assert found.trajectories[0].time_unit == "frame"


def test_npz_files_of_a_step_each_are_one_trajectory(tmp_path: Path) -> None:
    for number, (time, frame) in enumerate(zip(TIMES, REAL, strict=True)):
        np.savez(tmp_path / f"step_{number * 10}.npz", phi=frame, mu=-frame, t=time)
    (item,) = read(tmp_path)
    assert isinstance(item, ReadTrajectory)
    assert item.trajectory.times.tolist() == TIMES.tolist()


def test_the_times_of_a_paraview_collection_are_taken(tmp_path: Path) -> None:
    entries = ""
    for number, (time, frame) in enumerate(zip(TIMES, REAL, strict=True)):
        np.save(tmp_path / f"out_{number}.npy", frame)
        entries += f'<DataSet timestep="{time}" part="0" file="out_{number}.npy"/>'
    (tmp_path / "run.pvd").write_text(f"<VTKFile><Collection>{entries}</Collection></VTKFile>")
    (item,) = read(tmp_path)
    assert isinstance(item, ReadTrajectory)
    assert item.trajectory.times.tolist() == TIMES.tolist()
