from dataclasses import replace

import numpy as np
import pytest

from morphcore.statistics import discriminants
from morphcore.statistics.axes_choice import (
    CANDIDATES,
    OF_ONE_KIND,
    Choice,
    choose_axes,
)
from morphcore.statistics.realisations import WIDTHS, Realisations

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


def fit(frames: Realisations, choice: Choice):
    config = replace(discriminants.BY_REALISATIONS, ridge=choice.ridge[0])
    return discriminants.fit_by_realisations(
        frames, choice.axes, width=choice.width, config=config
    ).transform


@pytest.mark.parametrize("telling", [2, 6])
def test_few_axes_are_chosen_where_processes_differ_in_few_ways(telling: int):
    chosen = choose_axes(draw(telling, noise=20), fit)
    assert chosen.axes in CANDIDATES
    assert telling - 2 <= chosen.axes <= 12


def test_classes_are_narrow_where_time_takes_each_process_its_own_way():
    rng = np.random.default_rng(0)
    shape = (CELLS, REALISATIONS, 24)
    cell, realisation, step = np.indices(shape)
    log_times = np.linspace(0, 3, 24)[step]
    ways = 8 * rng.standard_normal((CELLS, 2))[cell] * log_times[..., None]
    reproduced = ways + 0.1 * rng.standard_normal((*shape[:2], 1, 2))
    chance = rng.standard_normal((*shape[:2], 1, 6)) + np.zeros((*shape, 6))
    known = chance + 2 * rng.standard_normal((CELLS, 1, 1, 6))
    frames = Realisations(
        np.concatenate([reproduced, known], axis=3).reshape(-1, 8),
        cell.ravel(),
        log_times.ravel(),
        (cell * REALISATIONS + realisation).ravel(),
    )
    assert choose_axes(frames, fit).width < WIDTHS[0]


def test_the_cells_of_a_fold_are_not_seen_by_its_axes():
    frames, seen = draw(3, noise=3), []

    def watching(some: Realisations, choice: Choice):
        seen.append(set(some.cells.tolist()))
        return fit(some, choice)

    choose_axes(frames, watching)
    left_out = [set(range(CELLS)) - each for each in seen]
    assert sum(map(len, left_out)) == CELLS * (len(WIDTHS) + len(OF_ONE_KIND) - 1)
    assert set.union(*left_out) == set(range(CELLS))


def test_a_ridge_is_small_where_what_varies_least_tells_most_and_large_where_it_is_noise():
    frames = draw(2, noise=0)
    rng = np.random.default_rng(1)
    loud = rng.standard_normal((len(frames), 1))
    # All that tells cells apart is a small part of what varies, but free of noise.
    hidden = replace(frames, features=np.c_[loud, loud + 1e-3 * frames.features])
    assert choose_axes(hidden, fit).ridge[0] < OF_ONE_KIND[0][0]
    blind = choose_axes(hidden, fit, ridges=[(1.0,), (10.0,)])
    assert blind.ridge in {(1.0,), (10.0,)}


@pytest.mark.parametrize("costs", [False, True])
def test_noise_counts_as_chance_unless_that_costs_hits(costs: bool):
    frames = draw(6, noise=6)

    def seeing(some: Realisations, choice: Choice):
        transform = fit(some, choice)
        lost = 4 if choice.noise and costs else 0  # axes that are noise's, too

        def embed(features):
            embedded = transform(features)
            embedded[:, :lost] = 0
            return embedded

        return embed

    assert choose_axes(frames, seeing, noise=True).noise is not costs
    assert not choose_axes(frames, seeing).noise
