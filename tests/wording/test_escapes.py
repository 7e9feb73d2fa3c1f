"""Names of hostile shape in Markdown, as names of files and in cells, and who forgot to escape."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile import NAMES, escaped
from wording.escapes import csv_cell, file_name, plain

ROOT = Path(__file__).resolve().parents[2]
# Attributes that hold what somebody typed or a file was called.
TYPED = {"name", "dataset", "note", "source_file", "family", "device", "time_unit", "length_unit"}
ESCAPES = {"plain", "file_name", "csv_cell"}
# Arguments of widgets that are no Markdown.
VERBATIM = {"alt", "key", "placeholder", "file_name"}
# What is put into a text as it is, how often, and why that is right.
MEANT = Counter(
    {
        "ui/datasets/simulate_form.py: form.name": 1,  # a problem, which its caller escapes
        "ui/datasets/view.py: dataset.name": 1,  # a download's name, which ui.downloads escapes
        "ui/datasets/view.py: run.name": 1,  # a cell of a table
        "ui/frame/card.py: info.trajectory.name": 1,  # an alternative text
        "ui/map/neighbours.py: info.trajectory.name": 1,  # an alternative text, else escaped
        "ui/map/second_map.py: candidate.run.name": 1,  # an option of a select box
        "ui/quality/runs.py: run.name": 1,  # a download's name
        "ui/quality/runs.py: others[run_id].name": 1,  # an option of a list
        "ui/quality/runs.py: others[run_id].dataset": 1,
        "ui/runs/downloads.py: run.name": 3,  # names of downloads
        "ui/runs/trial.py: tuning.name": 1,  # ours
        "ui/tuning/view.py: tuning.name": 1,
        "ui/selection.py: elbo.name": 1,  # ours
        "ui/selection.py: run.name": 1,  # an option of a select box
        "ui/selection.py: run.dataset": 1,
        "ui/trajectories/together.py: info.name": 1,  # the player's, which writes text alone
        "pages/help.py: term.name": 1,  # ours
        "pages/train.py: option.name": 1,  # an option of a select box
        "pages/train.py: option.dataset": 1,
        "pages/tune.py: tuning.name": 1,  # ours
        "pages/tune.py: tuning.dataset": 1,  # an option of a select box, else escaped
        "pages/trajectories.py: info.source_file": 1,  # escaped with the rest of the line
        "pages/trajectories.py: info.time_unit": 1,
    }
)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_a_name_is_markdown(name: str) -> None:
    assert escaped(f"**{name}**")
    assert not escaped(f"**{plain(name)}** · :small[{plain(name)}]")
    assert "\n" not in plain(name)
    assert "\x00" not in plain(name)


def test_ordinary_names_stay_readable() -> None:
    assert plain("a*b_c:red[x]") == r"a\*b\_c\:red\[x\]"
    assert plain("phi 0.5, 20 °C") == "phi 0.5, 20 °C"
    assert plain("1. annealed") == r"1\. annealed"
    assert plain("caf\udce9") == "caf\ufffd"  # a file's name that is no UTF-8


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("blends, 60 °C", "blends, 60 °C"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..\\..\\a:b", "_.._a_b"),
        ("/abs", "_abs"),
        (".hidden", "hidden"),
        ("a.\n", "a._"),
        ("CON", "CON_"),
        ("nul.txt", "nul_.txt"),
        ("...", "unnamed"),
        ("", "unnamed"),
        ("x" * 500, "x" * 120),
    ],
)
def test_a_name_is_a_file_in_no_other_folder(name: str, file: str) -> None:
    assert file_name(name) == file


@pytest.mark.parametrize(
    "text", ["=1", "+1+1", "-1|", "@A1", "\tx", "\rx", "\nx", " =1", "＝1", "-"]
)
def test_no_cell_is_a_formula(text: str) -> None:
    assert csv_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", [-1, -2.5, None, "-1", "+2.5e-3", "-inf", "a=b", "", "-.5"])
def test_numbers_and_words_stay_as_they_are(value: object) -> None:
    assert csv_cell(value) == value


def test_names_go_into_texts_of_pages_through_an_escape_alone() -> None:
    """A new f-string of a name that is not escaped fails here; `MEANT` says where that is right."""
    raw = Counter(
        f"{file.relative_to(ROOT)}: {name}"
        for room in ("ui", "pages")
        for file in (ROOT / room).rglob("*.py")
        for name in _unescaped(ast.parse(file.read_text("utf-8")))
    )
    assert raw == MEANT


def _unescaped(node: ast.AST) -> Iterator[str]:
    """The names that f-strings below a node take as they are."""
    if isinstance(node, ast.keyword) and node.arg in VERBATIM:
        return
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ESCAPES:
        return
    if isinstance(node, ast.FormattedValue) and getattr(node.value, "attr", "") in TYPED:
        yield ast.unparse(node.value)
    for child in ast.iter_child_nodes(node):
        yield from _unescaped(child)
