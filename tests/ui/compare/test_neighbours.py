"""What a distance is called."""

import pytest

from morphcore.types import Neighbour
from ui.compare.neighbours import near


@pytest.mark.parametrize(
    ("distance", "percentile", "said"),
    [
        (0.0, 0.0, "distance 0.000, nearer than all random pairs"),
        (8e-8, 0.0, "distance 0.000, nearer than all random pairs"),
        (1.2345, 0.2, "distance 1.23, nearer than 99.8 % of random pairs"),
        (0.5, 0.05, "distance 0.5, nearer than more than 99.9 % of random pairs"),
        (9.0, 50.0, "distance 9, nearer than 50.0 % of random pairs"),
        (4321.0, 98.0, "distance 4,321, nearer than 2.0 % of random pairs"),
        (12.3, 100.0, "distance 12.3, farther than nearly all random pairs"),
    ],
)
def test_distances_in_words(distance: float, percentile: float, said: str):
    assert near(Neighbour(1, distance, percentile), None) == said
