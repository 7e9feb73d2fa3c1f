"""Commands, pages, metrics, words and rooms are documented, and what documents name is there."""

import ast
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from jobs.__main__ import main
from morphcore.descriptors.measure import DESCRIPTOR_NAMES
from wording import glossary, metrics

ROOT = Path(__file__).resolve().parent.parent
README, ARCHITECTURE = ROOT / "README.md", ROOT / "ARCHITECTURE.md"
DOCS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
PACKAGES = sorted(path.parent for path in ROOT.glob("*/__init__.py"))
# Rooms of the product; what judges it has none.
NO_ROOM = {"tests", "benchmarks"}


def run_cli(argv: Sequence[str]) -> int | str | None:
    """The exit status of a command that may leave by SystemExit."""
    try:
        return main(argv)
    except SystemExit as ended:
        return ended.code


def mentioned_commands() -> set[str]:
    texts = "\n".join(path.read_text() for path in DOCS)
    return set(re.findall(r"python -m jobs\s+([a-z][a-z-]*)", texts))


def first_cells(text: str) -> list[str]:
    """What the first column of every table holds, without its header."""
    cells = re.findall(r"^\| ([^|]+?) +\|", text, re.MULTILINE)
    return [cell for cell in cells if not set(cell) <= {"-", ":"}]


def ids_in_tables(path: Path) -> set[str]:
    return {name for cell in first_cells(path.read_text()) for name in re.findall("`(.+?)`", cell)}


def exists(path: str) -> bool:
    """Whether a path that a document names is there; inner rooms are named without their room."""
    return any((ROOT / room / path).exists() for room in ("", "morphcore"))


def defines(module: Path, names: Sequence[str]) -> bool:
    """Whether a module, or a package of that name, defines the first of some dotted names."""
    if not names:
        return True
    source = module.with_suffix(".py")
    if not source.exists():
        return False
    defined: set[str] = set()
    for node in ast.parse(source.read_text()).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                defined.add(name)
            case ast.Assign(targets=targets):
                defined |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                defined.add(name)
    return names[0] in defined


def resolves(dotted: str) -> bool:
    """Whether a dotted name is a module, a package, or a name that a module defines."""
    at, names = ROOT, dotted.split(".")
    while names and (at / names[0]).is_dir():
        at, names = at / names[0], names[1:]
    if names and (at / names[0]).with_suffix(".py").exists():
        at, names = at / names[0], names[1:]
    return defines(at, names)


class TestCommands:
    def test_every_command_is_in_the_readme(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run_cli(["--help"]) in (0, None)
        # A command stands at the beginning of its line, with its help after it or below.
        commands = re.findall(
            r"^ {2,4}([a-z][a-z-]*)(?: {2,}\S.*)?$", capsys.readouterr().out, re.MULTILINE
        )
        assert {"simulate", "train", "export"} <= set(commands)
        text = README.read_text()
        assert [name for name in commands if f"python -m jobs {name}" not in text] == []

    @pytest.mark.parametrize("command", sorted(mentioned_commands()))
    def test_every_command_in_the_docs_is_there(
        self, command: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run_cli([command, "--help"]) in (0, None)
        assert "--help" in capsys.readouterr().out


def test_every_page_is_in_the_readme() -> None:
    titles = re.findall(r'st\.Page\(.*?title="(.+?)"', (ROOT / "app.py").read_text())
    assert len(titles) == len(list((ROOT / "pages").glob("[!_]*.py")))
    assert set(titles) <= set(first_cells(README.read_text()))


def test_every_metric_baseline_and_descriptor_is_explained() -> None:
    ids = {*metrics.METRICS, *metrics.BASELINES, *DESCRIPTOR_NAMES}
    assert ids - ids_in_tables(ROOT / "docs" / "metrics.md") == set()


def test_every_word_that_pages_explain_is_in_the_glossary_of_the_help_page() -> None:
    """The Help page shows all of `TERMS`; here, that whatever help asks for is one of them."""
    asked: set[str] = set()
    for room in ("pages", "ui"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("meaning"):
                    asked |= {each.value for each in node.args if isinstance(each, ast.Constant)}
    assert asked
    assert asked <= set(glossary.TERMS)


class TestArchitecture:
    def test_every_room_exists(self) -> None:
        named = [name for name in ids_in_tables(ARCHITECTURE) if name.endswith(("/", ".py"))]
        assert {"store/", "morphcore/"} <= set(named)
        assert [name for name in named if not exists(name)] == []

    def test_every_package_has_its_row(self) -> None:
        rooms = {name.rstrip("/") for name in ids_in_tables(ARCHITECTURE)}
        assert {path.name for path in PACKAGES} - NO_ROOM <= rooms

    def test_every_room_of_the_science_is_named(self) -> None:
        rooms = sorted(path.parent.name for path in (ROOT / "morphcore").glob("*/__init__.py"))
        text = ARCHITECTURE.read_text()
        assert [name for name in rooms if f"`{name}/`" not in text] == []

    def test_every_file_and_dotted_name_is_there(self) -> None:
        code = re.findall("`([^`]+)`", ARCHITECTURE.read_text())
        files = [name for name in code if re.fullmatch(r"[\w/]+(/|\.py|\.js)", name)]
        assert [name for name in files if not exists(name)] == []
        roots = "|".join(path.name for path in PACKAGES)
        dotted = [name for name in code if re.fullmatch(rf"({roots})(\.\w+)+", name)]
        assert dotted
        assert [name for name in dotted if not resolves(name)] == []


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_between_documents_resolves(path: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", path.read_text())
    inner = [link.split("#")[0] for link in links if "://" not in link]
    assert [link for link in inner if link and not (path.parent / link).exists()] == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs" / "decisions").glob("*.md")), ids=lambda path: path.stem
)
def test_every_file_that_a_decision_names_is_there(path: Path) -> None:
    files = re.findall(r"`([a-z_]+/[\w/]+\.py)`", path.read_text())
    assert files
    assert [name for name in files if not (ROOT / name).exists()] == []


def test_every_decision_that_the_code_names_is_there() -> None:
    named = {
        name
        for package in PACKAGES
        for path in package.rglob("*.py")
        for name in re.findall(r"docs/[\w/-]+\.md", path.read_text())
    }
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_hook_is_a_check_of_the_gate() -> None:
    hooks = re.findall(r"entry: make ([\w-]+)", (ROOT / ".pre-commit-config.yaml").read_text())
    gate = re.search(r"^check: ([\w -]+?) *##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert gate is not None
    assert {*hooks, "tests"} == set(gate[1].split())
