"""Colours as numbers: what each means, where a scale ends, what its legend says."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.map_points import MapPoints, with_attached
from charts.map import colour as map_colour
from charts.map import paint
from charts.map.colour import Colour
from charts.palette import SEQUENTIAL, UNKNOWN
from morphcore.types import ReconstructionError
from store import descriptors, latents
from store.db import open_store
from tests.analysis.test_map_points import points_of
from tests.factory import Made, described
from wording.descriptors import DESCRIPTORS

EVERY = np.ones(120, dtype=np.bool_)


@pytest.fixture
def points(made: Made) -> MapPoints:
    return points_of(made)


def _colour(made: Made, points: MapPoints, name: str) -> Colour:
    with open_store(made.path) as db:
        if name in DESCRIPTORS:
            return map_colour.by_descriptor(name, points, descriptors.of_dataset(db, 1))
        if name == map_colour.SIGMA or name[1:].isdigit():
            stored = latents.of_checkpoint(db, made.checkpoint_id)
            assert stored.z is not None
            return map_colour.by_latent(name, points, stored.frame_ids, stored.z)
    if name == map_colour.ERROR:
        nats = np.linspace(10, 5000, 120, dtype=np.float32)
        return map_colour.by_error(points, ReconstructionError(points.frame_ids, nats))
    return map_colour.by_fact(name, points)


def test_every_colouring_gives_each_point_a_colour(made: Made, points: MapPoints) -> None:
    names = map_colour.options(points, 16)
    assert {"trajectory", "split", "euler", "error", "sigma", "z1", "z16"} <= set(names)
    for name in names:
        codes, legend = paint.paint(_colour(made, points, name), points, EVERY)
        assert codes.shape == (120,), name
        assert legend.title or legend.classes, name
        places = [place for place, _ in legend.ticks]
        assert places == sorted(places), name


def test_the_ramp_begins_and_ends_with_the_palettes_own_colours() -> None:
    colours = paint.ramp("dark")
    assert (colours[0], colours[paint.STEPS - 1]) == (SEQUENTIAL[0], SEQUENTIAL[-1])
    assert colours[paint.UNKNOWN_AT] == UNKNOWN["dark"]
    assert len(colours) == 256


def test_a_few_far_values_do_not_make_all_others_one_colour(points: MapPoints) -> None:
    """L runs from 10 to 10,000 px in the full set, 99 % of it below 100."""
    values = np.linspace(10, 100, 120, dtype=np.float32)
    values[-1] = 10_000
    colour = Colour("length", "L", "L (px)", "linear", values)
    alike = replace(points, unseparated=~EVERY)
    codes, legend = paint.paint(colour, alike, EVERY)
    assert len(set(codes.tolist())) > 90
    assert codes[-1] == paint.STEPS - 1
    assert (legend.below, legend.above, legend.unknown) == (1, 1, 0)
    assert float(legend.ticks[-1][1]) < 110


def test_a_scale_is_that_of_what_is_shown_and_of_the_maps_own_frames(points: MapPoints) -> None:
    colour = map_colour.by_fact("time", points)
    some = points.time < np.median(points.time)
    assert paint.ends(colour, points, some)[1] < paint.ends(colour, points, EVERY)[1]
    other = replace(points, frame_ids=points.frame_ids + 1000, length=points.length * 50)
    both = with_attached(points, "film", other, {})
    of_points = [
        map_colour.by_descriptor(
            "length", each, described(each.frame_ids, each.fraction, each.length)
        )
        for each in (points, both)
    ]
    assert paint.ends(of_points[1], both, np.ones(240, np.bool_)) == paint.ends(
        of_points[0], points, EVERY
    )


def test_time_and_length_are_coloured_by_their_logarithm(made: Made, points: MapPoints) -> None:
    _, legend = paint.paint(_colour(made, points, "time"), points, EVERY)
    values = [float(word.replace(",", "")) for _, word in legend.ticks]
    assert np.allclose(np.diff(np.log(values)), np.log(values[-1] / values[0]) / 3, rtol=0.1)


def test_frames_that_have_not_separated_do_not_stretch_the_colours(
    made: Made, points: MapPoints
) -> None:
    """They are all white: with them the scale of the white fraction would end at 1."""
    _, high = paint.ends(_colour(made, points, "fraction"), points, EVERY)
    assert high <= points.fraction[~points.unseparated].max()


def test_what_is_not_known_or_has_no_logarithm_is_gray(points: MapPoints) -> None:
    from_zero = replace(points, time=points.time - points.time.min())
    codes, legend = paint.paint(map_colour.by_fact("time", from_zero), from_zero, EVERY)
    assert set(codes[from_zero.time == 0].tolist()) == {paint.UNKNOWN_AT}
    assert paint.UNKNOWN_AT not in codes[from_zero.time > 0]
    assert legend.unknown == (from_zero.time == 0).sum()


def test_one_value_for_all_and_none_at_all_still_make_a_scale(points: MapPoints) -> None:
    for value in (0.5, np.nan):
        same = replace(points, phi=np.full(120, value))
        low, high = paint.ends(map_colour.by_fact("phi", same), same, EVERY)
        assert low < high


def test_classes_are_counted_among_what_is_shown(made: Made, points: MapPoints) -> None:
    codes, legend = paint.paint(_colour(made, points, "split"), points, points.held_out)
    counts = {word: count for _, word, count in legend.classes}
    assert counts == {"training": 0, "held out": int(points.held_out.sum())}
    assert len(set(codes.tolist())) == 2


def test_values_belong_to_their_frames_and_counts_may_be_zero(
    made: Made, points: MapPoints
) -> None:
    with open_store(made.path) as db:
        measured = descriptors.of_dataset(db, made.dataset_id)
        stored = latents.of_checkpoint(db, made.checkpoint_id)
    euler = _colour(made, points, "euler")
    by_frame = dict(zip(measured.frame_ids.tolist(), measured.euler.tolist(), strict=True))
    apart = ~points.unseparated
    known = [by_frame[each] for each in points.frame_ids[apart].tolist()]
    assert known == euler.values[apart].tolist()
    assert np.isnan(euler.values[~apart]).all()  # before separation it means nothing
    third = _colour(made, points, "z3")
    rows = np.searchsorted(stored.frame_ids, points.frame_ids)
    assert np.array_equal(third.values, stored.mean[rows, 2])
    sigma = _colour(made, points, "sigma")
    assert sigma.values == pytest.approx(np.exp(-1.0))  # of a logarithm of the variance of -2
