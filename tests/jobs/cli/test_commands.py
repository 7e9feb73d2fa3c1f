"""The command line: one JSON object on standard output, one sentence and 1 on standard error."""

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from jobs import foreground
from jobs.__main__ import main
from jobs.cli.group import group
from jobs.cli.output import ProgressBar
from jobs.context import JobProgress
from jobs.specs import KINDS, JobSpec, to_json
from morphcore.config import TrainConfig
from morphcore.types import Split
from store import jobs, runs, trajectories
from store.db import open_store
from store.jobs import JobStage
from tests.factory import Made

ROOT = Path(__file__).resolve().parents[3]


def ask(capsys: pytest.CaptureFixture[str], *argv: str) -> dict:
    assert main([*argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_real_process_prints_one_json_object_and_keeps_the_bar_off_it(store: Path) -> None:
    command = "simulate --name tiny --trajectories 2 --frames 3 --last-step 40 --json --store"
    done = subprocess.run(
        [sys.executable, "-m", "jobs", *command.split(), str(store)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = done.stdout.strip().splitlines()
    assert json.loads(line)["dataset"] == "tiny"
    assert json.loads(line)["frames"] == 6
    assert "%" in done.stderr


def test_a_failure_is_one_sentence_on_standard_error_and_exit_status_1(store: Path) -> None:
    store.write_text("no database")
    done = subprocess.run(
        [sys.executable, "-m", "jobs", "datasets", "--store", str(store)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert "not an SQLite file" in done.stderr


def test_lists_have_the_names_that_are_promised(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--store", str(made.path))
    (dataset,) = ask(capsys, "datasets", *options)["datasets"]
    assert (dataset["name"], dataset["frames"], dataset["trajectories"]) == ("blobs", 120, 6)
    assert (dataset["scheme"], dataset["config"]) == ("first-order", {})  # a store of before
    (run,) = ask(capsys, "runs", *options)["runs"]
    assert (run["run"], run["dataset"], run["preset"]) == (made.run_id, "blobs", "seed")
    assert ask(capsys, "status", *options)["jobs"] == []


def test_unknown_things_are_named_with_what_there_is(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--store", str(made.path))
    for argv, words in (
        (["train", "--dataset", "nothing", *options], "there are: blobs"),
        (["index", "--run", "9", *options], "There is no run 9"),
        (["map", "--run", "9", *options], "There is no run 9"),
        (["query", "--run", "1", "frame:99999", *options], "no frame 99999"),
        (["export", "--what", "frames", "--dataset", "x", "/tmp/x.npz", *options], "named 'x'"),
        (["stop", "77", *options], "no job 77"),
    ):
        assert main(argv) == 1, argv
        assert words in capsys.readouterr().err, argv


def test_a_failure_names_the_command_that_mends_it(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(what: str, file: str) -> str:
        out = str(tmp_path / file)
        argv = ["export", "--what", what, "--run", "1", out, "--store", str(made.path)]
        assert main(argv) == 1
        return capsys.readouterr().err.removesuffix("\n")

    assert said("chart-evaluation", "a.svg") == (
        "Run 1 is not evaluated yet; do so with: python -m jobs evaluate --run 1"
    )
    with open_store(made.path) as db:
        db.execute("DELETE FROM projections")
    draw = "draw one with: python -m jobs map --run 1"
    assert said("map", "a.csv") == f"No map of this model is stored; {draw}"
    assert said("chart-map", "a.svg") == f"Run 1 has no map yet; {draw}"
    with open_store(made.path) as db:
        db.execute("DELETE FROM latents")
    assert said("map", "a.csv") == (
        "seed-1 has no latents yet; index it first: python -m jobs index --run 1"
    )


def test_without_json_the_answer_is_readable(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["runs", "--store", str(made.path)]) == 0
    assert "run 1  name seed-1  dataset blobs" in capsys.readouterr().out


def test_a_stored_frame_finds_its_neighbours(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = ask(capsys, "query", "--run", "1", "frame:25", "-k", "3", "--store", str(made.path))
    assert len(answer["neighbours"]) == 3
    assert {"frame_id", "trajectory", "index", "distance", "percentile"} <= set(
        answer["neighbours"][0]
    )


def test_the_bar_says_stage_share_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    ProgressBar().show(JobProgress("train: epoch 3 of 9", 0.5, 125.0))
    assert "50%  train: epoch 3 of 9, about 2 min left" in capsys.readouterr().err


def test_a_stage_that_is_over_leaves_a_line_with_a_tick_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stages = (JobStage("simulate", "done", 41.0), JobStage("train", "now", 3.0))
    bar = ProgressBar()
    for share in (0.5, 0.6):
        bar.show(JobProgress("train: epoch 3 of 9", share, 125.0, stages=stages))
    assert capsys.readouterr().err.count("✓ Simulate 41 s\n") == 1


def test_the_list_of_jobs_has_the_stages_of_one_at_work(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    stages = [JobStage("simulate", "done", 41.0), JobStage("train", "now", 3.0, 90.0, 60.0)]
    with open_store(made.path) as db:
        job = jobs.enqueue(db, "demo", {})
        jobs.claim(db)
        mine = psutil.Process()
        jobs.set_process(db, job.id, mine.pid, mine.create_time())
        jobs.set_progress(db, job.id, stage="train", progress=0.4, seconds_left=60, stages=stages)
    assert main(["status", "--store", str(made.path)]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "jobs: 1"
    assert lines[1].startswith(f"id {job.id} demo running 40% about 1 min left")
    assert lines[2:] == ["✓ Simulate 41 s", "▸ Train about 1 min left"]
    listed = ask(capsys, "status", "--store", str(made.path))["jobs"][0]
    assert listed["stages"][0] == {"stage": "Simulate", "state": "done", "time": "41 s"}


def shown(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main([*argv, "--help"]) == 0
    return capsys.readouterr().out


def test_every_command_has_json_store_and_a_short_help_option(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in group.commands:
        words = shown(capsys, name)
        assert all(word in words for word in ("--json", "--store PATH", "-h, --help")), name


def test_every_kind_of_job_has_a_command() -> None:
    assert set(KINDS) <= set(group.commands)


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], "Usage"),
        (["frobnicate"], "No such command"),
        (["stop"], "Missing argument 'JOB'"),
        (["stop", "x"], "not a valid integer"),
        (["index"], "Missing option '--run'"),
        (["train", "--preset", "best"], "'best' is not one of 'two-level', 'seed'"),
        (["tune", "--minutes", "1", "--steps", "2"], "either --minutes or --steps"),
        (["tune", "--resume", "1", "--preset", "seed"], "keeps its --preset"),
        (["graspi"], "Missing argument 'ID...'"),
        (["export", "--what", "map", "x.csv"], "either --run or --dataset"),
        (["export", "--what", "map", "--run", "1", "--dataset", "a", "x.csv"], "either --run or"),
    ],
)
def test_misuse_is_said_on_standard_error_and_exit_status_2(
    argv: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert words in output.err


def test_options_become_the_arguments_of_a_job_and_the_rest_is_left_out(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    specs: list[JobSpec] = []

    def ended(store: Path, spec: JobSpec, _: object) -> jobs.Job:
        specs.append(spec)
        with open_store(store) as db:
            job = jobs.enqueue(db, "demo", {})
            assert jobs.claim(db, job.id)
            jobs.finish(db, job.id, "done")
            return jobs.job(db, job.id)

    monkeypatch.setattr(foreground, "run_here", ended)
    for argv in (
        ["train", "--dataset", "a", "--minutes", "2", "--split", "frame", "--lr", "1e-3"],
        ["train", "--resume", "3"],
        ["simulate", "--twins", "a", "--seed", "0"],
        ["simulate", "--replicates", "a", "--realisations", "7", "--frames", "9"],
        ["import", "frames.zip"],
        ["graspi", "3", "4"],
        ["demo", "--steps", "20"],
        ["index", "--run", "3"],
    ):
        assert main([*argv, "--store", str(store)]) == 0
    assert [(type(spec).__name__, to_json(spec)) for spec in specs] == [
        ("TrainJob", {"dataset": "a", "lr": 1e-3, "minutes": 2.0, "split": "frame"}),
        ("TrainJob", {"run": 3}),
        ("SimulateJob", {"seed": 0, "twins": "a"}),
        ("SimulateJob", {"replicates": "a", "realisations": 7, "frames": 9}),
        ("ImportJob", {"path": str(Path("frames.zip").resolve()), "name": "frames"}),
        ("GraspiJob", {"frames": (3, 4)}),
        ("DemoJob", {"steps": 20}),
        ("IndexJob", {"run": 3}),
    ]


def test_nats_and_reconstruction_error_are_one_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = ("nats", "reconstruction-error")
    short, long = (shown(capsys, name).replace(f" {name} ", " ") for name in names)
    assert short == long


def test_no_run_without_latents_gets_a_job(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    with open_store(made.path) as db:
        ids = trajectories.frame_table(db, made.dataset_id).frame_ids
        bare = runs.create(db, made.dataset_id, TrainConfig(), Split("frame", ids[:9], ids[9:]))
    for name in ("map", "nats", "evaluate"):
        assert main([name, "--run", str(bare), "--store", str(made.path)]) == 1
        assert f"index it first: python -m jobs index --run {bare}" in capsys.readouterr().err
    assert ask(capsys, "status", "--store", str(made.path))["jobs"] == []


def test_ctrl_c_while_it_waits_has_the_status_of_a_shell(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> jobs.Job:
        raise KeyboardInterrupt

    monkeypatch.setattr(foreground, "run_here", interrupted)
    assert main(["index", "--run", "1", "--store", str(store)]) == 130
