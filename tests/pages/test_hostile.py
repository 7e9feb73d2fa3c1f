"""Names and addresses that attack every page: no exception, no link or picture that is foreign."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.factory import Made
from tests.hostile import LINES, LINK, NAMES, PICTURE, build_hostile, escaped

APP = str(Path(__file__).resolve().parents[2] / "app.py")
# Where Streamlit reads no Markdown: values of fields and lists, alternative texts, code, charts.
VERBATIM = re.compile(
    r"\.(id|alt|options|default|raw_values?|code_text|spec|json|placeholder|url|elementtext)$"
    r"|^(text|html)\.body$|^arrow_|^dataframe\."
)
Visit = Callable[..., AppTest]
PARAMETERS = {
    "data": "dataset",
    "train": "run",
    "trajectories": "dataset traj frame run sync at",
    "map": "run map frame colour paths also beside map_filter_phi_1 map_filter_time_1"
    " map_filter_contrast_1 map_filter_split_1 map_filter_properties_1 map_filter_bare_1",
    "compare": "run frame with drawing upload with_upload compare_k compare_by compare_from"
    " compare_look compare_leave_uniform compare_threshold",
    "model": "run what frame with z draw",
    "quality": "run beside",
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return build_hostile(tmp_path_factory.mktemp("hostile") / "morph.sqlite")


@pytest.fixture
def visit(hostile: Made, monkeypatch: pytest.MonkeyPatch) -> Visit:
    monkeypatch.setenv("MORPH_STORE", str(hostile.path))
    monkeypatch.setattr("jobs.queue.tend", lambda _store: None)
    monkeypatch.setattr("ui.shell.enter", lambda: None)  # AppTest is always "just started"

    def open_page(name: str, **link: str) -> AppTest:
        page = AppTest.from_file(APP, default_timeout=60)
        page.switch_page(f"pages/{name}.py")
        for parameter, value in link.items():
            page.query_params[parameter] = value
        return safe(page.run())

    return open_page


def safe(page: AppTest) -> AppTest:
    """A page without an exception, on which no name has come out of its escape."""
    assert not page.exception, page.exception[0].message
    out = {
        f"{where}: {text!r}": came_out
        for where, text in texts(page)
        if not VERBATIM.search(where) and (came_out := escaped(text))
    }
    assert not out, out
    return page


def texts(page: AppTest) -> Iterator[tuple[str, str]]:
    """All texts of a page's elements with where they stand, as in "caption.body"."""
    for node in page._tree:
        proto = getattr(node, "proto", None)
        if hasattr(proto, "ListFields"):
            yield from _strings(proto, node.type)


def _strings(message: Any, where: str) -> Iterator[tuple[str, str]]:
    for field, value in message.ListFields():
        name = f"{where}.{field.name}"
        if field.type == field.TYPE_STRING:
            yield from ((name, text) for text in ([value] if isinstance(value, str) else value))
        elif field.type == field.TYPE_MESSAGE and not hasattr(value, "keys"):  # no mapping
            for each in value if field.is_repeated else [value]:
                yield from _strings(each, name)


@pytest.mark.parametrize("name", NAMES)
def test_the_sign_of_an_escape_is_seen(name: str) -> None:
    assert escaped(name)


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("overview", {}),
        ("data", {"dataset": "1"}),
        ("data", {"dataset": "2"}),
        ("train", {"run": "1"}),
        ("trajectories", {"frame": "30"}),
        ("trajectories", {"traj": "1,2,3", "sync": "free"}),
        ("trajectories", {"traj": "1,2", "sync": "L"}),
        ("trajectories", {"traj": "1,2", "sync": "aligned"}),
        ("map", {"frame": "30", "colour": f"property:{PICTURE}"}),
        ("compare", {"frame": "30"}),
        ("compare", {"frame": "30", "with": "60"}),
        ("compare", {"frame": PICTURE}),
        ("model", {"frame": LINK}),
        ("quality", {"run": "1"}),
    ],
)
def test_names_are_shown_as_they_are(visit: Visit, page: str, link: dict[str, str]) -> None:
    visit(page, **link)


def test_names_of_properties_are_shown_as_they_are_in_filters(visit: Visit) -> None:
    page = visit("map")
    page.multiselect(key="map_filter_properties_1").set_value([PICTURE, f"{LINES} n"])
    safe(page.run())


def test_names_are_shown_as_they_are_in_questions_of_deletion(visit: Visit) -> None:
    page = visit("data", dataset="1")
    safe(page.button(key="dataset_delete_1").click().run())
    page = visit("train", run="1")
    safe(page.button(key="run_delete_1").click().run())


@pytest.mark.parametrize("page", PARAMETERS)
@pytest.mark.parametrize("value", ["²", f"{2**64},{'9' * 400}", "", PICTURE])
def test_an_address_may_say_anything(visit: Visit, page: str, value: str) -> None:
    visit(page, **dict.fromkeys(PARAMETERS[page].split(), value))
