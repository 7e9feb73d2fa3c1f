"""The Map page as far as it goes without a browser: choices, links, empty states, jobs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from morphcore.types import Latents
from store import attached, datasets, jobs, latents, projections, trajectories
from store.db import open_store
from tests.factory import Made, build_store, trajectory
from tests.markdown import shown
from tests.properties import add_properties
from ui.cached import models as cached_models
from ui.map.selection import View

APP = str(Path(__file__).resolve().parents[2] / "app.py")


@pytest.fixture(autouse=True)
def _no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are queued here and not worked on."""
    monkeypatch.setattr("jobs.queue.tend", lambda _store: None)
    monkeypatch.setattr("ui.shell.enter", lambda: None)  # AppTest is always "just started"


def _page(path: Path, monkeypatch: pytest.MonkeyPatch, **link: object) -> AppTest:
    monkeypatch.setenv("MORPH_STORE", str(path))
    page = AppTest.from_file(APP, default_timeout=60)
    page.switch_page("pages/map.py")
    for name, value in link.items():
        page.query_params[name] = str(value)
    page.run()
    assert not page.exception
    return page


def _words(page: AppTest) -> str:
    kinds = (page.markdown, page.caption, page.info, page.title)
    return "\n".join(shown(each.value) for kind in kinds for each in kind)


def test_an_empty_store_says_what_to_do(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = _page(store, monkeypatch)
    assert "No model has been trained" in _words(page)


def test_the_maps_are_named_and_that_of_all_frames_is_shown(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = _page(made.path, monkeypatch)
    box = page.selectbox(key="map_id")
    assert box.options == ["PCA, every 5th frame (24 points)", "PCA, all 120 frames"]
    assert box.value == made.map_ids[1]
    assert "Point at a frame to see it" in _words(page)
    assert "frames that lie on each other here may still differ" in _words(page)


def test_a_link_to_a_frame_chooses_a_map_that_has_it(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(made.path) as db:
        table = trajectories.frame_table(db, made.dataset_id)
    frame_id = int(table.frame_ids[table.index == 7][2])
    page = _page(made.path, monkeypatch, frame=frame_id)
    assert page.selectbox(key="map_id").value == made.map_ids[1]
    assert "step 160" in _words(page)
    assert "φ 0.52 · χ 2.4" in _words(page)
    # On the other map the frame stays selected, and the page says that it is not there.
    page.selectbox(key="map_id").set_value(made.map_ids[0]).run()
    assert not page.exception
    assert page.query_params["map"] == str(made.map_ids[0])
    assert "not on this map" in _words(page)


@pytest.mark.parametrize("link", [{"frame": 999_999}, {"map": 77}, {"frame": "x"}, {"run": 9}])
def test_a_link_to_nothing_shows_the_map(
    made: Made, monkeypatch: pytest.MonkeyPatch, link: dict[str, object]
) -> None:
    page = _page(made.path, monkeypatch, **link)
    assert page.selectbox(key="map_id").value == made.map_ids[1]
    assert "Point at a frame to see it" in _words(page)


def test_without_a_map_one_can_be_drawn(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(made.path) as db:
        db.execute("DELETE FROM projections")
        db.conn.commit()
    page = _page(made.path, monkeypatch)
    assert "No map has been drawn" in _words(page)
    page.button(key="draw_map").click().run()
    page.run()  # pressed twice starts once
    assert not page.exception
    with open_store(made.path) as db:
        (job,) = jobs.all_jobs(db)
    assert (job.kind, job.args) == ("map", {"run": made.run_id})


def test_the_form_queues_a_map_and_shows_it_when_it_is_drawn(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = _page(made.path, monkeypatch)
    page.number_input(key="new_map_every").set_value(3)
    page.number_input(key="new_map_perplexity").set_value(12.0)
    page.number_input(key="new_map_seed").set_value(5)
    page.button(key="new_map_draw").click().run()
    assert not page.exception
    with open_store(made.path) as db:
        (job,) = jobs.all_jobs(db)
        assert job.args == {
            "run": made.run_id,
            "method": "tsne",
            "every": 3,
            "perplexity": 12.0,
            "seed": 5,
        }
        # As the job would: it is drawn, and the page shows it at its next run.
        stored = projections.of_checkpoint(db, made.checkpoint_id)[1]
        points = projections.points(db, stored.id)
        config = type(stored.config)(method="tsne", every=3, perplexity=12.0, seed=5)
        new = projections.add(db, made.checkpoint_id, config, points)
        jobs.claim(db, job.id)
        jobs.finish(db, job.id, "done", result={"map": new})
    page.run()
    assert not page.exception
    assert page.selectbox(key="map_id").value == new
    assert "means nothing" in _words(page)
    # Only once: afterwards the choice is the user's.
    page.selectbox(key="map_id").set_value(made.map_ids[0]).run()
    page.run()
    assert page.selectbox(key="map_id").value == made.map_ids[0]


def test_a_link_names_colour_paths_and_the_second_map(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = _page(
        made.path, monkeypatch, map=made.map_ids[1], colour="kept", paths="4,77,2", beside=1
    )
    assert page.selectbox(key="map_colour").value == "kept"
    assert page.multiselect(key=f"map_paths_{made.dataset_id}").value == [4, 2]
    assert page.selectbox(key="second_map").value == made.map_ids[0]
    assert "mean Jaccard overlap" in _words(page)
    assert page.query_params["paths"] == "4,2"
    # Without the second map its colouring is gone, and the link with it.
    page.selectbox(key="second_map").set_value(None).run()
    assert not page.exception
    assert page.selectbox(key="map_colour").value == "time"
    assert "beside" not in page.query_params


def test_filters_say_what_is_left_and_can_be_reset(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = _page(made.path, monkeypatch, map=made.map_ids[1])
    assert "120 frames" in _words(page)
    page.toggle(key=f"map_filter_bare_{made.dataset_id}").set_value(False).run()
    assert "**114 of 120 frames** shown" in _words(page)
    page.button(key="map_filter_reset").click().run()
    assert not page.exception
    assert "of 120 frames" not in _words(page)


def test_another_map_hides_no_frame_by_a_filter_that_nobody_set(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last frames of each trajectory are not on a map of every 5th frame."""
    time = f"map_filter_time_{made.dataset_id}"
    page = _page(made.path, monkeypatch, map=made.map_ids[0])
    few = page.select_slider(key=time).options
    page.selectbox(key="map_id").set_value(made.map_ids[1]).run()
    assert not page.exception
    assert len(page.select_slider(key=time).options) > len(few)
    assert "of 120 frames** shown" not in _words(page)
    # A range that was set stays, at the nearest of the other map's times; its open end stays open.
    page.select_slider(key=time).set_value((100.0, 400.0)).run()
    assert "**96 of 120 frames** shown" in _words(page)
    for map_id in made.map_ids:
        page.selectbox(key="map_id").set_value(map_id).run()
        assert not page.exception
    assert page.select_slider(key=time).value == (100.0, 400.0)
    assert "**96 of 120 frames** shown" in _words(page)


def test_the_panel_shows_neighbours_of_other_trajectories(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = _page(made.path, monkeypatch, frame=27)
    page.segmented_control(key="map_tab").set_value("Neighbours").run()
    assert not page.exception
    shown = [each for each in page.button if str(each.key).startswith("map_neighbour_")]
    with open_store(made.path) as db:
        ids = [27, *(int(str(each.key).rpartition("_")[2]) for each in shown)]
        owners = [trajectories.frame_info(db, each).trajectory.id for each in ids]
    assert len(owners) == len(set(owners)) == 6
    shown[0].click().run()
    assert page.query_params["frame"] == str(ids[1])
    assert page.segmented_control(key="map_tab").value == "Neighbours"


def test_a_lasso_fills_the_gallery_until_all_is_cleared(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(made.path) as db:
        points = projections.points(db, made.map_ids[1])
    (left, bottom), (right, top) = points.coords.min(axis=0) - 1, points.coords.max(axis=0) + 1
    line = ((left, bottom), (right, bottom), (right, top), (left, top))
    monkeypatch.setenv("MORPH_STORE", str(made.path))
    page = AppTest.from_file(APP, default_timeout=60)
    page.switch_page("pages/map.py")
    page.session_state["map_now"] = View(made.map_ids[1], lasso=line)
    page.session_state["map_tab"] = "Gallery"
    page.run()
    assert not page.exception
    assert "24 of 120 shown" in _words(page)


def test_a_link_keeps_the_filters(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    split = f"map_filter_split_{made.dataset_id}"
    page = _page(made.path, monkeypatch, map=made.map_ids[1], **{split: "Held out"})
    assert page.segmented_control(key=split).value == "Held out"
    assert "of 120 frames** shown" in _words(page)
    assert not page.button(key="map_filter_reset").disabled


def test_reconstruction_errors_are_measured_on_a_button(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = _page(made.path, monkeypatch, colour="error")
    page.button(key="map_nats").click().run()
    assert not page.exception
    with open_store(made.path) as db:
        (job,) = jobs.all_jobs(db)
    assert (job.kind, job.args) == ("nats", {"run": made.run_id})


def test_every_colouring_shows_a_map(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    page = _page(made.path, monkeypatch)
    for name in ("trajectory", "split", "euler", "sigma", "z16", "error"):
        page.selectbox(key="map_colour").set_value(name).run()
        assert not page.exception, name
        assert page.query_params["colour"] == name


def test_a_frame_is_placed_where_its_neighbours_are(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = _page(made.path, monkeypatch, placed=27)
    assert "weighted median" in _words(page)
    assert page.toggle(key="map_place_open").value


def test_a_property_colours_and_filters_the_map(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    current = add_properties(made)
    page = _page(made.path, monkeypatch, colour="property:current", map=made.map_ids[1])
    assert page.selectbox(key="map_colour").value == "property:current"
    chosen = page.multiselect(key=f"map_filter_properties_{made.dataset_id}")
    assert chosen.options == ["batch", "current"]
    chosen.set_value(["current", "batch"]).run()
    assert not page.exception
    middle = sorted(current.values())[len(current) // 2]
    slider = page.slider(key=f"map_filter_property_current_{made.dataset_id}")
    slider.set_value((middle, slider.max)).run()
    assert not page.exception
    left = sum(value >= middle for value in current.values())
    assert f"**{left} of 120 frames** shown" in _words(page)
    page.button(key="map_filter_reset").click().run()
    assert "120 frames" in _words(page)


def _other(made: Made) -> int:
    """A data set "film" of one trajectory, half as large as the run's own."""
    with open_store(made.path) as db:
        dataset_id = datasets.create(db, "film", "imported", {})
        film = trajectory("film", frames=4, seed=3)
        trajectories.add(db, dataset_id, replace(film, frames=film.frames[:, ::2, ::2]))
    return dataset_id


def test_a_model_is_asked_to_look_at_another_data_set_once_its_scale_is_said(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    _other(made)
    page = _page(made.path, monkeypatch)
    go = f"map_look_go_{made.run_id}"
    radio = page.radio[0]
    assert radio.value is None
    assert page.button(key=go).disabled
    radio.set_value("one").run()
    assert any("would see 200 x 50 px" in each.value for each in page.error)
    assert page.button(key=go).disabled
    page.radio[0].set_value("thickness").run()
    assert "Scaled by 2: a height of 50 px is the film's thickness" in _words(page)
    page.button(key=go).click().run()
    assert not page.exception
    with open_store(made.path) as db:
        job = jobs.pending(db)[-1]
    assert job.args == {"run": made.run_id, "dataset": "film", "scale": "thickness"}


def test_attached_frames_are_on_the_map_with_their_scale_until_they_are_detached(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset_id = _other(made)
    with open_store(made.path) as db:
        table = trajectories.frame_table(db, dataset_id)
        stored = latents.of_checkpoint(db, made.checkpoint_id)
        own = stored.subset(np.arange(1, 5))
        attached.attach(db, made.checkpoint_id, dataset_id, "thickness")
        placed = Latents(table.frame_ids, own.mean, own.logvar)
        attached.add(db, made.checkpoint_id, dataset_id, placed, np.full(4, 2.0))
    page = _page(made.path, monkeypatch, map=made.map_ids[1])
    assert page.multiselect[0].label == "Also show"
    assert "124 frames" in _words(page)
    assert "scaled by 2: a height of 50 px is the film's thickness" in _words(page)
    page.multiselect[0].set_value([]).run()
    assert not page.exception
    assert "120 frames" in _words(page)
    page.button(key=f"map_detach_{made.run_id}_{dataset_id}").click().run()
    assert not page.exception
    with open_store(made.path) as db:
        assert attached.of_checkpoint(db, made.checkpoint_id) == []


def _at_spot(
    made: Made, monkeypatch: pytest.MonkeyPatch, spot: tuple[float, float], **link: object
) -> AppTest:
    """The page with the map of all frames, an empty place of which was clicked."""
    monkeypatch.setattr(cached_models, "PATIENCE", 60.0)
    monkeypatch.setenv("MORPH_STORE", str(made.path))
    page = AppTest.from_file(APP, default_timeout=60)
    page.switch_page("pages/map.py")
    for name, value in {"map": made.map_ids[1], **link}.items():
        page.query_params[name] = str(value)
    page.session_state["map_now"] = View(made.map_ids[1], spot=spot)
    page.session_state["map_tab"] = "Place"
    page.run()
    assert not page.exception
    return page


def test_an_empty_place_is_decoded_by_the_z_of_its_neighbours_and_says_where_it_lands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = build_store(
        tmp_path / "morph.sqlite",
        trajectories_count=3,
        frames=6,
        model=True,
        preset="two-level",
        axes=3,
    )
    page = _at_spot(made, monkeypatch, (0.5, -0.25))
    words = _words(page)
    assert "What the model puts at the empty place" in words
    assert "the means of those of the 10 points nearest to the click" in words
    assert "Encoded again, it lands" in words
    assert "away in z" not in words  # the place asks for an embedding
    coloured = _at_spot(made, monkeypatch, (0.5, -0.25), colour="z16")
    assert coloured.selectbox(key="map_colour").value == "z16"


def test_without_z_an_empty_place_and_colours_by_z_wait_for_an_index(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(made.path) as db:
        db.execute("UPDATE checkpoints SET has_embedding = 1")
    page = _at_spot(made, monkeypatch, (0.5, -0.25))
    assert any("index the run again" in each.value for each in page.error)
    assert not {"Latent z1", "Posterior spread σ"} & set(page.selectbox(key="map_colour").options)
