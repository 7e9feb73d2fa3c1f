"""Parameters of the address: their values, which of them count, and the selectbox they follow."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ui import links

ROOT = Path(__file__).resolve().parents[2]


def _page(session_first: bool, optional: bool) -> None:
    import streamlit as st

    from ui import links

    st.session_state["read"] = {
        "text": links.text_param("one"),
        "int": links.int_param("one"),
        "ids": links.ids_param("one"),
        "has": links.has_param("none", "one"),
    }
    options = [3, 5, 7]
    chosen = links.linked_selectbox(
        "One of these",
        options,
        link="one",
        key="one_id",
        default=None if optional else options[0],
        format_func=lambda option: f"number {option}",
        session_first=session_first,
    )
    st.session_state["chosen"] = chosen
    links.set_params({"ids": [1, 2], "text": "a,b", "dropped": 1})
    links.drop_params("dropped", "never there")


def opened(*, session_first: bool = False, optional: bool = False, **link: str) -> AppTest:
    page = AppTest.from_function(_page, args=(session_first, optional))
    for name, value in link.items():
        page.query_params[name] = value
    return run(page)


def run(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception, page.exception[0].message
    return page


def link(page: AppTest) -> dict[str, str]:
    return {
        name: value[0] if isinstance(value, list) else value
        for name, value in page.query_params.items()
    }


@pytest.mark.parametrize(
    ("text", "number", "ids"),
    [
        ("3", 3, [3]),
        ("4,7", None, [4, 7]),
        ("4,x,7,", None, [4, 7]),
        ("-1", None, []),
        ("1.5", None, []),
        ("²", None, []),
        ("٣", None, []),
        ("9" * 40, None, []),
        ("", None, []),
    ],
)
def test_a_parameter_as_text_as_an_id_and_as_ids(
    text: str, number: int | None, ids: list[int]
) -> None:
    read = opened(one=text).session_state["read"]
    assert read == {"text": text, "int": number, "ids": ids, "has": True}


def test_parameters_that_are_not_there() -> None:
    page = opened()
    assert page.session_state["read"] == {"text": None, "int": None, "ids": [], "has": False}
    assert link(page) == {"one": "3", "ids": "1,2", "text": "a,b"}


def test_a_link_wins_once_then_the_user_does() -> None:
    page = opened(one="5")
    assert page.session_state["chosen"] == 5
    page.selectbox(key="one_id").set_value(7)
    run(page)
    assert (page.session_state["chosen"], link(page)["one"]) == (7, "7")
    page.query_params["one"] = "3"  # Back
    assert run(page).session_state["chosen"] == 3
    del page.query_params["one"]  # as on the way to another page
    assert run(page).session_state["chosen"] == 3
    assert link(page)["one"] == "3"


@pytest.mark.parametrize("text", ["4", "x", ""])
def test_a_link_to_what_there_is_not_gives_the_default(text: str) -> None:
    page = opened(one=text)
    assert (page.session_state["chosen"], link(page)["one"]) == (3, "3")


def test_what_was_chosen_wins_over_a_link_where_the_session_comes_first() -> None:
    page = opened(session_first=True, one="5")
    assert page.session_state["chosen"] == 5
    page.query_params["one"] = "7"
    assert run(page).session_state["chosen"] == 5
    assert link(page)["one"] == "5"


def test_no_choice_is_a_choice_where_it_is_the_default() -> None:
    page = opened(session_first=True, optional=True, one="5")
    assert page.session_state["chosen"] == 5
    page.selectbox(key="one_id").set_value(None)
    run(page)
    assert page.session_state["chosen"] is None
    assert "one" not in link(page)
    page.query_params["one"] = "7"
    assert run(page).session_state["chosen"] is None


def test_after_back_the_address_counts_and_what_it_lacks_is_unset(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = opened(session_first=True, one="5")
    optional = opened(optional=True, one="5")
    monkeypatch.setattr("ui.links.went_back", lambda: True)
    first.query_params["one"] = "7"
    assert run(first).session_state["chosen"] == 7
    del optional.query_params["one"]
    assert run(optional).session_state["chosen"] is None


def test_an_ordinary_visit_is_none_by_back() -> None:
    assert not links.went_back()


def _segments() -> None:
    import streamlit as st

    from ui import links

    st.session_state["chosen"] = links.linked_segments(
        "Along", ["epoch", "time"], link="along", key="along", default="epoch"
    )


def test_segments_are_in_the_address_unless_they_are_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = run(AppTest.from_function(_segments))
    assert (page.session_state["chosen"], link(page)) == ("epoch", {})
    page.segmented_control(key="along").set_value("time")
    run(page)
    assert (page.session_state["chosen"], link(page)) == ("time", {"along": "time"})
    del page.query_params["along"]
    assert run(page).session_state["chosen"] == "time"  # back from another page
    assert link(page) == {"along": "time"}
    monkeypatch.setattr("ui.links.went_back", lambda: True)
    del page.query_params["along"]
    assert run(page).session_state["chosen"] == "epoch"
    page.query_params["along"] = "time"
    assert run(page).session_state["chosen"] == "time"


def test_no_other_module_reads_or_writes_the_address() -> None:
    files = [*(ROOT / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"]
    users = [file for file in files if re.search(r"\bst\.query_params", file.read_text("utf-8"))]
    assert users == [ROOT / "ui" / "links.py"]
