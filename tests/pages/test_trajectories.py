"""The Trajectories page: what it opens, what it says of it, and that its link stays true."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from morphcore.types import Source, Trajectory
from store import datasets, descriptors, trajectories
from store.db import open_store
from tests.factory import Made, blobs, described

APP = str(Path(__file__).resolve().parents[2] / "app.py")
Open = Callable[..., AppTest]


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open the page of a store as a link with these parameters does."""

    def open_it(store: Path, **link: object) -> AppTest:
        monkeypatch.setenv("MORPH_STORE", str(store))
        at = AppTest.from_file(APP, default_timeout=30).run()
        for name, value in link.items():
            at.query_params[name] = str(value)
        at.switch_page("pages/trajectories.py").run()
        assert not at.exception
        return at

    return open_it


def player(at: AppTest) -> dict:
    """The data sent to the player."""
    (component,) = at.get("bidi_component")
    return json.loads(component.proto.json)


def box(at: AppTest, label: str):
    return next(each for each in at.selectbox if each.label.startswith(label))


def link(at: AppTest) -> dict[str, str]:
    return {
        name: value[0] if isinstance(value, list) else value
        for name, value in at.query_params.items()
    }


def rows(made: Made) -> list[trajectories.TrajectoryInfo]:
    with open_store(made.path) as db:
        return trajectories.trajectories(db, made.dataset_id)


def frames_of(made: Made, trajectory_id: int) -> list[int]:
    with open_store(made.path) as db:
        return trajectories.frame_ids_of(db, trajectory_id).tolist()


def import_pictures(made: Made) -> dict[str, int]:
    """A second data set: pictures without times, one of them alone in its trajectory."""
    gray = blobs(4, phi=0.5, seed=5)
    with open_store(made.path) as db:
        dataset_id = datasets.create(db, "pictures", "imported", {})
        single = Trajectory("single", gray[2:3], np.zeros(1), {}, time_unit="frame", periodic=False)
        few = Trajectory("few", gray, np.arange(4.0), {}, time_unit="frame", periodic=False)
        source = Source("few.gif", 10, "0" * 64)
        ids = {
            "dataset": dataset_id,
            "single": trajectories.add(db, dataset_id, single),
            "few": trajectories.add(db, dataset_id, few, source),
        }
        frame_ids = trajectories.frame_ids_of(db, ids["single"])
        measured = described(frame_ids, np.float32([0.5]), np.float32([6.25]))
        descriptors.add(db, measured)
    return ids


def test_an_empty_store_says_where_frames_come_from(open_page: Open, store: Path) -> None:
    at = open_page(store)
    assert "no frames yet" in at.info[0].value
    assert not at.get("bidi_component")


def test_the_first_trajectory_opens_with_its_facts(open_page: Open, made: Made) -> None:
    at = open_page(made.path)
    first = rows(made)[0]
    assert box(at, "Trajectory").value == first.id
    assert box(at, "Trajectory").options == [each.name for each in rows(made)]
    facts = " ".join(each.value for each in at.caption)
    for words in ("phi 0.5", "chi 2.4", "20 frames", "steps 20 to 400", "periodic"):
        assert words in facts
    sent = player(at)
    assert sent["at"] == 0
    assert sent["link"]["values"] == frames_of(made, first.id)
    early = "not yet separated: contrast 0.00 of 1"
    assert sent["films"][0]["unseparated"] == [early] + [""] * 19
    assert link(at) == {
        "dataset": str(made.dataset_id),
        "traj": str(first.id),
        "frame": str(sent["link"]["values"][0]),
        "run": str(made.run_id),
    }


def test_a_link_to_a_frame_opens_there(open_page: Open, made: Made) -> None:
    import_pictures(made)  # the newest data set is the one shown without a link
    wanted = rows(made)[3]
    frame_id = frames_of(made, wanted.id)[7]
    at = open_page(made.path, frame=frame_id)
    assert box(at, "Data set").value == made.dataset_id
    assert box(at, "Trajectory").value == wanted.id
    assert player(at)["at"] == 7
    assert player(at)["words"][7] == "frame 8 of 20 · step 160"
    assert link(at)["frame"] == str(frame_id)


def test_a_link_to_a_trajectory_finds_its_data_set(open_page: Open, made: Made) -> None:
    ids = import_pictures(made)
    at = open_page(made.path, traj=ids["few"])
    assert box(at, "Data set").value == ids["dataset"]
    assert box(at, "Trajectory").value == ids["few"]
    at = open_page(made.path, dataset=made.dataset_id, traj=rows(made)[5].id)
    assert box(at, "Trajectory").value == rows(made)[5].id


@pytest.mark.parametrize("value", ["999999", "x", "", "²", "9" * 30])
def test_a_link_to_nowhere_says_so(open_page: Open, made: Made, value: str) -> None:
    at = open_page(made.path, frame=value)
    assert "not in this store" in at.warning[0].value
    assert player(at)["at"] == 0
    assert open_page(made.path, traj=value).warning


def test_another_choice_changes_the_link_and_starts_at_the_first_frame(
    open_page: Open, made: Made
) -> None:
    infos = rows(made)
    at = open_page(made.path, frame=frames_of(made, infos[3].id)[7])
    box(at, "Trajectory").select(infos[1].id).run()
    assert player(at)["name"] == infos[1].name
    assert player(at)["at"] == 0
    assert link(at)["traj"] == str(infos[1].id)
    assert link(at)["frame"] == str(frames_of(made, infos[1].id)[0])
    ids = import_pictures(made)
    at.run()
    box(at, "Data set").select(ids["dataset"]).run()
    assert link(at)["dataset"] == str(ids["dataset"])
    assert player(at)["name"] == "few"
    assert link(at)["frame"] == str(frames_of(made, ids["few"])[0])


def test_a_rerun_sends_the_player_the_same(open_page: Open, made: Made) -> None:
    at = open_page(made.path, frame=frames_of(made, rows(made)[2].id)[4])
    before = player(at)
    assert player(at.run()) == before  # else it would begin anew under the user's hands


def test_parameters_narrow_the_choice(open_page: Open, made: Made) -> None:
    at = open_page(made.path)
    box(at, "Blend ratio").select(0.52).run()
    assert box(at, "Trajectory").options == ["phi0.520-chi2.4-r1", "phi0.520-chi2.8-r1"]
    box(at, "Interaction").select(2.8).run()
    assert box(at, "Trajectory").options == ["phi0.520-chi2.8-r1"]
    assert player(at)["name"] == "phi0.520-chi2.8-r1"
    # A link to what the filters hide takes them off.
    at.query_params.clear()
    at.query_params["frame"] = str(frames_of(made, rows(made)[0].id)[3])
    at.run()
    assert box(at, "Blend ratio").value is None
    assert player(at)["name"] == rows(made)[0].name
    assert player(at)["at"] == 3


def test_a_cell_without_a_trajectory_says_so(open_page: Open, made: Made) -> None:
    with open_store(made.path) as db:
        db.execute("DELETE FROM trajectories WHERE name = 'phi0.520-chi2.8-r1'")
    at = open_page(made.path)
    box(at, "Blend ratio").select(0.52).run()
    box(at, "Interaction").select(2.8).run()
    assert not at.exception
    assert "No trajectory has this phi and this chi" in at.info[0].value


def test_one_frame_is_shown_without_a_player(open_page: Open, made: Made) -> None:
    ids = import_pictures(made)
    at = open_page(made.path, traj=ids["single"])
    assert "one frame, so there is nothing to play and no curve" in at.info[0].value
    assert not at.get("bidi_component")
    assert any(
        "area fraction 50.0 %" in element.value and "L 6.2 px" in element.value
        for element in at.caption
    )
    assert "walls on all sides" in at.caption[0].value
    box(at, "Trajectory").select(ids["few"]).run()
    assert player(at)["at"] == 0


def test_pictures_without_times_say_so(open_page: Open, made: Made) -> None:
    ids = import_pictures(made)
    at = open_page(made.path, traj=ids["few"])
    assert "no times known" in at.caption[0].value
    assert "read from few.gif" in at.caption[0].value
    sent = player(at)
    assert sent["words"][0] == "frame 1 of 4"
    assert [chart["lines"][0]["values"] for chart in sent["charts"]] == [[None] * 4] * 3
    assert not sent["logByDefault"]


def test_a_model_adds_the_latent_speed(open_page: Open, made: Made) -> None:
    sent = player(open_page(made.path))
    fraction, length, contrast, speed = sent["charts"]
    assert speed["label"].startswith("latent speed (distance/e-fold")
    assert speed["lines"][0]["values"][0] is None  # one colour: it has no speed
    assert all(value > 0 for value in speed["lines"][0]["values"][1:])
    assert [moment["index"] for moment in sent["events"]["places"]] == speed["lines"][0]["events"]
    with open_store(made.path) as db:
        db.execute("DELETE FROM latents")
    at = open_page(made.path)
    assert [chart["label"] for chart in player(at)["charts"]] == [
        fraction["label"],
        length["label"],
        contrast["label"],
    ]
    assert any("No model is trained on this data set" in element.value for element in at.caption)


def test_a_link_opens_several_together(open_page: Open, made: Made) -> None:
    a, b, c = (info.id for info in rows(made)[:3])
    at = open_page(made.path, traj=f"{b},{a},{c}", sync="step", at=160)
    assert box(at, "Trajectory").value == b
    assert at.multiselect[0].value == [a, c]
    sent = player(at)
    assert [track["name"] for track in sent["films"]] == [
        f"{letter} · {rows(made)[n].name}" for letter, n in zip("ABC", (1, 0, 2), strict=True)
    ]
    assert sent["places"] == [list(range(20))] * 3  # all have the same times
    assert sent["at"] == 7
    assert link(at) | {"dataset": "", "run": ""} == {
        "dataset": "",
        "run": "",
        "traj": f"{b},{a},{c}",
        "sync": "step",
        "at": "160",
    }
    assert player(at.run()) == sent
    onward = [each.proto.label for each in at.get("page_link")]
    assert [f"Find frames similar to {letter}" in onward for letter in "ABCD"] == [True] * 3 + [
        False
    ]


@pytest.mark.parametrize(
    ("sync", "value"), [("L", "x"), ("free", "3,9"), ("aligned", "4"), ("no", "")]
)
def test_every_way_to_go_together_opens(open_page: Open, made: Made, sync: str, value: str) -> None:
    a, b = (info.id for info in rows(made)[:2])
    sent = player(at := open_page(made.path, traj=f"{a},{b}", sync=sync, at=value))
    assert link(at)["sync"] == ("step" if sync == "no" else sync)
    if sync == "free":
        assert sent["places"] is None
        assert sent["start"] == [3, 9]
    elif sync == "aligned":
        assert sent["at"] == 3
        assert [chart["lines"][0]["of"] for chart in sent["charts"][:2]] == [None, None]
        assert any("index it again" in element.value for element in at.markdown)  # PCA has no unit
    # To one again: the link names one, and the frame where it rests.
    at.multiselect[0].set_value([]).run()
    assert link(at)["traj"] == str(a)
    assert "sync" not in link(at)
    assert len(player(at)["films"]) == 1


def test_what_cannot_go_together_says_why(open_page: Open, made: Made) -> None:
    a, b = (info.id for info in rows(made)[:2])
    with open_store(made.path) as db:
        db.execute(
            "UPDATE descriptors SET length = length * 100 WHERE frame_id IN "
            "(SELECT id FROM frames WHERE trajectory_id = ?)",
            [b],
        )
    at = open_page(made.path, traj=f"{a},{b}", sync="L")
    assert "There is no L that all of them grow through" in at.info[0].value


def test_another_first_trajectory_keeps_who_is_beside_it(open_page: Open, made: Made) -> None:
    a, b, c = (info.id for info in rows(made)[:3])
    at = open_page(made.path, traj=f"{a},{b}")
    box(at, "Trajectory").select(c).run()
    assert link(at)["traj"] == f"{c},{b}"
    box(at, "Trajectory").select(b).run()  # it is beside itself no more
    assert link(at)["traj"] == str(b)
    assert len(player(at)["films"]) == 1
