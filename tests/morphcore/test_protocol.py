"""The protocol on embeddings whose answers are known."""

import numpy as np
import pytest

from morphcore import (
    baselines,
    bootstrap,
    frames,
    invariance,
    latent_quality,
    neighbours,
    retrieval,
)
from morphcore.descriptors import DESCRIPTOR_NAMES, TOPOLOGICAL, measure, standard_set
from morphcore.protocol import Embedding, Protocol, Sample, evenly, judge, standardised
from morphcore.types import Latents
from tests.factory import blobs

CELLS, TIMES = 6, 8


def sample(seed: int, first_id: int = 1) -> Sample:
    """Coarsening noise of three fractions and two ages each: `CELLS` trajectories."""
    parts = []
    for cell in range(CELLS):
        made = blobs(TIMES + 1, phi=0.4 + 0.1 * (cell // 2), seed=100 * seed + cell)
        parts.append(made[1:] > 127)
    bits = np.concatenate(parts)
    ids = np.arange(first_id, first_id + len(bits))
    known = measure(ids, bits)
    cells = np.repeat(np.arange(CELLS), TIMES)
    return Sample(
        packed=frames.pack(bits),
        periodic=np.ones(len(bits), dtype=bool),
        frame_ids=ids,
        trajectory_ids=cells + 10 * seed,
        cells=cells // 2,
        families=cells % 2,
        phi=0.4 + 0.1 * (cells // 2),
        log_time=np.tile(np.arange(TIMES) * 0.5, CELLS),
        fraction=known.fraction.astype(np.float64),
        log_length=np.log(known.length.astype(np.float64)),
        descriptors=standard_set(known),
    )


def rows_of(of: Sample, rows: np.ndarray) -> Sample:
    return Sample(**{name: values[rows] for name, values in vars(of).items()})


@pytest.fixture(scope="module")
def asked() -> Protocol:
    whole, twins = sample(1), sample(2, first_id=1000)
    every = np.arange(len(whole))
    held = whole.trajectory_ids >= whole.trajectory_ids.max() - 1
    bits = frames.unpack(whole.packed)
    return Protocol(
        frames=whole,
        training=every[~held],
        judged=every[held],
        twin_gallery=every,
        twins=twins,
        unseen=~np.isin(twins.cells, whole.cells[~held]),
        rolled=rows_of(whole, every),
        rolled_from=every,
        mirrored=Sample(**{**vars(whole), "packed": frames.pack(bits[:, :, ::-1])}),
        mirrored_from=every,
        real=rows_of(twins, every[::7]),
        topological=tuple(DESCRIPTOR_NAMES.index(name) for name in TOPOLOGICAL),
    )


def by(name: str, of: Protocol) -> Embedding:
    """A sample's own column as its embedding."""

    def rows(part: Sample | None) -> np.ndarray:
        assert part is not None
        values = getattr(part, name)
        return values if values.ndim == 2 else values[:, None]

    return Embedding(
        *(rows(each) for each in (of.frames, of.twins, of.rolled, of.mirrored, of.real))
    )


def test_an_embedding_equal_to_the_descriptors_gives_the_row_of_the_descriptors(
    asked: Protocol,
) -> None:
    mine = judge(by("descriptors", asked), asked)
    theirs = baselines.judged("descriptors", asked)
    if theirs.axes == "plain":
        assert mine.figures == theirs.verdict.figures
    scaled = Embedding(
        *(
            None if part is None else standardised(part, rows_of(asked.frames, asked.training))
            for part in (asked.frames, asked.twins, asked.rolled, asked.mirrored, asked.real)
        )  # type: ignore[arg-type]
    )
    if theirs.axes == "standardised":
        for name, figure in judge(scaled, asked).figures.items():
            assert figure.value == pytest.approx(theirs.verdict.figures[name].value), name
    # What is told by the descriptors themselves is told well.
    assert theirs.verdict.figures["r2_log_L"].value > 0.7
    assert theirs.verdict.figures["D@5"].value < 0.6


def test_what_does_not_move_is_found_again(asked: Protocol) -> None:
    figures = judge(by("descriptors", asked), asked).figures
    assert figures["roll@1"].value == figures["mirror@1"].value == 1.0
    assert figures["roll_ratio"].value == figures["mirror_ratio"].value == 0.0


def test_a_perfect_embedding_tells_all_and_finds_all_twins(asked: Protocol) -> None:
    def places(part: Sample) -> np.ndarray:
        return np.stack(
            [10.0 * part.cells, part.log_time, 0.01 * part.trajectory_ids % 0.1], axis=1
        )

    assert asked.twins is not None
    assert asked.rolled is not None
    assert asked.real is not None
    figures = judge(
        Embedding(
            places(asked.frames),
            places(asked.twins),
            places(asked.rolled),
            places(asked.mirrored),
            places(asked.real),
        ),
        asked,
    ).figures
    assert figures["twin@1"].value == figures["twin@5"].value == 1.0


def test_an_embedding_of_chance_is_as_good_as_chance() -> None:
    rng = np.random.default_rng(0)
    count, queries = 400, 4000
    cells, times = rng.integers(0, 5, count), rng.random(count)
    asked_cells, asked_times = rng.integers(0, 5, queries), rng.random(queries)
    found = neighbours.nearest(
        rng.standard_normal((queries, 8)), rng.standard_normal((count, 8)), 5
    ).rows
    hits = retrieval.twin_hits(
        found,
        cells=asked_cells,
        log_times=asked_times,
        gallery_cells=cells,
        gallery_log_times=times,
    )
    for k in (1, 5):
        chance = retrieval.twin_chance(
            k,
            cells=asked_cells,
            log_times=asked_times,
            gallery_cells=cells,
            gallery_log_times=times,
        )
        assert hits[:, :k].any(axis=1).mean() == pytest.approx(chance, abs=0.05)
    values = rng.standard_normal((count, 3))
    queried = rng.standard_normal((queries, 3))
    apart = retrieval.mean_distance(found, queried, values).sum()
    assert apart / retrieval.mean_distance_of_all(queried, values).sum() == pytest.approx(
        1, abs=0.05
    )


def test_neighbours_are_those_of_a_full_search() -> None:
    rng = np.random.default_rng(1)
    gallery, queries = rng.standard_normal((3000, 3)), rng.standard_normal((300, 3))
    gallery[1] = gallery[0]  # a tie
    queries[0] = gallery[0] + 0.001
    apart = np.linalg.norm(queries[:, None] - gallery[None], axis=2)
    expected = np.argsort(apart, axis=1, kind="stable")[:, :7]
    found = neighbours.nearest(queries, gallery, 7)
    ties = np.array([{0, 1} <= set(row) or not {0, 1} & set(row) for row in expected.tolist()])
    assert (expected[ties] < 2).any()  # both are found somewhere, in order
    np.testing.assert_array_equal(found.rows[ties], expected[ties])
    np.testing.assert_allclose(found.distances, np.take_along_axis(apart, expected, 1), atol=1e-6)
    left = expected[:, 0]
    np.testing.assert_array_equal(
        neighbours.nearest(queries, gallery, 6, left_out=left).rows, expected[:, 1:]
    )


def test_neighbours_at_distance_zero_alone_tell() -> None:
    found = neighbours.Found(np.array([[0, 1], [1, 2]]), np.array([[0.0, 1.0], [1.0, 3.0]]))
    told = retrieval.told(found, np.array([[1.0], [5.0], [9.0]]))
    np.testing.assert_allclose(told[:, 0], [1.0, (5 * 1 + 9 / 3) / (1 + 1 / 3)])


def test_intervals_hold_the_value_and_shrink_to_it_where_all_agree() -> None:
    groups = np.repeat(np.arange(20), 10)
    same = bootstrap.share(np.ones(200, dtype=bool), groups, seed=0)
    assert (same.value, same.low, same.high) == (1.0, 1.0, 1.0)
    hits = np.random.default_rng(0).random(200) < 0.3
    figure = bootstrap.share(hits, groups, seed=0)
    assert figure.low < figure.value == hits.mean() < figure.high
    assert figure == bootstrap.share(hits, groups, seed=0)
    one = bootstrap.share(hits, np.zeros(200, dtype=np.int64), seed=0)
    assert np.isnan(one.low)


def test_a_perfect_regression_has_r_squared_one_and_the_mean_has_zero() -> None:
    truth, groups = np.arange(40.0), np.repeat(np.arange(4), 10)
    assert bootstrap.r_squared(truth, truth, groups, seed=0).value == 1.0
    flat = np.full(40, truth.mean())
    assert bootstrap.r_squared(truth, flat, groups, seed=0).value == pytest.approx(0)
    assert np.isnan(bootstrap.r_squared(flat, flat, groups, seed=0).value)


def test_hubs_are_the_rows_found_most_often() -> None:
    found = np.array([[3, 1], [3, 2], [3, 0], [1, 3]])
    hubs = retrieval.hubs(found, 5, most=2)
    assert hubs.rows.tolist() == [3, 1]
    assert hubs.shares.tolist() == [1.0, 0.5]


def test_where_all_is_in_one_place_nothing_is_found_again() -> None:
    flat = np.zeros((10, 3))
    moved = invariance.moved(flat, np.arange(10), flat, typical=0.0)
    assert not moved.found.any()
    assert invariance.typical_distance(flat, seed=0) == 0.0


def test_evenly_takes_all_or_so_many() -> None:
    assert evenly(5, None).tolist() == [0, 1, 2, 3, 4]
    assert evenly(10, 5).tolist() == [0, 2, 4, 6, 8]


def test_a_dimension_that_says_nothing_is_not_active() -> None:
    rng = np.random.default_rng(0)
    mean = np.zeros((500, 3), dtype=np.float32)
    mean[:, 0] = rng.standard_normal(500)
    logvar = np.zeros_like(mean)
    logvar[:, 0] = -4
    known = latent_quality.dimensions(Latents(np.arange(500), mean, logvar))
    assert known.active == 1
    assert known.kl_nats[1:].tolist() == [0.0, 0.0]
    assert known.kl_nats[0] > 1


def test_a_map_that_is_the_space_is_trusted_and_a_random_one_half() -> None:
    rng = np.random.default_rng(0)
    points = rng.standard_normal((200, 2))
    assert latent_quality.trustworthiness(points, points * 3 + 1) == pytest.approx(1.0)
    random = latent_quality.trustworthiness(points, rng.standard_normal((200, 2)))
    assert 0.4 < random < 0.6
    apart = np.repeat(np.arange(20), 10)
    assert latent_quality.trustworthiness(points, points, apart=apart) == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["pixels", "hog_pca16", "random_cnn_pca16", "two_point_pca16"])
def test_every_baseline_has_all_figures(asked: Protocol, name: str) -> None:
    figures = baselines.judged(name, asked).verdict.figures
    for key in (
        "twin@1",
        "twin@5",
        "D@5",
        "topology@5",
        "r2_log_L",
        "roll@1",
        "mirror@1",
        "hub_share",
    ):
        assert np.isfinite(figures[key].value), key
    if name == "two_point_pca16":  # by construction
        assert figures["mirror@1"].value == 1.0
