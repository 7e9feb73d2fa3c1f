"""Each way in gives the frame that was meant: files of every kind, and picked frames."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from analysis.frame_query import FrameQuery, stored_frame
from morphcore import frames
from store import trajectories
from store.db import open_store
from store.trajectories import UnknownFrame
from tests.factory import Made, blobs, trajectory
from ui.frame import input, picker

BITS = blobs(8, phi=0.5, seed=5)[-1] > 127


def page(path: str, dataset_id: int) -> None:
    """A page with a frame input; its query is kept in the session."""
    import pathlib

    import streamlit as st

    from ui.frame import input

    st.session_state["asked"] = input.choose(pathlib.Path(path), dataset_id)


def opened(made: Made, mode: str) -> AppTest:
    app = AppTest.from_function(
        page, args=(str(made.path), made.dataset_id), default_timeout=30
    ).run()
    assert not app.exception, app.exception[0].message
    app.segmented_control(key="compare_mode").set_value(mode).run()
    assert not app.exception
    return app


def upload(app: AppTest, name: str, data: bytes) -> FrameQuery | None:
    app.file_uploader(key="compare_file").set_value((name, data, "")).run()
    assert not app.exception
    return app.session_state["asked"]


def saved(picture: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def array(values: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, values)
    return out.getvalue()


def graspi() -> bytes:
    """A film of 400 x 100 between seven rows of anode, the first ones, and seven of cathode.

    The first row is at the bottom.
    """
    film = np.vstack([np.ones((7, 400)), BITS[::-1], np.zeros((7, 400))]).astype(int)
    lines = [" ".join(map(str, row)) for row in film]
    return "\n".join([f"400 {len(film)}", *lines]).encode()


GRAY = Image.fromarray(frames.to_gray(BITS))
FILES = {
    "film.png": saved(GRAY, "PNG"),
    "film.tif": saved(GRAY, "TIFF"),
    "film.bmp": saved(GRAY.convert("RGB"), "BMP"),
    "film.gif": saved(GRAY, "GIF"),
    "bits.npy": array(BITS),
    "floats.npy": array(BITS.astype(np.float64)),
    "film.txt": graspi(),
}


@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_file_gives_its_frame(made: Made, name: str):
    query = upload(opened(made, "Upload"), name, FILES[name])
    assert query is not None
    assert query.frame_id is None
    np.testing.assert_array_equal(query.bits, BITS)


def test_jpeg_gives_nearly_its_frame(made: Made):
    query = upload(opened(made, "Upload"), "film.jpg", saved(GRAY, "JPEG"))
    assert query is not None
    assert (query.bits != BITS).mean() < 0.01


def test_what_becomes_of_a_picture_is_shown(made: Made):
    app = opened(made, "Upload")
    upload(app, "large.png", saved(GRAY.resize((2000, 300)), "PNG"))
    captions = [element.captions[0] for element in app.image[1:]]  # the first: as it is compared
    assert captions == ["As uploaded, 2,000 × 300 px", "White from 0.50 on"]
    app.toggle(key="compare_inverted").set_value(True).run()
    captions = [element.captions[0] for element in app.image[1:]]
    assert captions[-1] == "Black and white swapped"


def test_an_upload_keeps_the_side_of_a_pixel(made: Made):
    app = opened(made, "Upload")
    out = io.BytesIO()  # TIFF's resolution is in pixels a centimetre: 2e6 are 5 nm a pixel
    GRAY.save(out, "TIFF", resolution_unit="cm", x_resolution=2e6, y_resolution=2e6)
    query = upload(app, "film.tif", out.getvalue())
    assert query is not None
    assert (query.pixel_size, query.length_unit) == (pytest.approx(5.0), "nm")
    assert app.image[1].captions[0].startswith("As uploaded, 400 × 100 px, ")
    assert query.length_unit in input.facts(query)


def page_of_model(path: str, dataset_id: int, run_id: int) -> None:
    import pathlib

    import streamlit as st

    from store import runs
    from store.db import open_store
    from ui.frame import input

    with open_store(pathlib.Path(path)) as db:
        run = runs.indexed(db, run_id)
    st.session_state["asked"] = input.choose(pathlib.Path(path), dataset_id, run=run)


def test_an_upload_is_a_pixel_a_pixel_unless_its_scale_is_chosen(made: Made):
    app = AppTest.from_function(
        page_of_model, args=(str(made.path), made.dataset_id, made.run_id), default_timeout=30
    ).run()
    app.segmented_control(key="compare_mode").set_value("Upload").run()
    twice = saved(GRAY.resize((800, 200), Image.Resampling.NEAREST), "PNG")
    query = upload(app, "twice.png", twice)
    assert query is not None
    assert query.bits.shape == (200, 800)
    assert any("One pixel is one pixel." in each.value for each in app.caption)
    app.radio(key="compare_upload_scale").set_value("thickness").run()
    query = app.session_state["asked"]
    np.testing.assert_array_equal(query.bits, BITS)
    assert query.scale == (
        "scaled by 0.5: a height of 200 px is the film's thickness, as 100 px of the model's"
    )
    app.radio(key="compare_upload_scale").set_value("factor").run()
    app.number_input(key="compare_upload_factor").set_value(0.25).run()
    assert app.session_state["asked"].bits.shape == (50, 200)


def test_a_taken_away_upload_is_gone(made: Made):
    app = opened(made, "Upload")
    assert upload(app, "film.png", FILES["film.png"]) is not None
    app.file_uploader(key="compare_file").set_value(None).run()
    assert app.session_state["asked"] is None


def test_a_picked_frame_is_the_stored_one(made: Made):
    app = opened(made, "Stored frame")
    app.selectbox(key="query_trajectory").set_value(3).run()
    app.slider(key="query_number").set_value(8).run()
    query = app.session_state["asked"]
    with open_store(made.path) as db:
        expected = int(trajectories.frame_ids_of(db, 3)[7])
        white = trajectories.frame(db, expected) > 127
    assert query.frame_id == expected
    assert query.periodic
    np.testing.assert_array_equal(query.bits, white)
    np.testing.assert_array_equal(stored_frame(made.path, expected).bits, white)


def test_a_shorter_trajectory_takes_its_last_frame_and_one_frame_needs_no_slider(made: Made):
    with open_store(made.path) as db:
        short = trajectories.add(db, made.dataset_id, trajectory("short", frames=3, seed=9))
        two = trajectory("one", frames=2, seed=9)
        one = replace(two, frames=two.frames[1:], times=two.times[1:], params={}, periodic=False)
        single = trajectories.add(db, made.dataset_id, one)
        last_of_short = int(trajectories.frame_ids_of(db, short)[-1])
        the_one = int(trajectories.frame_ids_of(db, single)[0])
    app = opened(made, "Stored frame")
    app.selectbox(key="query_trajectory").set_value(1).run()
    app.slider(key="query_number").set_value(16).run()
    app.selectbox(key="query_trajectory").set_value(short).run()
    assert app.session_state["asked"].frame_id == last_of_short
    app.selectbox(key="query_trajectory").set_value(single).run()
    query = app.session_state["asked"]
    assert (query.frame_id, query.periodic) == (the_one, False)
    assert not app.slider


def test_pointing_at_no_frame(made: Made):
    with pytest.raises(UnknownFrame, match="no frame 5000"):
        picker.point_at(made.path, 5000, "query")


def test_facts_of_two_stripes():
    bits = np.zeros((100, 400), dtype=bool)
    bits[:, 100:300] = True  # two walls of 100 px: L = 40,000 / (200 pi / 4)
    for shift, periodic, length in ((0, True, 254.6), (100, True, 254.6), (100, False, 509.3)):
        query = FrameQuery(frames.roll(bits, shift), None, periodic)
        assert input.facts(query) == f"area fraction 50.0 % · L {length} px"
