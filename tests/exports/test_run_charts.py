"""Charts of a run as files: what is drawn is what the store has."""

import io
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from exports import run_charts
from exports.export import export
from morphcore.errors import MorphError
from store import evaluations, runs
from store.db import open_store
from tests.evaluated import evaluation
from tests.factory import Made


@pytest.fixture
def evaluated(made: Made) -> Made:
    with open_store(made.path) as db:
        evaluations.add(db, made.checkpoint_id, evaluation(verified=True))
    return made


def texts(path: Path) -> set[str]:
    return {text for text in ElementTree.parse(path).getroot().itertext() if text.strip()}


@pytest.mark.parametrize("what", run_charts.CHARTS)
def test_every_chart_is_written_as_svg_without_anything_from_elsewhere(
    what: str, evaluated: Made, tmp_path: Path
) -> None:
    out = tmp_path / "chart.svg"
    assert export(evaluated.path, what, out, run_id=evaluated.run_id)["what"] == what
    assert texts(out)
    content = out.read_text().replace("http://www.w3.org/", "")
    for away in ("http:", "https:", "<script", "<image", "@import", "@font-face"):
        assert away not in content


def test_a_chart_says_what_the_evaluation_says(evaluated: Made, tmp_path: Path) -> None:
    out = tmp_path / "chart.svg"
    export(evaluated.path, "chart-evaluation", out, run_id=evaluated.run_id)
    words = texts(out)
    assert {"this model", "untrained network", "area fraction and L"} <= words
    assert "Twin recall@5 (higher is better, no unit)" in words


def test_a_png_is_twice_as_fine_as_the_chart(evaluated: Made, tmp_path: Path) -> None:
    out = tmp_path / "chart.png"
    export(evaluated.path, "chart-training", out, run_id=evaluated.run_id)
    with Image.open(io.BytesIO(out.read_bytes())) as image:
        assert (image.format, image.width) == ("PNG", 1440)
        assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_the_ending_is_one_of_two(made: Made, tmp_path: Path) -> None:
    with pytest.raises(MorphError, match=r"A chart's file ends in \.svg or \.png"):
        export(made.path, "chart-training", tmp_path / "chart.pdf", run_id=made.run_id)
    with pytest.raises(MorphError, match="say which with --run"):
        export(made.path, "chart-training", tmp_path / "chart.svg", dataset="blobs")


def test_a_run_that_has_nothing_to_draw_says_what_is_missing(made: Made, tmp_path: Path) -> None:
    with open_store(made.path) as db:
        run = runs.run(db, made.run_id)
        empty = runs.create(db, made.dataset_id, run.config, runs.split(db, made.run_id))
    for what, run_id, words in (
        ("chart-training", empty, "has no epochs yet"),
        ("chart-map", empty, "has no map yet"),
        ("chart-evaluation", empty, "is not evaluated yet"),
        ("chart-calibration", made.run_id, "is not evaluated yet"),
    ):
        with pytest.raises(MorphError, match=words):
            export(made.path, what, tmp_path / "chart.svg", run_id=run_id)
    assert list(tmp_path.glob("chart*")) == []


def test_an_evaluation_without_twins_has_no_calibration(made: Made, tmp_path: Path) -> None:
    with open_store(made.path) as db:
        evaluations.add(db, made.checkpoint_id, evaluation(twins=False))
    with pytest.raises(MorphError, match="evaluated without twins"):
        export(made.path, "chart-calibration", tmp_path / "chart.svg", run_id=made.run_id)
    with pytest.raises(MorphError, match="no detection curve"):
        export(made.path, "chart-detection", tmp_path / "chart.svg", run_id=made.run_id)
    export(made.path, "chart-evaluation", tmp_path / "chart.svg", run_id=made.run_id)
    assert "Descriptor distance@5 (lower is better, no unit)" in texts(tmp_path / "chart.svg")
