from dataclasses import replace

import numpy as np
import pytest

from morphcore.evaluation import baselines, retrieval
from morphcore.evaluation.protocol import Embedding, FrameSet, evaluate, standardised
from tests.worlds import HELD_OUT, embedded, world


def test_an_embedding_equal_to_the_descriptors_gives_the_row_of_the_descriptors() -> None:
    protocol = world()
    of_training = protocol.frames[protocol.training]
    same = evaluate(
        embedded(protocol, lambda frame_set: standardised(frame_set, of_training)), protocol
    )
    row = baselines.evaluate_baseline("descriptors", protocol)
    assert row.axes == "standardised"
    assert {name: figure.value for name, figure in same.figures.items()} == pytest.approx(
        {name: figure.value for name, figure in row.result.figures.items()}
    )
    assert same.figures["D@5"].value < 0.7


def test_a_random_embedding_is_as_good_as_chance() -> None:
    protocols = [world(seed) for seed in range(6)]
    rows = [
        baselines.evaluate_baseline("random", protocol).result.figures for protocol in protocols
    ]
    for name in ("D@5", "topology@5"):
        assert np.mean([row[name].value for row in rows]) == pytest.approx(1.0, abs=0.03)
    assert np.mean([row["roll@1"].value for row in rows]) < 0.02
    assert np.mean([row["roll_ratio"].value for row in rows]) == pytest.approx(1.0, abs=0.05)
    for k in (1, 5):
        first = protocols[0]
        assert first.twins is not None
        chance = retrieval.twin_chance(
            k,
            cells=first.twins.cells,
            log_times=first.twins.log_time,
            gallery_cells=first.frames.cells[first.twin_gallery],
            gallery_log_times=first.frames.log_time[first.twin_gallery],
        )
        # The better of plain and standardised axes is kept: a little above chance by itself.
        error = np.sqrt(chance * (1 - chance) / (6 * len(first.twins)))
        share = np.mean([row[f"twin@{k}"].value for row in rows])
        assert abs(share - chance) < 4 * error, (k, share, chance)


def test_an_invariant_embedding_finds_every_rolled_frame() -> None:
    protocol = world()
    rng = np.random.default_rng(0)
    embedding = embedded(protocol, lambda frame_set: frame_set.descriptors)
    figures = evaluate(embedding, protocol).figures
    assert figures["roll@1"].value == 1.0
    assert figures["roll_ratio"].value == 0.0
    assert figures["roll@1"].interval == (1.0, 1.0)
    elsewhere = rng.standard_normal(embedding.rolled[slice(None)].shape)  # type: ignore[index]
    figures = evaluate(replace(embedding, rolled=elsewhere), protocol).figures
    assert figures["roll@1"].value < 0.1
    assert figures["mirror@1"].value == 1.0


def test_an_embedding_by_all_quantities_predicts_them_all() -> None:
    protocol = world()
    # Held-out frames and training frames of the very same values, one for one.
    twice = FrameSet.joined([protocol.frames, protocol.frames])
    half = len(protocol.frames)
    protocol = replace(
        protocol,
        frames=twice,
        training=np.arange(half),
        queries=np.arange(half, 2 * half),
    )
    embedding = embedded(
        protocol,
        lambda frame_set: np.column_stack(
            [frame_set.phi, frame_set.log_time, frame_set.fraction, frame_set.log_length]
        ),
    )
    figures = evaluate(embedding, protocol).figures
    for name in ("r2_phi", "r2_log_t", "r2_f", "r2_log_L"):
        assert figures[name].value == pytest.approx(1.0)


def test_twins_are_found_by_cell_and_time_and_families_by_the_first() -> None:
    protocol = world()
    embedding = embedded(
        protocol, lambda frame_set: np.column_stack([10.0 * frame_set.cells, frame_set.log_time])
    )
    figures = evaluate(embedding, protocol).figures
    for name in ("twin@1", "twin@5", "twin@1_unseen", "twin@5_unseen", "family@1"):
        assert figures[name].value == 1.0, name
    wrong = embedded(
        protocol,
        lambda frame_set: np.column_stack([10.0 * (frame_set.cells // 3), frame_set.log_time]),
    )
    assert evaluate(wrong, protocol).figures["family@1"].value < 0.7


def test_unseen_twins_are_evaluated_by_themselves() -> None:
    protocol = world()

    def knows_what_it_has_learnt(frame_set: FrameSet) -> np.ndarray:
        coord = np.where(
            np.isin(frame_set.cells, HELD_OUT), 3.0 * len(frame_set), 10.0 * frame_set.cells
        )
        return np.column_stack([coord, frame_set.log_time])

    figures = evaluate(embedded(protocol, knows_what_it_has_learnt), protocol).figures
    unseen = figures["twin@1_unseen"].value
    share = len(HELD_OUT) / 12
    assert unseen < 0.5
    assert figures["twin@1"].value == pytest.approx(1 - share + share * unseen)
    none = replace(protocol, unseen=np.zeros_like(protocol.unseen))
    embedding = embedded(none, lambda frame_set: frame_set.descriptors)
    assert "twin@1_unseen" not in evaluate(embedding, none).figures


def test_figures_that_cannot_be_measured_are_left_out() -> None:
    protocol = world()
    one_family = replace(protocol.frames, families=np.zeros_like(protocol.frames.families))
    one_phi = replace(one_family, phi=np.full(len(one_family), np.nan))
    bare = replace(protocol, frames=one_phi, twins=None, rolled=None)
    result = evaluate(
        Embedding(one_phi.descriptors, None, None, protocol.mirrored.descriptors, None), bare
    )
    names = set(result.figures)
    assert not names & {"twin@1", "twin@5_unseen", "family@1", "r2_phi", "roll@1", "roll_ratio"}
    assert {"D@5", "r2_log_t", "mirror@1", "hub_share"} <= names
    assert result.real is None


def test_where_all_training_frames_but_one_are_far_that_one_is_a_hub() -> None:
    protocol = world()
    far = np.random.default_rng(0).standard_normal((len(protocol.frames), 3)) + 1000.0
    far[protocol.queries] = 0.0
    far[protocol.training[17]] = 0.0
    result = evaluate(
        Embedding(far, None, None, far[protocol.mirrored_from], None),
        replace(protocol, twins=None, rolled=None),
    )
    assert result.figures["hub_share"].value == 1.0
    hub = protocol.frames.frame_ids[protocol.training[17]]
    assert hub in result.hub_frame_ids[result.hub_shares == 1.0]


def test_real_frames_are_compared_with_their_nearest() -> None:
    protocol = world()
    rows = np.array([3, 77, 180])
    real = protocol.frames[rows]
    real = replace(
        real,
        log_length=real.log_length + np.array([0.1, -0.3, 0.2]),
        fraction=real.fraction + np.array([0.01, 0.02, -0.03]),
    )
    with_real = replace(protocol, real=real)
    result = evaluate(embedded(with_real, lambda frame_set: frame_set.descriptors), with_real)
    assert result.real is not None
    assert result.real.log_length_error == pytest.approx(0.2)
    assert result.real.fraction_error == pytest.approx(0.02)
    assert result.real.frames == 3
