"""Names that attack the files which carry them: tables, the model's zip, its card, the report."""

import csv
import io
import zipfile
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import pytest

from exports import export, model_card, report
from exports.export import model_with_card
from store import runs
from store.db import open_store
from tests.factory import Made
from tests.hostile import HOST, build_hostile, escaped

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return build_hostile(tmp_path_factory.mktemp("hostile") / "morph.sqlite")


def test_no_cell_of_a_table_is_a_formula_and_numbers_stay(hostile: Made, tmp_path: Path) -> None:
    out = tmp_path / "frames.csv"
    export.export(hostile.path, "frames", out, run_id=hostile.run_id)
    head, *rows = csv.reader(io.StringIO(out.read_text("utf-8"), newline=""))
    cells = [*head, *(cell for row in rows for cell in row)]
    for cell in cells:
        assert not cell.startswith(FORMULA) or float(cell) < 0, cell
    assert any(cell.startswith("'=") for cell in cells)
    assert {float(row[head.index("time")]) for row in rows} >= {20.0, 40.0}


def test_the_members_of_a_models_zip_stay_in_its_folder(hostile: Made) -> None:
    with open_store(hostile.path) as db:
        indexed = runs.all_indexed(db)
    for run in indexed:
        with zipfile.ZipFile(io.BytesIO(model_with_card(hostile.path, run))) as archive:
            for member in archive.namelist():
                assert len(PurePosixPath(member).parts) == 1
                assert ".." not in PurePosixPath(member).parts
                assert not set('\\:*?"<>|') & set(member)


def test_names_are_no_markdown_in_a_model_card(hostile: Made) -> None:
    with open_store(hostile.path) as db:
        for run in runs.all_runs(db):
            assert not escaped(model_card.card(db, run))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.outside: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.outside += [value for name, value in attrs if name in ("src", "href") and value]


def test_names_are_no_html_in_a_report(hostile: Made) -> None:
    with open_store(hostile.path) as db:
        for run in runs.all_indexed(db):
            reader = _Reader()
            reader.feed(report.html(db, run))
            assert "script" not in reader.tags
            assert not [address for address in reader.outside if HOST in address]
