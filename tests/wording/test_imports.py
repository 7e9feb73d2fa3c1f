from morphcore.types import Rejection
from tests.looks import film, looked
from wording import geometry, imports


def test_a_look_in_a_line():
    look = looked(film("a"), film("b"), rejections=(Rejection("c.png", "Why."),), skipped=("r.md",))
    assert imports.summary(look) == (
        "2 trajectories, 6 frames, 400 × 100 px, 2.5 nm a pixel, 1 file cannot be read, "
        "1 file skipped as no frames"
    )


def test_unequal_films_are_not_said_to_be_alike():
    look = looked(film("a"), film("b", shape=(512, 512), pixel_size=None, length_unit="px"))
    assert imports.summary(look) == (
        "2 trajectories, 6 frames, 2 sizes, 400 × 100 to 512 × 512 px, 2 pixel sizes"
    )


def test_moments_of_the_strip():
    assert imports.moments(film("a")) == "Pictures at 0, 0.5 and 10 s"
    counted = film("a", time_unit="frame", times=(0.0, 1.0, 2.0), strip_indices=(0, 2))
    assert imports.moments(counted) == "Pictures of frames 1 and 3"
    assert imports.moments(film("a", strip_indices=(1,))) == "Picture at 0.5 s"


def test_what_was_found_is_said_where_it_is_the_same_for_all():
    films = [film("a"), film("b", threshold=3.0)]
    assert imports.found("threshold", films) == ""
    assert imports.found("threshold", films[:1]) == "2,047.5"
    assert imports.found("pixel_size", films) == "2.5"
    assert imports.found("time_step", films) == ""
    assert imports.found("time_step", [film("a", times=(0.0, 0.1, 0.2, 0.3))]) == "0.1"


def test_the_size_in_the_file_is_said_where_it_is_another():
    facts = dict(imports.facts(film("a", source_shape=(1024, 1024))))
    assert facts["Size"] == "400 × 100 px, from 1,024 × 1,024"
    assert dict(imports.facts(film("a")))["Size"] == "400 × 100 px"


def test_fractions_next_to_none_and_all():
    assert imports.fractions((0.00001, 0.99999), 2) == "under 0.1 % first, over 99.9 % last"
    assert imports.fractions((0.0, 1.0), 2) == "0 % first, 100 % last"
    assert imports.fractions((0.5, 0.5), 1) == "50.0 %"


def test_edges():
    assert geometry.edges((False, True)) == "periodic along y, walls along x"
