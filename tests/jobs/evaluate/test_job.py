"""The evaluate job, end to end on a small store with a real, untrained model."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jobs import foreground
from jobs.__main__ import main
from jobs.context import JobProgress
from jobs.evaluate import setup
from jobs.evaluate.job import ANSWER
from jobs.specs import EvaluateJob
from morphcore.descriptors import measure
from morphcore.evaluation import baselines
from store import datasets, evaluations, jobs, runs, trajectories
from store import descriptors as descriptor_table
from store.db import checkpoints_folder, open_store
from tests.factory import Made, blobs, build_store, trajectory

FRAMES = 16
# r2_phi and r2_f are not defined: the one trajectory that is held out has one phi and one fraction.
ALWAYS = {"D@5", "topology@5", "r2_log_t", "r2_log_L", "hub_share"}
MOVED = {"roll@1", "roll_ratio", "mirror@1", "mirror_ratio"}
SEEN = {"flip_ratio", "swap_ratio", "twin_ratio"}
NATS = {
    "neg_elbo_nats",
    "neg_elbo_nats_per_pixel",
    "recon_nats",
    "kl_nats",
    "neg_elbo_nats_unseparated_too",
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A store with an indexed model, six cells and a twin of each."""
    made = build_store(
        tmp_path_factory.mktemp("evaluate") / "morph.sqlite", frames=FRAMES, model=True
    )
    with open_store(made.path) as db:
        db.execute("UPDATE trajectories SET cell = name, family = iif(id < 4, 'one', 'two')")
        originals = trajectories.trajectories(db, made.dataset_id)
        twins = datasets.create(db, "blobs twins", "simulated", {}, made.dataset_id)
        for seed, original in enumerate(originals):
            assert original.phi is not None
            twin = trajectory(f"{original.name}-twin", phi=original.phi, frames=8, seed=100 + seed)
            twin = replace(
                twin, cell=original.cell, family=original.family, times=np.arange(1, 9) * 40.0
            )
            trajectories.add(db, twins, twin)
        table = trajectories.frame_table(db, twins)
        bits = trajectories.packed(db, table.frame_ids).one_size.bits()
        descriptor_table.add(db, measure.measure(table.frame_ids, bits))
    return made


@pytest.fixture
def indexed(template: Made, store: Path) -> Made:
    shutil.copyfile(template.path, store)
    shutil.copytree(checkpoints_folder(template.path), checkpoints_folder(store))
    return replace(template, path=store)


@pytest.fixture
def light(indexed: Made, monkeypatch: pytest.MonkeyPatch) -> Made:
    """The same, evaluated beside two baselines and with few moved frames."""
    monkeypatch.setattr(baselines, "NAMES", ("random", "f_logL"))
    monkeypatch.setattr(setup, "MOST_MOVED", 12)
    return indexed


def _evaluate(made: Made, listener=None, **args):
    return foreground.run_here(made.path, EvaluateJob(run=made.run_id, **args), listener)


def test_frames_that_are_judged_are_picked_by_contrast_or_by_colour(light: Made):
    """So that nobody gains by a line: figures are to be had at both, and say at which they are."""
    with open_store(light.path) as db:  # a frame of two colours whose gray is nearly flat
        db.execute("UPDATE frames SET uniform = 1 WHERE idx = 1")
    found = {}
    for separated in ("contrast", "colour"):
        _evaluate(light, separated=separated)
        with open_store(light.path) as db:
            kept = evaluations.newest_whole(db, light.checkpoint_id)
        assert kept is not None
        assert kept.evaluation.separated == separated
        found[separated] = kept.evaluation.split.training + kept.evaluation.split.held_out
    assert found["colour"] - found["contrast"] == 6


def test_model_and_baselines_are_judged_by_the_same_figures_and_kept(
    indexed: Made, capsys: pytest.CaptureFixture[str]
):
    assert main(["evaluate", "--run", "1", "--store", str(indexed.path), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    twins = {"twin@1", "twin@5", "twin@1_unseen", "twin@5_unseen", "family@1"}
    assert set(result["metrics"]) == ALWAYS | MOVED | NATS | SEEN | twins
    assert list(result["baselines"]) == list(baselines.NAMES)
    for name, row in result["baselines"].items():
        assert set(row) == (ALWAYS | MOVED | twins | {"axes"}), name
        assert row["axes"] in ("plain", "standardised", "sphered")
    assert result["differences"]["twin@5"]["random"]["value"] == pytest.approx(
        result["metrics"]["twin@5"] - result["baselines"]["random"]["twin@5"]
    )
    assert result["split"]["leaking"] is False
    assert result["split"]["twins"] == 6 * 7  # the first of each is not yet separated
    assert result["baselines"]["descriptors"]["D@5"] < result["baselines"]["random"]["D@5"]
    assert result["baselines"]["f_logL"]["roll@1"] == 1.0
    low, high = result["intervals"]["twin@5"]
    assert low <= result["metrics"]["twin@5"] <= high
    with open_store(indexed.path) as db:
        kept = evaluations.newest_whole(db, indexed.checkpoint_id)
    assert kept is not None
    evaluation = kept.evaluation
    written = evaluation.to_json()
    assert result == {"run": 1} | {name: written[name] for name in ANSWER}
    assert evaluation.chance["twin@1"] < evaluation.chance["twin@5"]
    assert sum(length.frames for length in evaluation.nats_by_length) == FRAMES - 1
    assert evaluation.latent.dimensions == 16
    assert evaluation.map is not None
    assert evaluation.map.frames == 6 * (FRAMES - 1)
    assert 0 < evaluation.map.trustworthiness <= 1
    noise = evaluation.noise
    assert noise is not None
    assert 0 < noise.median_twin <= noise.same_within
    assert list(noise.twins) == sorted(noise.twins)
    assert noise.twins[-1] > 0
    hubs = evaluation.hubs
    assert hubs[0].share == result["metrics"]["hub_share"]
    with open_store(indexed.path) as db:
        learnt = set(runs.split(db, indexed.run_id).training.tolist())
    assert {hub.frame_id for hub in hubs} <= learnt


def test_the_same_seed_gives_the_same_figures(light: Made):
    shares: list[float] = []
    first = _evaluate(light, lambda progress: shares.append(progress.share)).result or {}
    second = _evaluate(light).result or {}
    for name in ("metrics", "intervals", "baselines"):
        assert first[name] == second[name]
    assert shares == sorted(shares)
    assert len(shares) > 4


def test_without_twins_the_rest_is_judged_and_the_command_is_named(light: Made):
    with open_store(light.path) as db:
        db.execute("DELETE FROM datasets WHERE twin_of IS NOT NULL")
    result = _evaluate(light).result or {}
    assert set(result["metrics"]) == ALWAYS | MOVED | NATS | (SEEN - {"twin_ratio"})
    assert any('python -m jobs simulate --twins "blobs"' in note for note in result["notes"])


def test_a_split_by_frame_is_marked_as_leaking_and_has_no_unseen_twins(light: Made):
    with open_store(light.path) as db, db.atomic():
        db.execute("UPDATE runs SET config = json_set(config, '$.split', 'frame')")
        db.execute("UPDATE run_frames SET held_out = (frame_id % 5 = 0)")
    result = _evaluate(light).result or {}
    assert result["split"]["leaking"] is True
    assert "twin@5" in result["metrics"]
    assert "twin@5_unseen" not in result["metrics"]


def test_frames_with_walls_are_mirrored_but_never_rolled(light: Made):
    with open_store(light.path) as db, db.atomic():
        db.execute("UPDATE trajectories SET periodic = 0")
    result = _evaluate(light).result or {}
    assert not {"roll@1", "roll_ratio"} & set(result["metrics"])
    assert {"mirror@1", "mirror_ratio"} <= set(result["metrics"])


def test_real_frames_find_their_like(light: Made, tmp_path: Path):
    folder = tmp_path / "real"
    folder.mkdir()
    for index, picture in enumerate(blobs(4, phi=0.52, seed=77)):
        Image.fromarray(picture).save(folder / f"film_{index:03d}.png")
    (folder / "README.md").write_text("no frame, and nobody took it for one")
    (folder / "broken.png").write_bytes(b"no picture")
    result = _evaluate(light, frames=str(folder)).result or {}
    real = result["metrics"]["real"]
    assert real["frames"] == 3  # the first is not yet separated
    assert result["baselines"]["f_logL"]["real"]["abs_dlnL"] < 0.3
    (unread,) = [note for note in result["notes"] if note.startswith("Not read")]
    assert "broken.png" in unread
    assert "README" not in unread
    job = _evaluate(light, frames=str(tmp_path / "nowhere"))
    assert job.state == "failed"
    assert "does not exist" in (job.error or "")


def test_missing_descriptors_are_measured_first(light: Made):
    whole = _evaluate(light).result or {}
    with open_store(light.path) as db, db.atomic():
        db.execute("DELETE FROM descriptors")
    assert (_evaluate(light).result or {})["baselines"] == whole["baselines"]


def test_what_was_not_indexed_is_left_out_and_said(light: Made):
    with open_store(light.path) as db, db.atomic():
        db.execute("DELETE FROM latents WHERE frame_id % 10 = 1")
    job = _evaluate(light)
    assert job.state == "done", job.error
    assert any("not indexed" in note for note in (job.result or {})["notes"])


def test_a_run_without_latents_is_told_how_to_get_them(
    light: Made, capsys: pytest.CaptureFixture[str]
):
    with open_store(light.path) as db, db.atomic():
        db.execute("DELETE FROM latents")
    assert "has no latents yet; index it first" in (_evaluate(light).error or "")
    assert main(["evaluate", "--run", "1", "--store", str(light.path)]) == 1
    assert "index it first: python -m jobs index --run 1" in capsys.readouterr().err


def test_a_stopped_evaluation_keeps_nothing(light: Made):
    def stop(progress: JobProgress) -> None:
        if "baseline" in progress.stage:
            with open_store(light.path) as db:
                jobs.request(db, jobs.pending(db)[0].id, "stop")

    assert _evaluate(light, stop).state == "stopped"
    with open_store(light.path) as db:
        assert db.table("evaluations").count == 0


VERIFIED = {
    "false_acceptance",
    "false_acceptance_unseen",
    "false_acceptance_any_time_unseen",
    "eer_unseen",
    "min_cllr_unseen",
}


def test_with_replicates_pairs_are_verified_and_axes_may_come_from_them(light: Made):
    with open_store(light.path) as db:
        replicas = datasets.create(db, "more", "simulated", {}, replicates_of=light.dataset_id)
        for seed, original in enumerate(trajectories.trajectories(db, light.dataset_id) * 3):
            assert original.phi is not None
            one = trajectory(
                f"{original.name}-{seed}", phi=original.phi, frames=16, seed=500 + seed
            )
            trajectories.add(db, replicas, replace(one, cell=original.cell))
        # Realisations of the same times, so that classes have several.
        table = trajectories.frame_table(db, replicas)
        bits = trajectories.packed(db, table.frame_ids).one_size.bits()
        descriptor_table.add(db, measure.measure(table.frame_ids, bits))
    job = _evaluate(light)
    assert job.state == "done", job.error
    with open_store(light.path) as db:
        kept = evaluations.newest_whole(db, light.checkpoint_id)
    assert kept is not None
    evaluation = kept.evaluation
    assert set(evaluation.metrics) >= VERIFIED
    assert set(evaluation.baselines["f_logL"].metrics) >= VERIFIED
    assert set(evaluation.detection) == {"model", "random", "f_logL"}
    assert set(evaluation.differences["false_acceptance_unseen"]) == {"random", "f_logL"}
    # Random places tell nothing: as many of two processes are accepted as of one.
    assert evaluation.baselines["random"].metrics["false_acceptance"].value > 0.7
    assert not any("replicates" in note for note in evaluation.notes)
