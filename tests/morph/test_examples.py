"""Scripts that users would write run as they stand."""

import ast
import re
import runpy
import sys
from pathlib import Path

import pytest
from PIL import Image

import morph
from tests.factory import Made

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_is_short_and_knows_the_interface_alone(script: Path) -> None:
    source = script.read_text()
    assert len(source.splitlines()) <= 20
    names = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(source))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert names & {path.parent.name for path in ROOT.glob("*/__init__.py")} == {"morph"}


def test_micrographs_are_placed_among_simulated_films(
    interface: Made,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    store = morph.Store(interface.path)
    table = store.frames("blobs").set_index("frame_id")
    (tmp_path / "films").mkdir()
    for frame_id in (5, 11):
        Image.fromarray(store.picture(frame_id)).save(tmp_path / "films" / f"{frame_id:02}.png")
    monkeypatch.setattr(sys, "argv", ["", str(tmp_path / "films"), str(interface.path)])
    runpy.run_path(str(ROOT / "examples" / "micrographs.py"), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    for line, frame_id in zip(lines, (5, 11), strict=False):
        chi = table.loc[frame_id, "chi"]
        assert line.startswith(f"{frame_id:02}.png: phi 0.50, chi {chi:.1f}, step ")
    assert lines[2].startswith("The first and the last are ")
    assert lines[3].startswith("One process is ")


def test_a_film_is_annealed_and_pictured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["", str(tmp_path), "12"])
    runpy.run_path(str(ROOT / "examples" / "annealing.py"), run_name="__main__")
    first, last = map(float, re.findall(r"\d+\.\d+", capsys.readouterr().out))
    assert last < first
    with Image.open(tmp_path / "annealing.png") as strip:
        assert strip.width == 4 * (128 + 4) - 4
    with Image.open(tmp_path / "annealing.gif") as film:
        assert film.n_frames >= 2
        assert film.width == 128
