"""The form of an import by itself. The look is a fake; tests/e2e has the real one."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from streamlit.testing.v1 import AppTest

from jobs import queue
from morphcore.readers import read
from morphcore.readers.limits import UPLOAD_LIMITS
from morphcore.readers.look import ImportLook, Question
from morphcore.readers.options import ImportOptions
from morphcore.readers.results import ImportPathError
from morphcore.types import Rejection
from store import datasets as dataset_table
from store import jobs
from store.db import open_store
from tests.looks import ON_ITS_SIDE, film, looked
from ui.datasets import import_source, uploads
from ui.datasets.import_form import obstacle

Looks = list[ImportOptions]


def form(store):
    from store import datasets as dataset_table
    from store.db import open_store
    from ui.datasets import import_form

    with open_store(store) as db:
        named = {each.name: each for each in dataset_table.all_datasets(db)}
    import_form.show(store, named)


@pytest.fixture
def page(store: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(queue, "_spawn", lambda _store, _job: psutil.Process())
    return AppTest.from_function(form, default_timeout=60, kwargs={"store": store})


@pytest.fixture
def finding(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Looks]:
    """Sets what a look finds by its options; the list that it returns has those it was taken by."""

    def use(find: Callable[[ImportOptions], ImportLook]) -> Looks:
        taken: Looks = []

        def look(_path: Path, options: ImportOptions, **_: Any) -> ImportLook:
            taken.append(options)
            return find(options)

        monkeypatch.setattr(read, "look", look, raising=False)
        return taken

    return use


def ran(page: AppTest) -> AppTest:
    """Run until the look has ended."""
    for _ in range(50):
        page.run()
        assert not page.exception, page.exception[0].message
        if not any(button.key == "import_stop_look" for button in page.button):
            return page
    raise AssertionError("the look does not end")


def opened(page: AppTest, path: Path) -> AppTest:
    ran(page)
    page.text_input(key="import_path").set_value(str(path))
    return ran(page)


def on_its_side(options: ImportOptions) -> ImportLook:
    """A film that lies on its side, until its axes are given."""
    questions = (ON_ITS_SIDE,) if options.axes is None else ()
    return looked(film("film"), options=options, questions=questions)


def job_args(store: Path) -> list[dict[str, Any]]:
    with open_store(store) as db:
        return [job.args for job in jobs.all_jobs(db)]


def test_nothing_is_stored_before_the_button_and_then_the_same_options_are_used(
    store: Path, tmp_path: Path, page: AppTest, finding
):
    taken = finding(on_its_side)
    opened(page, tmp_path)
    assert page.button(key="start_import").disabled
    assert any("when the question above is decided" in each.value for each in page.markdown)
    assert page.selectbox(key="import_option_ask_axes").value is None  # nothing is filled in
    page.selectbox(key="import_option_ask_axes").set_value("txy")
    ran(page)
    assert not page.button(key="start_import").disabled
    assert page.selectbox(key="import_option_axes").value == "txy"  # now among the options
    assert "--axes txy" in page.code[0].value
    assert job_args(store) == []
    with open_store(store) as db:
        assert dataset_table.all_datasets(db) == []
    page.button(key="start_import").click()
    ran(page)
    assert job_args(store) == [
        {
            "path": str(tmp_path),
            "name": tmp_path.name,
            "options": {"axes": "txy"},
            "frames": sum(
                each.frames for each in on_its_side(ImportOptions(axes="txy")).trajectories
            ),
        }
    ]
    assert page.text_input(key="import_path").value == ""  # ready for the next
    assert taken == [ImportOptions(), ImportOptions(axes="txy")]


def test_the_same_files_with_the_same_options_are_looked_at_once(
    tmp_path: Path, page: AppTest, finding
):
    (tmp_path / "a.png").write_bytes(b"1")
    taken = finding(on_its_side)
    opened(page, tmp_path)
    page.selectbox(key="import_option_threshold").set_value("otsu")
    ran(page)
    page.selectbox(key="import_option_threshold").set_value("as found")
    ran(page)
    page.text_input(key="import_name").set_value("mine")
    ran(page)
    assert taken == [ImportOptions(), ImportOptions(threshold="otsu")]
    (tmp_path / "b.png").write_bytes(b"2")
    page.button(key="import_look_again").click()
    ran(page)
    assert len(taken) == 3


def test_fields_of_numbers_count_once_all_that_is_needed_is_there(
    tmp_path: Path, page: AppTest, finding
):
    taken = finding(on_its_side)
    opened(page, tmp_path)
    page.number_input(key="import_option_value_range_0").set_value(10.0)
    ran(page)
    assert taken[-1] == ImportOptions()
    page.number_input(key="import_option_value_range_1").set_value(90.0)
    ran(page)
    assert taken[-1].value_range == (10.0, 90.0)
    page.number_input(key="import_option_pixel_size_0").set_value(2.5)  # square, where y is empty
    ran(page)
    assert taken[-1].pixel_size == (2.5, 2.5)
    page.selectbox(key="import_option_threshold").set_value("numbers")
    ran(page)
    page.number_input(key="import_option_threshold_0").set_value(40.0)
    ran(page)
    assert taken[-1].threshold == 40.0
    page.selectbox(key="import_option_crop").set_value("numbers")
    ran(page)
    page.number_input(key="import_option_crop_1").set_value(12)
    ran(page)
    assert taken[-1].crop == (0, 12, 0, 0)
    page.button(key="import_options_reset").click()
    ran(page)
    assert page.number_input(key="import_option_value_range_0").value is None
    assert page.selectbox(key="import_option_threshold").value == "as found"
    assert page.code[0].value == f"python -m jobs import {tmp_path}"


def test_a_value_out_of_range_is_said_and_not_looked_at(tmp_path: Path, page: AppTest, finding):
    taken = finding(on_its_side)
    opened(page, tmp_path)
    for index, value in enumerate((90.0, 10.0)):
        page.number_input(key=f"import_option_value_range_{index}").set_value(value)
        ran(page)
    assert page.error[0].value == "A range of values is two numbers, the lower one first."
    assert taken == [ImportOptions()]
    page.number_input(key="import_option_value_range_1").set_value(100.0)  # it can be mended
    ran(page)
    assert not page.error
    assert taken[-1].value_range == (90.0, 100.0)


def test_a_pattern_that_is_none_is_said(tmp_path: Path, page: AppTest, finding):
    taken = finding(on_its_side)
    opened(page, tmp_path)
    for pattern, said in (("(", "no regular expression"), (r"\d+", "needs a group")):
        page.text_input(key="import_option_names").set_value(pattern)
        ran(page)
        assert any(said in each.value for each in page.caption)
    assert taken == [ImportOptions()]


def test_a_data_set_that_is_added_to_gives_its_options(
    store: Path, tmp_path: Path, page: AppTest, finding
):
    with open_store(store) as db:
        kept = {"options": {"threshold": "otsu", "axes": "txy"}}
        dataset_table.create(db, "mine", "imported", kept)
    taken = finding(on_its_side)
    opened(page, tmp_path)
    page.text_input(key="import_name").set_value("mine")
    ran(page)
    assert taken[-1] == ImportOptions(threshold="otsu", axes="txy")
    assert page.selectbox(key="import_option_threshold").value == "otsu"
    page.selectbox(key="import_option_threshold").set_value("as found")  # for this import alone
    ran(page)
    assert taken[-1] == ImportOptions(axes="txy")
    page.button(key="start_import").click()
    ran(page)
    assert job_args(store)[0]["options"] == {"axes": "txy", "threshold": None}


def test_each_refusal_is_a_sentence_and_the_button_stays_away(
    tmp_path: Path, page: AppTest, finding
):
    def refuse(_options: ImportOptions) -> ImportLook:
        raise ImportPathError("films cannot be opened: permission denied.")

    finding(refuse)
    opened(page, tmp_path / "missing")
    assert "There is no" in page.warning[0].value
    opened(page, tmp_path)
    assert "permission denied" in page.error[0].value
    assert all(button.key != "start_import" for button in page.button)


def test_a_mistake_of_our_own_is_said_as_such(tmp_path: Path, page: AppTest, finding):
    def fail(_options: ImportOptions) -> ImportLook:
        raise KeyError("shape")

    finding(fail)
    opened(page, tmp_path)
    assert "Something went wrong inside Morph" in page.error[0].value


def test_nothing_readable_is_listed_by_reason(tmp_path: Path, page: AppTest, finding):
    finding(lambda _: looked(rejections=(Rejection("a.png", "It is cut off."),)))
    opened(page, tmp_path)
    assert page.button(key="start_import").disabled
    assert page.dataframe[0].value.to_dict("records") == [
        {"File": "a.png", "Why": "It is cut off."}
    ]


def test_a_long_look_can_be_stopped_and_begun_again(
    tmp_path: Path, page: AppTest, monkeypatch: pytest.MonkeyPatch
):
    going_on, ended = threading.Event(), threading.Event()
    going_on.set()

    def look(_path: Path, options: ImportOptions, *, progress: Any, **_: Any) -> ImportLook:
        try:
            while going_on.wait(0.01) and going_on.is_set():
                progress(0.5)
        finally:
            ended.set()
        return on_its_side(options)

    monkeypatch.setattr(read, "look", look, raising=False)
    page.run()
    page.text_input(key="import_path").set_value(str(tmp_path)).run()
    assert not page.exception
    page.button(key="import_stop_look").click().run()
    assert ended.wait(10)
    assert any("was stopped" in each.value for each in page.markdown)
    going_on.clear()
    page.button(key="import_look_again").click()
    ran(page)
    assert page.selectbox(key="import_option_ask_axes").value is None


def test_another_choice_of_options_stops_the_look_before(
    tmp_path: Path, page: AppTest, monkeypatch: pytest.MonkeyPatch
):
    first_ended = threading.Event()

    def look(_path: Path, options: ImportOptions, *, progress: Any, **_: Any) -> ImportLook:
        if options.threshold is None:
            try:
                while True:
                    first_ended.wait(0.01)
                    progress(0.5)
            finally:
                first_ended.set()
        return on_its_side(options)

    monkeypatch.setattr(read, "look", look, raising=False)
    page.run()
    page.text_input(key="import_path").set_value(str(tmp_path)).run()
    page.selectbox(key="import_option_threshold").set_value("half")
    ran(page)
    assert first_ended.wait(10)
    assert any(button.key == "start_import" for button in page.button)


def test_an_upload_is_kept_while_it_is_looked_at(store: Path, page: AppTest, finding):
    finding(lambda options: looked(film("film"), options=options))
    ran(page)
    page.segmented_control(key="import_from").set_value("files")
    ran(page)
    page.file_uploader(key="import_files_0").set_value(("film.npy", b"123", "application/x-npy"))
    ran(page)
    (first,) = uploads.folder(store).glob("*/*")
    assert (first.name, first.read_bytes()) == ("film.npy", b"123")
    page.file_uploader(key="import_files_0").set_value(("other.npy", b"45", "application/x-npy"))
    ran(page)
    (second,) = uploads.folder(store).glob("*/*")  # another is chosen: the first is deleted
    assert second.name == "other.npy"
    page.button(key="start_import").click()
    ran(page)
    assert job_args(store) == [{"path": str(second), "name": "other", "cleanup": True, "frames": 3}]
    assert second.exists()  # the job deletes it
    assert not page.file_uploader(key="import_files_1").value


def test_an_upload_is_deleted_when_a_path_is_chosen_instead(store: Path, page: AppTest, finding):
    finding(lambda options: looked(film("film"), options=options))
    ran(page)
    page.segmented_control(key="import_from").set_value("files")
    ran(page)
    page.file_uploader(key="import_files_0").set_value(("film.npy", b"123", "application/x-npy"))
    ran(page)
    page.segmented_control(key="import_from").set_value("path")
    ran(page)
    assert not list(uploads.folder(store).glob("*/*"))


def test_what_an_upload_may_have_is_said_and_more_is_not_kept(
    store: Path, page: AppTest, finding, monkeypatch
):
    assert "up to 2 GB in all, 50,000,000 pixels" in import_source.bounds(UPLOAD_LIMITS)
    monkeypatch.setattr(import_source, "UPLOAD_BYTES", 2 * 2**20)
    finding(lambda options: looked(film("film"), options=options))
    ran(page)
    page.segmented_control(key="import_from").set_value("files")
    ran(page)
    bounds = import_source.bounds(UPLOAD_LIMITS)
    assert any(each.value == bounds for each in page.caption)
    too_much = b"1" * (2**20 + 1)
    page.file_uploader(key="import_files_0").set_value(
        [("a.npy", too_much, "application/x-npy"), ("b.npy", too_much, "application/x-npy")]
    )
    ran(page)
    assert any("These have more." in each.value for each in page.error)
    assert not list(uploads.folder(store).glob("*/*"))


@pytest.mark.parametrize(
    ("look", "name", "said"),
    [
        (looked(film("a")), "mine", ""),
        (looked(film("a")), None, "Give the data set a name"),
        (looked(), "mine", "nothing here that can be imported"),
        (looked(film("a"), questions=(ON_ITS_SIDE,)), "mine", "the question above"),
        (
            looked(film("a"), questions=(ON_ITS_SIDE, Question("colours", "Which?"))),
            "mine",
            "the 2 questions above",
        ),
    ],
)
def test_the_button_says_what_is_missing(look: ImportLook, name: str | None, said: str):
    assert said in obstacle(look, name)
    assert bool(said) == bool(obstacle(look, name))
