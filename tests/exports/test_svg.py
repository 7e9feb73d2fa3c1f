from xml.etree import ElementTree

import pytest

from exports import svg
from exports.svg import Axis


def test_an_axis_places_its_ends_and_its_middle() -> None:
    linear, log = Axis("x", 2.0, 6.0), Axis("x", 1.0, 100.0, True)
    assert [linear.place(each) for each in (2.0, 4.0, 6.0)] == [0.0, 0.5, 1.0]
    assert [log.place(each) for each in (1.0, 10.0, 100.0)] == pytest.approx([0.0, 0.5, 1.0])


@pytest.mark.parametrize(
    "axis",
    [
        Axis("x", 0.0, 31.5),
        Axis("x", -0.8, 1.0),
        Axis("x", 1234.0, 9876.0, True),
        Axis("x", 0.1, 100.0, True),
        Axis("x", 0.0, 1.0),
    ],
)
def test_ticks_are_a_few_within_the_axis_and_in_order(axis: Axis) -> None:
    ticks = axis.ticks()
    assert 2 <= len(ticks) <= 13
    assert ticks == sorted(ticks)
    assert axis.low <= ticks[0]
    assert ticks[-1] <= axis.high


def test_a_curve_goes_where_its_points_are_and_leaves_out_those_beyond() -> None:
    made = svg.lines(
        {"a & b": [(0.0, 0.0), (1.0, 1.0), (2.0, 0.5)]},
        Axis("x", 0.0, 1.0),
        Axis("y", 0.0, 1.0),
        "it",
    )
    line = ElementTree.fromstring(made).find("polyline")
    assert line is not None
    points = [tuple(map(float, each.split(","))) for each in line.attrib["points"].split()]
    assert points == [
        (svg.LEFT, svg.HEIGHT - svg.BOTTOM),
        (svg.WIDTH - svg.RIGHT, svg.TOP),
    ]


def test_shades_run_from_dark_to_light() -> None:
    made = svg.scatter([(0.0, 0.0), (1.0, 2.0), (2.0, 1.0)], [0.0, 0.5, 1.0], "map")
    fills = [each.attrib["fill"] for each in ElementTree.fromstring(made).iter("circle")]
    assert fills == ["#440154", "#21918c", "#fde725"]
