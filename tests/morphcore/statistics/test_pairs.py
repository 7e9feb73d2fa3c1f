import numpy as np

from morphcore.statistics.pairs import UNKNOWN, Pairs, verification_pairs

# Cells 0, 1 and 2 at 20 times each, .1 apart in ln t.
GALLERY_CELLS, TIMES = np.repeat(np.arange(3), 20), np.tile(0.1 * np.arange(20), 3)
CELLS, LOG_TIMES = np.array([0, UNKNOWN, 1]), np.array([1.0, 1.0, 0.5])


def _pairs(seed: int = 0, **options: bool | int):
    return verification_pairs(
        CELLS, LOG_TIMES, GALLERY_CELLS, TIMES, rng=np.random.default_rng(seed), **options
    )


def _apart(pairs: Pairs) -> np.ndarray:
    return np.abs(TIMES[pairs.gallery] - LOG_TIMES[pairs.query])


def test_pairs_are_all_of_one_cell_at_nearly_one_time_and_of_two_at_about_one() -> None:
    pairs = _pairs()
    assert (GALLERY_CELLS[pairs.same.gallery] == CELLS[pairs.same.query]).all()
    assert len(pairs.same) == 2 * 3  # of times .1 before, at, and .1 after
    assert (GALLERY_CELLS[pairs.different.gallery] != CELLS[pairs.different.query]).all()
    assert len(pairs.different) == 2 * 2 * 7  # two other cells, times within .3
    assert _apart(pairs.different).max() < 0.35


def test_at_any_time_only_the_own_process_is_not_another() -> None:
    pairs = _pairs(same_time=False, most_different=100).different
    assert len(pairs) == 2 * (60 - 7)
    own = GALLERY_CELLS[pairs.gallery] == CELLS[pairs.query]
    assert _apart(pairs)[own].min() > 0.35


def test_of_many_pairs_some_are_drawn_the_same_for_the_same_seed() -> None:
    pairs = _pairs(most_same=2, most_different=5)
    assert np.bincount(pairs.same.query).tolist() == [2, 0, 2]
    assert np.bincount(pairs.different.query).tolist() == [5, 0, 5]
    assert len(set(zip(*map(tuple, vars(pairs.different).values()), strict=True))) == 10
    again, other = (_pairs(seed, most_different=5).different.gallery for seed in (0, 1))
    np.testing.assert_array_equal(_pairs(most_different=5).different.gallery, again)
    assert (other != again).any()


def test_what_has_no_cell_is_in_no_pair() -> None:
    unknown = np.full(60, UNKNOWN)
    pairs = verification_pairs(CELLS, LOG_TIMES, unknown, TIMES, rng=np.random.default_rng(0))
    assert len(pairs.same) == len(pairs.different) == 0
    assert 1 not in _pairs().different.query


def test_frames_of_one_realisation_are_in_no_pair() -> None:
    realisations = np.repeat(np.arange(6), 10)  # two a cell: early and late
    pairs = verification_pairs(
        GALLERY_CELLS,
        TIMES,
        GALLERY_CELLS,
        TIMES,
        rng=np.random.default_rng(0),
        realisations=realisations,
        gallery_realisations=realisations,
    )
    assert (realisations[pairs.same.query] != realisations[pairs.same.gallery]).all()
    assert len(pairs.same) == 2 * 3  # .9 and 1.0 in ln t alone are near enough


def test_pairs_of_some_queries() -> None:
    unseen = _pairs().among(np.array([False, True, True]))
    assert set(unseen.same.query) == set(unseen.different.query) == {2}
