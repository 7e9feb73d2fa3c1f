import shlex
from pathlib import Path
from typing import Any

import pytest

from jobs.cli import import_command as cli
from morphcore.readers.options import ImportOptions
from ui.datasets.import_command import job, line

EVERY = ImportOptions(
    threshold=1022.5,
    swap=True,
    value_range=(-1.0, 1.0),
    crop=(1, 2, 3, 4),
    window=(128, 512),
    axes="txy",
    flip="y",
    channel=1,
    colours="map",
    pixel_size=(2.5, 5.0),
    length_unit="nm",
    time_unit="ms",
    time_step=0.1,
    periodic="x",
    names=r"(?P<trajectory>\w+) t=(?P<time>.+)",
)


@pytest.mark.parametrize(
    "options",
    [
        ImportOptions(),
        EVERY,
        ImportOptions(threshold="otsu", crop="auto"),
        ImportOptions(crop="none"),
    ],
)
def test_the_command_does_what_the_page_does(
    options: ImportOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run: list[Any] = []
    monkeypatch.setattr(cli, "run_job", lambda _store, spec: run.append(spec) or {})
    program, *words = shlex.split(line(str(tmp_path), "my films", options))
    assert [program, *words[:3]] == ["python", "-m", "jobs", "import"]
    cli.import_.main([*words[3:], "--store", str(tmp_path / "s")], standalone_mode=False)
    (spec,) = run
    assert ImportOptions.from_json(spec.options or {}) == options
    assert spec == job(tmp_path, "my films", options, stored={}, cleanup=False, frames=0)


def test_what_the_data_set_has_and_the_import_has_not_is_taken_back(tmp_path: Path):
    stored = {"threshold": "otsu", "swap": True, "axes": "txy"}
    options = ImportOptions(axes="txy")
    spec = job(tmp_path, "mine", options, stored=stored, cleanup=True, frames=9)
    assert spec.options == {"axes": "txy", "threshold": None, "swap": False}
    assert ImportOptions.from_json({**stored, **spec.options}) == ImportOptions(axes="txy")
