import numpy as np
import pytest

from morphcore.statistics import discriminants
from morphcore.statistics.axes_choice import CANDIDATES, choose_axes
from morphcore.statistics.realisations import Realisations

CELLS, REALISATIONS, TIMES = 40, 3, 6


def draw(telling: int, noise: int, seed: int = 0) -> Realisations:
    """Cells that differ in `telling` features; `noise` more differ between realisations alone."""
    rng = np.random.default_rng(seed)
    shape = (CELLS, REALISATIONS, TIMES)
    own = 3 * rng.standard_normal((CELLS, 1, 1, telling))
    own = own + rng.standard_normal((*shape[:2], 1, telling)) + np.zeros((*shape, telling))
    chance = 30 * rng.standard_normal((*shape[:2], 1, noise)) + np.zeros((*shape, noise))
    index = np.indices(shape)
    return Realisations(
        np.concatenate([own, chance], axis=3).reshape(-1, telling + noise),
        index[0].ravel(),
        np.linspace(0, 3, TIMES)[index[2]].ravel(),
        (index[0] * REALISATIONS + index[1]).ravel(),
    )


def fit(frames: Realisations, count: int):
    return discriminants.fit_by_realisations(frames, count).transform


@pytest.mark.parametrize("telling", [2, 6])
def test_few_axes_are_chosen_where_processes_differ_in_few_ways(telling: int):
    chosen = choose_axes(draw(telling, noise=20), fit)
    assert chosen in CANDIDATES
    assert telling - 2 <= chosen <= 12


def test_the_cells_of_a_fold_are_not_seen_by_its_axes():
    frames, seen = draw(3, noise=3), []

    def watching(some: Realisations, count: int):
        seen.append(set(some.cells.tolist()))
        return fit(some, count)

    choose_axes(frames, watching)
    left_out = [set(range(CELLS)) - each for each in seen]
    assert sum(map(len, left_out)) == CELLS
    assert set.union(*left_out) == set(range(CELLS))
