"""A search by two-point statistics: rolls and mirror images do not matter, colours do."""

import numpy as np
import pytest

from analysis import latent_space, two_point_space
from analysis.frame_embedding import SearchOptions
from analysis.frame_query import FrameQuery
from analysis.two_point_space import TwoPointSpace
from store import trajectories
from store.db import open_store
from tests.factory import Made


@pytest.fixture
def space(made: Made) -> TwoPointSpace:
    return two_point_space.load_two_point_space(
        made.path, latent_space.load_latent_space(made.path, made.run_id)
    )


@pytest.fixture
def bits(made: Made) -> np.ndarray:
    with open_store(made.path) as db:
        return trajectories.packed(db, np.array([30], dtype=np.int64)).one_size.bits()[0]


def nearest(space: TwoPointSpace, bits: np.ndarray) -> tuple[int, float]:
    coords = space.embed(FrameQuery(bits, None, periodic=True))
    (neighbour,) = space.frames.nearest(coords, SearchOptions(k=1))
    return neighbour.frame_id, neighbour.distance


def test_a_frame_is_found_wherever_it_is_rolled(space: TwoPointSpace, bits: np.ndarray):
    for moved in (bits, np.roll(bits, 150, axis=1), bits[:, ::-1]):
        frame_id, distance = nearest(space, moved)
        assert frame_id == 30
        assert distance == pytest.approx(0.0, abs=1e-5)


def test_a_negative_is_another_frame(space: TwoPointSpace, bits: np.ndarray):
    uneven = bits.copy()
    uneven[:, :150] = False  # so that white and black are not equally many
    apart = space.embed(FrameQuery(uneven, None, True)) - space.embed(
        FrameQuery(~uneven, None, True)
    )
    assert np.linalg.norm(apart) > 0.1
