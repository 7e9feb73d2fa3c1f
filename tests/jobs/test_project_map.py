"""The map job: which frames it takes, stored once, stopped when asked."""

import numpy as np
import pytest

from jobs import foreground, project_map
from jobs.context import Context, JobProgress, Stopped
from jobs.specs import MapJob
from morphcore.config import ConfigError, ProjectionConfig, TrainConfig
from morphcore.embedding.projection import fit
from morphcore.types import Latents, Split
from store import jobs, latents, projections, runs, trajectories
from store.db import open_store
from tests.factory import Made, build_store


def _context(made: Made, **args: int) -> Context:
    with open_store(made.path) as db:
        job = jobs.enqueue(db, "map", args)
        jobs.claim(db, job.id)
    return Context(made.path, job.id)


def test_every_nth_frame_of_each_trajectory_is_placed(made: Made) -> None:
    result = project_map.run(_context(made), MapJob(run=made.run_id, every=7, perplexity=4.0))
    with open_store(made.path) as db:
        points = projections.points(db, result["map"])
        table = trajectories.frame_table(db, made.dataset_id)
        stored = latents.of_checkpoint(db, made.checkpoint_id)
    taken = np.isin(table.frame_ids, points.frame_ids)
    assert set(table.index[taken]) == {0, 7, 14}
    assert taken.sum() == 18 == result["points"]
    drawn = np.isin(stored.frame_ids, points.frame_ids)
    alone = Latents(stored.frame_ids[drawn], stored.mean[drawn], stored.logvar[drawn])
    expected = fit(alone, ProjectionConfig(every=7, perplexity=4.0))
    assert points.frame_ids.tolist() == expected.frame_ids.tolist()
    assert np.array_equal(points.coords, expected.coords)


def test_a_stored_map_is_not_drawn_again(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    first = project_map.run(_context(made), MapJob(run=made.run_id, every=5))
    monkeypatch.setattr("morphcore.embedding.projection.fit", None)  # would fail if called
    again = project_map.run(_context(made), MapJob(run=made.run_id, every=5))
    # 24 frames hold the perplexity at 23 / 3, whatever more was asked for: the same map.
    clipped = project_map.run(_context(made), MapJob(run=made.run_id, every=5, perplexity=100.0))
    assert again["map"] == clipped["map"] == first["map"]
    assert clipped["perplexity"] == pytest.approx(23 / 3)
    assert again["points"] == 24


def test_pca_and_t_sne_are_different_maps(made: Made) -> None:
    tsne = project_map.run(_context(made), MapJob(run=made.run_id, every=4))
    pca = project_map.run(_context(made), MapJob(run=made.run_id, every=4, method="pca"))
    assert tsne["map"] != pca["map"]
    assert (tsne["method"], pca["method"]) == ("tsne", "pca")


def test_too_few_frames_for_t_sne_are_drawn_by_pca_and_it_says_so(made: Made) -> None:
    result = project_map.run(_context(made), MapJob(run=made.run_id, every=25))
    assert result["points"] == 6
    assert result["method"] == "pca"
    assert "at least 8 frames and there are 6" in result["note"]
    with open_store(made.path) as db:
        stored = {m.id: m for m in projections.of_checkpoint(db, made.checkpoint_id)}
    assert stored[result["map"]].config.method == "pca"


def test_a_run_without_latents_is_told_what_to_do(made: Made) -> None:
    with open_store(made.path) as db:
        ids = trajectories.frame_table(db, made.dataset_id).frame_ids
        bare = runs.create(db, made.dataset_id, TrainConfig(), Split("frame", ids[:100], ids[100:]))
    with pytest.raises(runs.NotIndexed, match="index it first"):
        project_map.run(_context(made), MapJob(run=bare))


def test_settings_out_of_range_are_refused(made: Made) -> None:
    with pytest.raises(ConfigError, match="perplexity"):
        project_map.run(_context(made), MapJob(run=made.run_id, perplexity=1.0))


def test_a_stop_ends_the_work_and_stores_nothing(made: Made) -> None:
    context = _context(made)
    with open_store(made.path) as db:
        before = len(projections.of_checkpoint(db, made.checkpoint_id))
        jobs.request(db, context.job_id, "stop")
    with pytest.raises(Stopped):
        project_map.run(context, MapJob(run=made.run_id, every=1))
    with open_store(made.path) as db:
        assert len(projections.of_checkpoint(db, made.checkpoint_id)) == before


def test_a_stop_in_the_middle_of_the_descent_is_heard(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.context.WRITE_SECONDS", 0.0)
    context = _context(made)
    stages: list[str] = []
    shares: list[float] = []

    def listen(progress: JobProgress) -> None:
        stages.append(progress.stage)
        shares.append(progress.share)
        if progress.share > 0.2:
            with open_store(made.path) as db:
                jobs.request(db, context.job_id, "stop")

    with pytest.raises(Stopped):
        project_map.run(
            Context(made.path, context.job_id, listen), MapJob(run=made.run_id, every=1)
        )
    assert stages[-1] == "placing 120 frames by t-SNE"
    assert 0.2 < shares[-1] < 0.5


def test_the_queue_runs_it_by_its_kind(tmp_path) -> None:
    made = build_store(tmp_path / "morph.sqlite", trajectories_count=3, frames=10)
    job = foreground.run_here(made.path, MapJob(run=made.run_id, every=2, method="tsne"))
    assert job.state == "done", job.error
    assert job.result is not None
    assert job.result["points"] == 15
    assert job.progress == 1.0
