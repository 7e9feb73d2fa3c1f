"""Another data set indexed with a run's model: at its pixel size, apart from the run's own."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.attached import NotAttached
from analysis.comparison import load_reference
from analysis.frame_embedding import SearchOptions
from analysis.frame_query import describe, seen_frame
from analysis.latent_space import load_latent_space
from analysis.search import search_latents
from jobs import foreground
from jobs.cli import ask
from jobs.context import JobProgress
from jobs.index import attached as indexing
from jobs.specs import IndexJob
from morphcore import frames
from morphcore.config import Preset
from morphcore.types import Trajectory
from store import attached, checkpoints, datasets, descriptors, jobs, latents, runs, trajectories
from store.db import open_store
from tests.factory import Made, build_store

FRAMES = 8
TWO_LEVEL = {"model": True, "preset": "two-level"}


@pytest.fixture(scope="module")
def modelled(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return _with_others(tmp_path_factory.mktemp("store") / "morph.sqlite", preset="two-level")


@pytest.fixture(scope="module")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """As `modelled`; even without training this model knows a picture from any other."""
    return _with_others(tmp_path_factory.mktemp("seed") / "morph.sqlite", preset="seed")


def _with_others(path: Path, *, preset: Preset) -> Made:
    """A run on pixels of 1 nm, and "half": two of its trajectories, shrunk to pixels of 2 nm."""
    made = build_store(path, trajectories_count=4, frames=FRAMES, model=True, preset=preset)
    with open_store(made.path) as db:
        db.execute("UPDATE trajectories SET pixel_size = 1.0, length_unit = 'nm'")
        _add(made, db, "half", 0.5, pixel_size=0.002, length_unit="µm")
        _add(made, db, "unknown", 1.0)
    return made


def _add(made: Made, db, name: str, factor: float, **changes) -> int:
    """A data set of the run's first two trajectories at another size."""
    dataset_id = datasets.create(db, name, "imported", {})
    for info in trajectories.trajectories(db, made.dataset_id)[:2]:
        gray = [trajectories.frame(db, each) for each in trajectories.frame_ids_of(db, info.id)]
        height, width = (round(side * factor) for side in gray[0].shape)
        small = np.stack([frames.resize(each, (height, width)) for each in gray])
        copied = Trajectory(info.name, small, np.arange(len(small)) * 1.0, time_unit="s")
        trajectories.add(db, dataset_id, replace(copied, **changes))
    return dataset_id


def _index(made: Made, dataset: str, scale: str | None = None):
    arguments = {"run": made.run_id, "dataset": dataset}
    spec = IndexJob(**arguments) if scale is None else IndexJob(**arguments, scale=scale)
    return foreground.run_here(made.path, spec)


def _ids(made: Made, dataset: str) -> list[int]:
    with open_store(made.path) as db:
        dataset_id = datasets.dataset(db, dataset).id
        return trajectories.frame_table(db, dataset_id).frame_ids.tolist()


def test_frames_shrunk_by_two_find_their_originals(pictured: Made):
    job = _index(pictured, "half")
    assert job.state == "done", job.error
    result = job.result or {}
    assert result["frames"] == 2 * FRAMES
    assert result["scale"] == "scaled by 2: 0.002 µm/px to 0.001 µm/px"
    space = load_latent_space(pictured.path, pictured.run_id)
    with open_store(pictured.path) as db:
        dataset_id = datasets.dataset(db, "half").id
        assert len(descriptors.missing(db, dataset_id)) == 0
    own, others = _ids(pictured, "blobs")[: 2 * FRAMES], _ids(pictured, "half")
    for original, shrunk in zip(own, others, strict=True):
        if (original - own[0]) % FRAMES == 0:  # not yet separated
            continue
        query = seen_frame(pictured.path, space.run, shrunk)
        assert query.bits.shape == (100, 400)
        found = search_latents(pictured.path, space, query, SearchOptions(k=1)).matches[0]
        assert (found.frame_id, found.dataset, found.scale) == (original, "blobs", None)
        # Lengths are in the model's pixels, so the two compare as equals.
        ours = describe(pictured.path, seen_frame(pictured.path, space.run, original)).length[0]
        assert describe(pictured.path, query).length[0] == pytest.approx(ours, rel=0.1)
        # And the other way round, where they are the gallery.
        back = search_latents(
            pictured.path,
            space,
            seen_frame(pictured.path, space.run, original),
            SearchOptions(k=1, datasets=frozenset({dataset_id})),
        ).matches[0]
        assert (back.frame_id, back.dataset) == (shrunk, "half")
        assert back.scale == "scaled by 2: 0.002 µm/px to 0.001 µm/px"


def test_what_a_run_is_judged_by_is_of_its_own_frames_alone(tmp_path: Path):
    made = build_store(tmp_path / "morph.sqlite", trajectories_count=4, frames=FRAMES, **TWO_LEVEL)
    with open_store(made.path) as db:
        _add(made, db, "others", 0.8)

    def facts():
        space = load_latent_space(made.path, made.run_id)
        reference = load_reference(made.path, space)
        query = seen_frame(made.path, space.run, int(space.frames.frame_ids[5]))
        with open_store(made.path) as db:
            own = latents.of_checkpoint(db, made.checkpoint_id)
            return (
                runs.run(db, made.run_id).indexed_frames,
                own.frame_ids.tolist(),
                own.mean.tolist(),
                space.frames.random_pair_distances.tolist(),
                space.other_trajectory_distances.tolist(),
                space.outlier_distance,
                reference.sigmas.tolist(),
                search_latents(made.path, space, query, SearchOptions(k=9)).matches,
                ask.compare(made.path, made.run_id, "frame:4", "frame:30"),
            )

    before = facts()
    assert _index(made, "others", "one").state == "done"
    assert len(load_latent_space(made.path, made.run_id).attached[0].frames) == 2 * FRAMES
    assert facts() == before


def test_where_a_pixel_size_is_not_known_the_person_is_asked(modelled: Made):
    job = _index(modelled, "unknown")
    assert job.state == "failed"
    assert job.error == (
        "The pixel size of unknown is not known, so somebody has to say how frames of unknown"
        " compare with those that two-level-1 knows: thickness (their height is the film's"
        " thickness, as 100 px of the model's), one (one pixel is one pixel), or a factor."
    )
    for scale, words in (
        ("one", "one pixel is one pixel"),
        (
            "thickness",
            "scaled by 1: a height of 100 px is the film's thickness, as 100 px of the model's",
        ),
        ("0.9", "scaled by 0.9, as given"),
    ):
        job = _index(modelled, "unknown", scale)
        assert (job.result or {}).get("scale") == words, job.error
        assert (job.result or {})["frames"] == 2 * FRAMES  # all anew
    assert (_index(modelled, "unknown", "0.9").result or {})["frames"] == 0
    assert _index(modelled, "unknown", "wide").error == (
        "The scale is 'wide'; accepted are thickness, one or a number."
    )
    assert _index(modelled, "unknown", "0.1").error == (
        "unknown has frames of 400 x 100 px (scaled by 0.1, as given), so two-level-1 would see"
        " 40 x 10 px; it takes frames from 64 to 4,096 px a side."
    )
    answer = ask.query(modelled.path, modelled.run_id, f"frame:{_ids(modelled, 'unknown')[5]}", 1)
    assert answer["scale"] == "scaled by 0.9, as given"


def test_a_data_set_is_searched_by_its_name_once_it_is_attached(modelled: Made):
    first = f"frame:{_ids(modelled, 'blobs')[5]}"
    _index(modelled, "half")
    both = ask.query(
        modelled.path, modelled.run_id, first, 30, gallery=["half", "blobs"], same_trajectory=True
    )["neighbours"]
    assert {row["dataset"] for row in both} == {"half", "blobs"}
    assert all((row["scale"] is None) == (row["dataset"] == "blobs") for row in both)
    half = ask.query(modelled.path, modelled.run_id, first, 3, gallery=["half"])["neighbours"]
    assert {row["dataset"] for row in half} == {"half"}
    compared = ask.compare(
        modelled.path, modelled.run_id, first, f"frame:{_ids(modelled, 'half')[5]}"
    )
    assert compared["scale"] == {"a": None, "b": "scaled by 2: 0.002 µm/px to 0.001 µm/px"}
    assert (
        compared["distance"]
        < 0.2
        * ask.compare(
            modelled.path, modelled.run_id, first, f"frame:{_ids(modelled, 'blobs')[20]}"
        )["distance"]
    )


def test_detached_its_latents_are_gone_and_the_runs_own_stay(modelled: Made):
    _index(modelled, "half")
    with open_store(modelled.path) as db:
        dataset_id = datasets.dataset(db, "half").id
        own = latents.of_checkpoint(db, modelled.checkpoint_id)
        attached.detach(db, modelled.run_id, dataset_id)
        left = attached.latents_of(db, modelled.checkpoint_id, dataset_id)
        assert not len(left.latents.frame_ids)
        assert dataset_id not in {
            each.dataset_id for each in attached.of_checkpoint(db, modelled.checkpoint_id)
        }
        np.testing.assert_array_equal(
            latents.of_checkpoint(db, modelled.checkpoint_id).frame_ids, own.frame_ids
        )
    with pytest.raises(NotAttached, match="has not looked at half yet"):
        ask.query(modelled.path, modelled.run_id, "frame:5", 1, gallery=["half"])


def test_a_deleted_data_set_is_attached_no_more(modelled: Made):
    with open_store(modelled.path) as db:
        dataset_id = _add(modelled, db, "short", 1.0)
    assert _index(modelled, "short", "one").state == "done"
    with open_store(modelled.path) as db:
        datasets.delete(db, dataset_id)
        left = attached.of_checkpoint(db, modelled.checkpoint_id)
        assert dataset_id not in {each.dataset_id for each in left}


def test_what_was_stopped_is_gone_on_with(modelled: Made, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(indexing, "CHUNK", 5)
    with open_store(modelled.path) as db:
        _add(modelled, db, "slow", 1.0)

    def stop(_progress: JobProgress) -> None:
        with open_store(modelled.path) as db:
            jobs.request(db, jobs.pending(db)[0].id, "stop")

    spec = IndexJob(run=modelled.run_id, dataset="slow", scale="one")
    assert foreground.run_here(modelled.path, spec, stop).state == "stopped"
    left = (_index(modelled, "slow", "one").result or {})["frames"]
    assert 0 < left < 2 * FRAMES


def test_a_newer_model_of_the_run_looks_at_what_was_attached_before(tmp_path: Path):
    made = build_store(tmp_path / "morph.sqlite", trajectories_count=3, frames=FRAMES, **TWO_LEVEL)
    with open_store(made.path) as db:
        dataset_id = _add(made, db, "others", 0.8)
    assert _index(made, "others", "0.9").state == "done"
    with open_store(made.path) as db:
        old = checkpoints.by_id(db, made.checkpoint_id)
        newer = checkpoints.add(
            db, made.run_id, epoch=13, file=old.file, size=old.size, sha256=old.sha256
        )
    assert foreground.run_here(made.path, IndexJob(run=made.run_id)).state == "done"
    with open_store(made.path) as db:
        index = runs.indexed(db, made.run_id).index
        (attachment,) = attached.of_checkpoint(db, index.checkpoint_id)
    assert index.checkpoint_id >= newer
    assert (attachment.dataset_id, attachment.how, attachment.factor) == (
        dataset_id,
        "factor",
        0.9,
    )
    assert attachment.frames == 2 * FRAMES


def test_a_model_of_one_size_says_that_it_takes_no_other(tmp_path: Path):
    made = build_store(tmp_path / "morph.sqlite", trajectories_count=2, frames=2, model=True)
    with open_store(made.path) as db:
        _add(made, db, "others", 0.8)
    assert _index(made, "others", "one").error == (
        "others has frames of 320 x 80 px (one pixel is one pixel), so seed-1 would see"
        " 320 x 80 px; its preset, seed, takes 400 x 100 px alone, while two-level takes any size"
        " from 64 px a side on."
    )
    assert _index(made, "others", "thickness").state == "done"
