"""Synthetic frames have the edges and the pixel size of the frames that they are compared with."""

from store import runs
from store.db import open_store
from tests.factory import Made, blobs
from ui.frame import synthetic

BITS = blobs(8, phi=0.5, seed=5)[-1] > 127


def test_a_synthetic_frame_is_measured_as_the_frames_of_its_model(made: Made) -> None:
    with open_store(made.path) as db:
        run = runs.run(db, made.run_id)
        db.execute("UPDATE trajectories SET periodic = 0, pixel_size = 2.5, length_unit = 'nm'")
    walls = synthetic.as_frame(made.path, run, BITS)
    assert (walls.periodic, walls.periodic_y) == (False, False)
    assert (walls.pixel_size, walls.length_unit) == (2.5, "nm")
    assert "nm" in synthetic.facts(walls)
    with open_store(made.path) as db:
        db.execute("UPDATE trajectories SET periodic = 1, periodic_y = 1")
    assert synthetic.as_frame(made.path, run, BITS).periodic_y


def test_one_colour_has_no_facts(made: Made) -> None:
    with open_store(made.path) as db:
        run = runs.run(db, made.run_id)
    assert synthetic.facts(synthetic.as_frame(made.path, run, BITS & False)) == (
        "one colour everywhere"
    )
