"""A run that was deleted comes back whole within a while, and is gone for good after it."""

import pytest

from store import evaluations, latents, runs
from store.db import open_store
from store.runs import UnknownRun
from tests.evaluated import evaluation
from tests.factory import Made


def test_a_binned_run_is_nowhere_and_comes_back_whole(made: Made) -> None:
    with open_store(made.path) as db:
        before = runs.run(db, made.run_id)
        runs.bin_(db, made.run_id)
        assert runs.all_runs(db) == []
        assert [each.id for each in runs.binned(db)] == [made.run_id]
        with pytest.raises(UnknownRun):
            runs.run(db, made.run_id)
        assert runs.empty_bin(db, older_than=3600.0) == []
        runs.restore(db, made.run_id)
        assert runs.run(db, made.run_id) == before
        assert runs.binned(db) == []
        assert len(latents.of_checkpoint(db, made.checkpoint_id).frame_ids) == 120


def test_an_emptied_bin_names_the_files_that_go(made: Made) -> None:
    with open_store(made.path) as db:
        assert runs.empty_bin(db, older_than=0.0) == []  # nothing in it
        runs.bin_(db, made.run_id)
        assert runs.empty_bin(db, older_than=0.0) == ["none.pt"]
        assert runs.binned(db) == []
        assert len(latents.of_checkpoint(db, made.checkpoint_id).frame_ids) == 0


def test_a_note_is_kept_without_the_space_around_it(made: Made) -> None:
    with open_store(made.path) as db:
        runs.annotate(db, made.run_id, "  the one of Tuesday\n")
        assert runs.run(db, made.run_id).note == "the one of Tuesday"


def test_figures_are_those_of_the_newest_whole_evaluation(made: Made) -> None:
    with open_store(made.path) as db:
        assert evaluations.figures(db, ("twin@5",)) == {}
        evaluations.add(db, made.checkpoint_id, evaluation(twins=False))
        evaluations.add(db, made.checkpoint_id, evaluation())
        evaluations.add_figures(db, made.checkpoint_id, {"same_params@1": 0.5})
        figures = evaluations.figures(db, ("twin@5", "D@5", "nothing"))
    assert figures == {made.checkpoint_id: {"twin@5": 0.66, "D@5": 0.25, "nothing": None}}
