"""The training job on a real store: what it writes, and that it goes on from where it was."""

import io
import re
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psutil
import pytest
import torch
from PIL import Image

from analysis.frame_pixels import held_out_pixels
from jobs import foreground, queue
from jobs.context import Context, JobProgress, Paused, Stopped
from jobs.specs import TrainJob
from jobs.train import job as train
from jobs.train import prepare
from jobs.train.loop import SAVING, SavingConfig
from morphcore.config import ConfigError, TrainConfig, train_config
from morphcore.errors import MorphError
from morphcore.models import seed
from morphcore.simulation.cells import CELLS, HELD_OUT_CELLS
from morphcore.training import checkpoint
from morphcore.training.checkpoint import CheckpointError
from morphcore.types import COIN_FLIP_NATS_PER_PIXEL, Trajectory
from store import checkpoints, datasets, jobs, latents, projections, runs, trajectories
from store.db import checkpoints_folder, open_store
from tests import factory
from tests.waiting import until

QUICK = {"dataset": "blobs", "preset": "seed", "epochs": 3, "batch": 32, "index": False}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thin dense layers: these tests are about the job, and write many checkpoints."""
    monkeypatch.setattr(seed, "DENSE", 16)


class Killed(BaseException):
    """The process ends without a word."""


@pytest.fixture(name="dataset")
def _dataset(store: Path) -> int:
    """A data set of 3 trajectories, one of them with walls, and no run."""
    return _films(store)


class Undisturbed(NamedTuple):
    """What a training that nothing disturbs ends with."""

    numbers: list[tuple[float, ...]]
    weights: dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """The training `QUICK` on such a data set, in a store of its own."""
    store = tmp_path_factory.mktemp("whole") / "morph.sqlite"
    _films(store)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seed, "DENSE", 16)
        run_id = _train(store)["run"]
        return Undisturbed(_numbers(store, run_id), _weights(store, run_id))


def _films(store: Path) -> int:
    with open_store(store) as db:
        dataset_id = datasets.create(db, "blobs", "simulated", {})
        for number in range(3):
            made = factory.trajectory(f"t{number}", phi=0.5 + 0.03 * number, frames=16, seed=number)
            periodic = number < 2
            trajectories.add(
                db,
                dataset_id,
                Trajectory(made.name, made.frames, made.times, made.params, periodic=periodic),
            )
    return dataset_id


def _context(store: Path, listener: Any = None) -> Context:
    """A context for a job that was claimed by hand."""
    with open_store(store) as db:
        job = jobs.enqueue(db, "train", {"seed": time.time_ns()})
        assert jobs.claim(db, job.id)
    return Context(store, job.id, listener)


def _end(context: Context) -> None:
    with open_store(context.store) as db:
        jobs.finish(db, context.job_id, "interrupted")


def _train(
    store: Path, listener: Any = None, saving: SavingConfig = SAVING, **args: Any
) -> dict[str, Any]:
    context = _context(store, listener)
    try:
        return train.run(context, TrainJob(**{**QUICK, **args}), saving)
    finally:
        _end(context)


def _numbers(store: Path, run_id: int) -> list[tuple[float, ...]]:
    with open_store(store) as db:
        return [
            (metrics.epoch, metrics.training_neg_elbo_nats, metrics.held_out_neg_elbo_nats)
            for metrics in runs.epochs(db, run_id)
        ]


def _weights(store: Path, run_id: int) -> dict[str, torch.Tensor]:
    with open_store(store) as db:
        row = checkpoints.by_id(db, runs.run(db, run_id).checkpoint_id or 0)
    return checkpoint.load(checkpoints_folder(store) / row.file, row.sha256).state["weights"]


def _same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(a[name], b[name]) for name in a)


def test_the_whole_job_leaves_curves_model_latents_and_maps(store: Path, dataset: int):
    reports: list[JobProgress] = []
    args = {"dataset": "blobs", "epochs": 2}
    job = foreground.run_here(store, TrainJob(**args), reports.append)
    assert job.state == "done", job.error
    result = job.result or {}
    assert {"run", "epochs", "seconds", "neg_elbo_nats", "device", "frames_per_second"} <= set(
        result
    )
    assert result["neg_elbo_nats_start"] == pytest.approx(
        40_000 * COIN_FLIP_NATS_PER_PIXEL, rel=0.01
    )
    with open_store(store) as db:
        run = runs.run(db, result["run"])
        assert [metrics.epoch for metrics in runs.epochs(db, run.id)] == [0, 1, 2]
        assert run.epochs == result["epochs"] == 2
        assert run.device == result["device"]
        assert run.device
        assert (run.preset, run.config.split) == ("two-level", "trajectory")
        assert run.indexed_frames == 48
        assert len(latents.missing(db, run.checkpoint_id or 0, dataset)) == 0
        drawn = projections.of_checkpoint(db, run.checkpoint_id or 0)
        assert {map_.config.every for map_ in drawn} == {1}  # of few frames one map of all
        assert job.args["run"] == run.id
    stages = [report.stage for report in reports]
    steps = result["steps"]
    assert any(re.fullmatch(rf"train: step \d+ of {steps}, epoch 1", stage) for stage in stages)
    assert any(re.fullmatch(rf"train: step \d+ of {steps}, epoch 2", stage) for stage in stages)
    shares = [report.share for report in reports]
    assert shares == sorted(shares)
    assert reports[-1].share <= 1


@pytest.mark.usefixtures("dataset")
def test_minutes_that_are_over_at_once_are_the_steps_that_measuring_them_takes(store: Path):
    result = _train(store, minutes=1e-6)
    assert (result["epochs"], result["steps"], result["minutes"]) == (2, 3, 1e-6)
    assert result["neg_elbo_nats"] != result["neg_elbo_nats_start"]


@pytest.mark.usefixtures("dataset")
def test_equal_seeds_give_equal_epochs(store: Path):
    first, again, other_seed = (_train(store, seed=seed)["run"] for seed in (1, 1, 2))
    assert _numbers(store, first) == _numbers(store, again)
    assert _same(_weights(store, first), _weights(store, again))
    assert _numbers(store, first) != _numbers(store, other_seed)


@pytest.mark.parametrize(("request_", "state"), [("stop", "stopped"), ("pause", "paused")])
@pytest.mark.usefixtures("dataset")
def test_stopped_in_the_middle_and_resumed_it_ends_where_it_would_have(
    store: Path, whole: Undisturbed, request_: jobs.Request, state: str
):
    def ask(progress: JobProgress) -> None:
        if progress.stage.endswith("epoch 2"):
            with open_store(store) as db:
                jobs.request(db, jobs.pending(db)[0].id, request_)

    job = foreground.run_here(store, TrainJob(**QUICK), ask)
    assert job.state == state
    run_id = job.args["run"]
    with open_store(store) as db:
        stopped = runs.run(db, run_id)
        assert stopped.epochs < 3
        assert stopped.checkpoint_id is not None
        jobs.requeue(db, job.id)
    job = foreground.follow(store, job.id)
    assert job.state == "done", job.error
    assert (job.result or {})["run"] == run_id
    assert _numbers(store, run_id) == whole.numbers
    assert _same(_weights(store, run_id), whole.weights)


@pytest.mark.usefixtures("dataset")
def test_a_job_killed_when_all_of_it_was_done_is_resumed_to_its_result(store: Path):
    result = _train(store)
    with pytest.raises(MorphError, match="is done"):
        _train(store, run=result["run"])
    context = replace(_context(store), resumed=True)
    again = train.run(context, TrainJob(**{**QUICK, "run": result["run"]}))
    assert again == result


@pytest.mark.usefixtures("dataset")
def test_a_killed_process_goes_on_from_its_last_checkpoint(store: Path):
    whole = _train(store, epochs=4)["run"]

    def stop(progress: JobProgress) -> None:
        if progress.stage.endswith("epoch 2"):
            raise Stopped

    def kill(progress: JobProgress) -> None:
        if progress.stage.endswith("epoch 4"):
            raise Killed

    with pytest.raises(Stopped):
        _train(store, stop, epochs=4, saving=SavingConfig(checkpoint_seconds=0.0))
    with open_store(store) as db:
        run_id = runs.all_runs(db)[-1].id
    with pytest.raises(Killed):
        _train(store, kill, epochs=4, run=run_id, saving=SavingConfig(checkpoint_seconds=1e9))
    with open_store(store) as db:
        run = runs.run(db, run_id)
        saved = checkpoints.by_id(db, run.checkpoint_id or 0)
    assert saved.epoch < run.epochs == 3
    assert _train(store, epochs=4, run=run.id)["run"] == run.id
    assert _numbers(store, run.id) == _numbers(store, whole)
    assert _same(_weights(store, run.id), _weights(store, whole))


@pytest.mark.usefixtures("dataset")
def test_killed_before_its_first_checkpoint_it_begins_anew(store: Path, whole: Undisturbed):
    def kill(progress: JobProgress) -> None:
        if progress.stage.endswith("epoch 2"):
            raise Killed

    with pytest.raises(Killed):
        _train(store, kill)
    with open_store(store) as db:
        run = runs.all_runs(db)[-1]
    assert run.checkpoint_id is None
    _train(store, run=run.id)
    assert _numbers(store, run.id) == whole.numbers


@pytest.mark.usefixtures("dataset")
def test_a_process_of_its_own_stops_when_asked_and_is_gone(store: Path):
    args = {**QUICK, "epochs": 100_000}
    job = queue.start(store, TrainJob(**args))
    running = until(store, job.id, lambda job: job.pid and job.args.get("run") and _epochs(store))
    process = psutil.Process(running.pid or 0)
    with open_store(store) as db:
        jobs.request(db, job.id, "stop")
    stopped = until(store, job.id, lambda job: job.state != "running")
    assert stopped.state == "stopped", stopped.error
    psutil.wait_procs([process], timeout=30)
    assert not process.is_running()
    assert _weights(store, stopped.args["run"])


def _epochs(store: Path) -> int:
    with open_store(store) as db:
        return sum(run.epochs for run in runs.all_runs(db))


@pytest.mark.usefixtures("dataset")
def test_resumed_with_more_epochs_and_another_rate(store: Path):
    run_id = _train(store)["run"]
    with pytest.raises(
        MorphError, match=r"seed-1 is done: 3 epochs, 6 steps .* give it more epochs"
    ):
        _train(store, run=run_id)
    result = _train(store, run=run_id, epochs=5, lr=2e-4)
    with open_store(store) as db:
        curve = runs.epochs(db, run_id)
        config = runs.run(db, run_id).config
    assert [metrics.epoch for metrics in curve] == [0, 1, 2, 3, 4, 5]
    assert [metrics.learning_rate for metrics in curve] == [1e-3] * 4 + [2e-4] * 2
    assert all(a.seconds < b.seconds for a, b in pairwise(curve))
    assert (config.epochs, config.lr) == (5, 2e-4)
    assert result["epochs"] == 5


@pytest.mark.usefixtures("dataset")
def test_what_made_a_run_cannot_change_when_it_is_resumed(store: Path):
    run_id = _train(store, epochs=1)["run"]
    with pytest.raises(
        MorphError, match="keeps its latent, seed; what a resumed run may change is"
    ):
        _train(store, run=run_id, epochs=2, latent=3, seed=9)
    with open_store(store) as db:
        datasets.create(db, "others", "imported", {})
    with pytest.raises(MorphError, match="keeps its data set"):
        _train(store, run=run_id, epochs=2, dataset="others")


@pytest.mark.usefixtures("dataset")
def test_a_run_goes_on_after_its_data_set_was_renamed(store: Path):
    run_id = _train(store, epochs=1)["run"]
    with open_store(store) as db:
        datasets.rename(db, datasets.dataset(db, "blobs").id, "films")
    assert _train(store, run=run_id, epochs=2)["epochs"] == 2


@pytest.mark.usefixtures("dataset")
def test_a_run_that_is_trained_but_not_mapped_is_finished_when_resumed(store: Path):
    run_id = _train(store)["run"]
    _train(store, run=run_id, index=True)
    with open_store(store) as db:
        run = runs.run(db, run_id)
        assert run.indexed_frames == 48
        assert len(projections.of_checkpoint(db, run.checkpoint_id or 0)) == 1
    with pytest.raises(MorphError, match="is done"):
        _train(store, run=run_id, index=True)


@pytest.mark.usefixtures("dataset")
def test_a_changed_checkpoint_is_refused(store: Path):
    run_id = _train(store, epochs=1)["run"]
    (file,) = checkpoints_folder(store).glob("*.pt")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(CheckpointError, match="was changed or cut short since Morph saved it"):
        _train(store, run=run_id, epochs=2)
    file.unlink()
    with pytest.raises(CheckpointError, match="is missing from"):
        _train(store, run=run_id, epochs=2)


@pytest.mark.usefixtures("dataset")
@pytest.mark.parametrize("harm", ["cut short", "a bit", "gone"])
def test_a_training_goes_on_from_the_last_good_checkpoint_as_if_nothing_had_been(
    store: Path, whole: Undisturbed, harm: str
):
    after_every_batch = SavingConfig(checkpoint_seconds=0.0)
    run_id = _train(store, epochs=2, saving=after_every_batch)["run"]
    newest = checkpoints_folder(store) / f"run-{run_id}-epoch-2.pt"
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    if harm == "gone":
        newest.unlink()
    else:
        newest.write_bytes(content if harm == "a bit" else content[: len(content) // 2])
    reports: list[JobProgress] = []
    _train(store, reports.append, run=run_id, epochs=3)
    assert _same(_weights(store, run_id), whole.weights)
    assert _numbers(store, run_id) == whole.numbers
    (note,) = [report.note for report in reports if report.note]
    what = "is missing" if harm == "gone" else "was changed or cut short"
    assert f"its file {newest.name} {what}" in note
    assert "the last good one, saved after epoch 1, is used" in note
    with open_store(store) as db:
        assert all(each.damaged is None for each in checkpoints.of_run(db, run_id))


@pytest.mark.usefixtures("dataset")
def test_old_checkpoints_go_but_an_indexed_one_stays(store: Path):
    after_every_batch = SavingConfig(checkpoint_seconds=0.0)
    run_id = _train(store, index=True, saving=after_every_batch)["run"]
    folder = checkpoints_folder(store)
    names = {f"run-{run_id}-epoch-3.pt", f"run-{run_id}-epoch-2-batch-2.pt"}  # and the one before
    assert {file.name for file in folder.iterdir()} == names
    _train(store, run=run_id, epochs=5, saving=after_every_batch)
    names = {f"run-{run_id}-epoch-{end}.pt" for end in ("3", "4-batch-2", "5")}
    assert {file.name for file in folder.iterdir()} == names
    with open_store(store) as db:
        rows = [checkpoints.by_id(db, row["id"]) for row in db.query("SELECT id FROM checkpoints")]
    for row in rows:
        checkpoint.load(folder / row.file, row.sha256)
    assert {row.file for row in rows} == names


def test_strips_show_held_out_frames_above_their_reconstructions(store: Path, dataset: int):
    run_id = _train(store)["run"]
    with open_store(store) as db:
        shown = runs.reconstruction_grid_epochs(db, run_id)
        strip = runs.reconstruction_grid(db, run_id)
        first = runs.reconstruction_grid(db, run_id, 0)
        held_out = runs.split(db, run_id).held_out
        table = trajectories.frame_table(db, dataset)
        assert strip is not None
        assert first is not None
        packed = trajectories.packed(db, np.array(strip.frame_ids)).one_size
    assert {0, 1, 3} <= set(shown)
    assert strip.epoch == 3
    assert strip.frame_ids == first.frame_ids
    assert set(strip.frame_ids) <= set(held_out.tolist())
    assert not table.unseparated[np.isin(table.frame_ids, strip.frame_ids)].any()
    picture = np.asarray(Image.open(io.BytesIO(strip.png)))
    assert picture.shape == (208, 5 * 400 + 4 * 8, 2)
    for column, bits in enumerate(packed.bits()):
        top = picture[:100, column * 408 : column * 408 + 400]
        assert np.array_equal(top[..., 0], bits * 255)
        assert (top[..., 1] == 255).all()
    assert (picture[100:108, :, 1] == 0).all()
    before = np.asarray(Image.open(io.BytesIO(first.png)))
    assert not np.array_equal(picture[108:], before[108:])


def test_the_full_set_always_holds_out_the_same_cells(store: Path):
    with open_store(store) as db:
        dataset_id = datasets.create(db, "full", "simulated", {})
        picture = factory.blobs(2, phi=0.5, seed=0)
        for phi, chi in CELLS:
            name = f"phi{phi}-chi{chi}"
            steps = np.array([1.0, 2.0])
            trajectories.add(
                db, dataset_id, Trajectory(name, picture, steps, {"phi": phi, "chi": chi})
            )
        table = trajectories.frame_table(db, dataset_id)
        infos = trajectories.trajectories(db, dataset_id)
    cells = {info.id: (info.phi, info.chi) for info in infos}
    owner = dict(zip(table.frame_ids.tolist(), table.trajectory_ids.tolist(), strict=True))
    for number in (0, 1):
        config = TrainConfig(split="trajectory", seed=number)
        division = prepare._split(config, table, infos)
        assert {cells[owner[id]] for id in division.held_out.tolist()} == HELD_OUT_CELLS
        assert len(division.held_out) == 22
        assert len(division.training) == 92
    fewer = [info for info in infos if (info.phi, info.chi) != CELLS[0]]
    part = table.trajectory_ids != next(i.id for i in infos if (i.phi, i.chi) == CELLS[0])
    smaller = type(table)(*(getattr(table, name)[part] for name in vars(table)))
    chosen = [
        {owner[id] for id in prepare._split(config, smaller, fewer).held_out.tolist()}
        for config in (TrainConfig(split="trajectory", seed=s) for s in (0, 1))
    ]
    assert chosen[0] != chosen[1]
    assert len(chosen[0]) == 11


def test_too_few_frames_and_no_data_set(store: Path):
    with open_store(store) as db:
        dataset_id = datasets.create(db, "tiny", "imported", {})
        trajectories.add(db, dataset_id, factory.trajectory("one", frames=9))
    with pytest.raises(MorphError, match="The data set 'tiny' has 9 frames; a training needs 10"):
        _train(store, dataset="tiny")
    with pytest.raises(ConfigError, match="Say which data set to train on"):
        _train(store, dataset=None)
    with open_store(store) as db:
        assert not runs.all_runs(db)


@pytest.mark.usefixtures("dataset")
def test_stop_and_pause_come_through(store: Path):
    for request_, error in (("stop", Stopped), ("pause", Paused)):
        context = _context(store)
        with open_store(store) as db:
            jobs.request(db, context.job_id, request_)
        with pytest.raises(error):
            train.run(context, TrainJob(**QUICK))
        _end(context)


def _sized(store: Path, name: str, shapes: list[tuple[int, int]]) -> int:
    """A data set of a trajectory of 12 frames, with walls, of each size."""
    with open_store(store) as db:
        dataset_id = datasets.create(db, name, "imported", {})
        for number, (height, width) in enumerate(shapes):
            made = factory.trajectory(f"t{number}", frames=12, seed=number)
            pictures = made.frames[:, :height, :width]
            trajectories.add(
                db, dataset_id, Trajectory(made.name, pictures, made.times, periodic=False)
            )
    return dataset_id


def test_frames_of_several_sizes_are_learnt_and_indexed(store: Path):
    dataset_id = _sized(store, "sizes", [(64, 96), (80, 64), (64, 96)])
    args = {"preset": "two-level", "latent": 3, "epochs": 2, "split": "frame", "index": True}
    result = _train(store, dataset="sizes", **args)
    with open_store(store) as db:
        run = runs.run(db, result["run"])
        frame_table = trajectories.frame_table(db, dataset_id)
        stored = latents.of_checkpoint(db, run.checkpoint_id or 0)
        held_out = runs.split(db, run.id).held_out
        shapes = trajectories.packed(db, held_out).shapes
        pixels = held_out_pixels(db, run)
        grid = runs.reconstruction_grid(db, run.id, 2)
    assert (run.config.height, run.config.width, run.config.periodic) == (64, 96, False)
    assert stored.frame_ids.tolist() == frame_table.frame_ids.tolist()
    assert set(shapes) == {(64, 96), (80, 64)}
    assert 80 * 64 < pixels < 64 * 96
    nats = result["neg_elbo_nats"]
    assert result["neg_elbo_nats_per_pixel"] == pytest.approx(nats / pixels, abs=1e-4)
    assert grid is not None


def test_large_frames_come_in_small_batches_unless_asked(store: Path):
    with open_store(store) as db:
        dataset_id = datasets.create(db, "large", "imported", {})
        bits = np.zeros((10, 512, 512), dtype=np.uint8)
        bits[:, :, 100:] = 255
        made = Trajectory("one", bits, np.arange(10.0), periodic=False)
        trajectories.add(db, dataset_id, made)
        infos = trajectories.trajectories(db, dataset_id)
    for given, batch in (({}, 4), ({"batch": 9}, 9)):
        config = train_config("two-level", **given)
        fitted = prepare._fitted(config, given, infos, "large")
        assert (fitted.height, fitted.width, fitted.batch) == (512, 512, batch)


def test_seed_refuses_several_sizes_and_two_level_small_ones(store: Path):
    _sized(store, "sizes", [(64, 96), (80, 64)])
    _sized(store, "small", [(48, 96), (64, 96)])
    with pytest.raises(
        MorphError, match=r"several sizes \(96 x 64, 64 x 80 px\).* Train two-level"
    ):
        _train(store, dataset="sizes")
    with pytest.raises(ConfigError, match="are 96 x 48 px; two-level accepts frames from 64 x 64"):
        _train(store, dataset="small", preset="two-level")
