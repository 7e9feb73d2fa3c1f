"""GraSPI as a job, with a stand-in for the package: what it is given, and what is kept of it."""

from pathlib import Path

import numpy as np
import pytest

from jobs import foreground, graspi
from jobs.__main__ import main
from jobs.specs import GraspiJob
from store import trajectories
from store.db import open_store
from tests.factory import Made

STAND_IN = """
import os
import numpy as np

def generateGraph(file, PERIODICITY=False):
    with open(file) as f:
        width, height = map(int, f.readline().split())
        rows = np.loadtxt(f)
    assert rows.shape == (height, width)
    if os.environ.get("GRASPI_FAILS"):
        raise ValueError("no graph of this")
    return rows, PERIODICITY

def compute_descriptors(graph, file):
    rows, periodic = graph
    os.makedirs("test_results")  # as the package does, in the folder where it runs
    black = rows == 0
    return {"ABS_f_D": black.mean(), "STAT_n_D": black[-1].sum(), "periodic": periodic,
            "time_in_seconds": 1.0, "mem_in_mb": 2.0}
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "packages"
    (folder / "py_graspi-9.dist-info").mkdir(parents=True)
    (folder / "py_graspi-9.dist-info" / "METADATA").write_text("Name: py-graspi\nVersion: 9\n")
    (folder / "py_graspi.py").write_text(STAND_IN)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))


@pytest.mark.usefixtures("package")
def test_it_is_given_the_frame_as_it_is_and_its_answer_is_kept(made: Made):
    job = foreground.run_here(made.path, GraspiJob(frames=(30, 31)))
    assert job.state == "done", job.error
    with open_store(made.path) as db:
        packed = trajectories.packed(db, np.array([30], dtype=np.int64)).one_size
    black = ~packed.bits()[0]
    reports = graspi.reports(made.path, [30, 31, 32])
    assert list(reports) == [30, 31]
    assert reports[30] == {
        "ABS_f_D": black.mean(),
        "STAT_n_D": black[-1].sum(),  # the last row of the text is the bottom of the film
        "periodic": 1.0,
    }
    assert job.result is not None
    assert job.result["version"] == "9"


@pytest.mark.usefixtures("package")
def test_what_is_known_is_not_asked_again(made: Made, monkeypatch: pytest.MonkeyPatch):
    foreground.run_here(made.path, GraspiJob(frames=(30,)))
    monkeypatch.setenv("GRASPI_FAILS", "1")
    assert foreground.run_here(made.path, GraspiJob(frames=(30, 30))).state == "done"
    failed = foreground.run_here(made.path, GraspiJob(frames=(30, 31)))
    assert (failed.state, failed.error) == (
        "failed",
        "GraSPI ended with an error: ValueError: no graph of this",
    )


@pytest.mark.usefixtures("package")
def test_a_frame_of_one_colour_and_none_at_all_are_told(made: Made):
    assert "has not separated" in str(foreground.run_here(made.path, GraspiJob(frames=(21,))).error)
    assert "999" in str(foreground.run_here(made.path, GraspiJob(frames=(999,))).error)


@pytest.mark.skipif(graspi.installed(), reason="py-graspi is installed")
def test_without_the_package_the_command_says_how_to_get_it(
    made: Made, capsys: pytest.CaptureFixture[str]
):
    assert main(["graspi", "30", "--store", str(made.path)]) == 1
    assert "pip install py-graspi" in capsys.readouterr().err
