"""Two sets of stored frames, by a model whose ratio is known."""

import numpy as np
import pytest

from analysis import latent_space
from analysis.frame_query import stored_frame
from analysis.likelihood_ratio import of_pair, of_sets
from analysis.set_comparison import EmptySet, SetComparison, compare_sets
from store.db import open_store
from tests.factory import Made
from tests.known_ratio import embedding

KNOWN = embedding(between=50.0, shift=1.0)


def compared(made: Made, a: list[int], b: list[int]) -> SetComparison:
    space = latent_space.load_latent_space(made.path, made.run_id)
    sets = ([stored_frame(made.path, each) for each in ids] for ids in (a, b))
    return compare_sets(made.path, space, *sets, embedding=lambda _store, _checkpoint: KNOWN)


def test_all_against_all_and_each_frame_alone(made: Made) -> None:
    result = compared(made, [30, 50], [70, 90, 110])
    space = latent_space.load_latent_space(made.path, made.run_id)
    a, b = ([space.posterior_of(each) for each in ids] for ids in ([30, 50], [70, 90, 110]))
    assert result.ratio == of_sets(KNOWN, a, b)
    assert [frame.ratio for frame in result.a] == [of_sets(KNOWN, [each], b) for each in a]
    assert [frame.ratio for frame in result.b] == [of_sets(KNOWN, [each], a) for each in b]
    assert not result.one_film


def test_sets_of_one_frame_are_a_pair(made: Made) -> None:
    space = latent_space.load_latent_space(made.path, made.run_id)
    a, b = space.posterior_of(30), space.posterior_of(50)
    assert a is not None
    assert b is not None
    assert compared(made, [30], [50]).ratio == of_pair(KNOWN, a, b)


def test_frames_of_one_trajectory_count_as_one(made: Made) -> None:
    """Near copies do not make an answer surer; the mean of a frame and itself is that frame."""
    alone, twice = compared(made, [30], [50]), compared(made, [30, 30], [50])
    assert twice.ratio == alone.ratio
    assert twice.one_film
    films, frames = compared(made, [30, 31], [50]), compared(made, [30, 10], [50])
    assert films.one_film
    assert not frames.one_film


def test_frames_that_are_no_evidence_are_not_counted(made: Made) -> None:
    alone = compared(made, [30], [50])
    with open_store(made.path) as db:
        far = np.full(16, 1e3, dtype="<f4").tobytes()
        db.execute("UPDATE latents SET mean = ? WHERE frame_id = 70", [far])
        db.execute("UPDATE frames SET uniform = 1 WHERE id = 90")
        db.execute("UPDATE descriptors SET contrast = 0.05 WHERE frame_id = 90")
    more = compared(made, [30, 70, 90], [50])
    assert more.ratio == alone.ratio
    assert [frame.evidence for frame in more.a] == [True, False, False]
    assert [frame.ratio is None for frame in more.a] == [False, True, True]
    assert compared(made, [70], [50]).ratio is None


def test_a_set_has_a_frame(made: Made) -> None:
    with pytest.raises(EmptySet, match="one frame or more"):
        compared(made, [], [50])
