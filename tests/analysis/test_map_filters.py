"""Filters of a map, each by hand, and together; nothing else about the map changes."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.map_filters import Filters, shown
from analysis.map_points import MapPoints
from store import properties
from store.db import open_store
from tests.analysis.test_map_points import points_of
from tests.factory import Made
from tests.properties import add_properties


@pytest.fixture
def points(made: Made) -> MapPoints:
    return points_of(made)


def test_without_filters_all_is_shown(points: MapPoints) -> None:
    assert shown(points, Filters()).all()
    assert Filters().count == 0


def test_each_filter_leaves_what_it_says(points: MapPoints) -> None:
    by_hand = {
        Filters(phi=(0.52, 0.54)): points.phi > 0.51,
        Filters(chi=(2.4, 2.4)): points.chi == 2.4,
        Filters(time=(40, 100)): (points.time >= 40) & (points.time <= 100),
        Filters(held_out=True): points.held_out,
        Filters(held_out=False): ~points.held_out,
        Filters(unseparated=False): ~points.unseparated,
    }
    for filters, expected in by_hand.items():
        assert filters.count == 1
        assert np.array_equal(shown(points, filters), expected)
    both = Filters(chi=(2.4, 2.4), held_out=False)
    assert np.array_equal(shown(points, both), (points.chi == 2.4) & ~points.held_out)


def test_a_family_is_that_of_the_trajectory(points: MapPoints) -> None:
    ids = np.unique(points.trajectory_ids).tolist()
    zoo = replace(points, families={ids[0]: "wetting", ids[1]: "noise", ids[2]: "noise"})
    mask = shown(zoo, Filters(families=frozenset({"noise"})))
    assert set(points.trajectory_ids[mask].tolist()) == {ids[1], ids[2]}


def test_what_is_not_known_passes_no_range(points: MapPoints) -> None:
    unknown = replace(points, phi=np.full(len(points), np.nan))
    assert not shown(unknown, Filters(phi=(0.0, 1.0))).any()


def test_a_property_passes_by_its_range_or_its_words_and_unknown_passes_neither(
    made: Made, points: MapPoints
) -> None:
    current = add_properties(made)
    with open_store(made.path) as db:
        known = properties.all_values(db, made.dataset_id)
    low = float(np.median(list(current.values())))
    filters = Filters(ranges=(("current", (low, np.inf)),))
    expected = [current.get(frame, -np.inf) >= low for frame in points.frame_ids.tolist()]
    assert np.array_equal(shown(points, filters, known), expected)
    assert 0 < sum(expected) < len(points)
    words = Filters(words=(("batch", frozenset({"annealed"})),))
    assert np.array_equal(shown(points, words, known), points.trajectory_ids % 2 == 1)
    both = Filters(ranges=filters.ranges, words=words.words)
    assert both.count == 2
    assert np.array_equal(
        shown(points, both, known), np.array(expected) & (points.trajectory_ids % 2 == 1)
    )
    assert shown(points, both).all()  # of properties that are gone
