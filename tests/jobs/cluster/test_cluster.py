"""Jobs on a real local Ray of two workers: the same results, whoever is stopped or killed."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from jobs import foreground
from jobs.cluster import choice, guard, session, worker
from jobs.cluster.choice import ClusterError
from jobs.cluster.executor import OnRay
from jobs.cluster.session import Session
from jobs.context import JobProgress
from jobs.evaluate import setup
from jobs.index import job as index
from jobs.simulate import wanted
from jobs.specs import EvaluateJob, ImportJob, IndexJob, JobSpec, SimulateJob
from morphcore.errors import MorphError
from morphcore.evaluation import baselines
from store import jobs, latents, scatter, trajectories
from store.db import checkpoints_folder, open_store
from store.jobs import Job
from tests.factory import blobs, build_store
from tests.jobs.executors.functions import (
    Heard,
    die,
    eventually,
    quiet,
    refuse,
    scaled,
    sleep,
)
from tests.jobs.simulate.simulations import TINY, pictures

pytestmark = pytest.mark.skipif(not choice.is_installed(), reason="Ray is not installed")

ROOT = Path(__file__).resolve().parents[3]
CLUSTER = "local:2"
# Half a minute and more, in three trajectories: time enough to kill somebody.
LONG = {"cells": [[0.5, 4.0], [0.6, 4.0], [0.55, 4.0]], "frames": 4}


@pytest.fixture(scope="module")
def ray() -> Iterator[Session]:
    with session.opened(CLUSTER) as connected:
        yield connected
    assert connected.folder is not None
    assert not connected.folder.exists()
    assert guard.belonging(connected.folder) == []


def done(store: Path, spec: JobSpec, listener: Any = None) -> Job:
    job = foreground.run_here(store, spec, listener)
    assert (job.state, job.error) == ("done", None)
    return job


def at_work() -> list[psutil.Process]:
    """The workers that do a task just now."""
    return [each for each in psutil.Process().children(recursive=True) if _name(each) == "ray::run"]


def _name(process: psutil.Process) -> str:
    try:
        return process.name()[:8]
    except psutil.Error:
        return ""


# The session


def test_a_local_ray_is_private_and_listens_on_this_machine_alone(ray: Session) -> None:
    assert ray.address.startswith("127.0.0.1:")
    assert ray.cpus == 2
    assert ray.folder is not None
    assert stat.S_IMODE(ray.folder.stat().st_mode) == 0o700
    listening = {
        connection.laddr.ip.removeprefix("::ffff:")
        for process in (psutil.Process(), *psutil.Process().children(recursive=True))
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_a_cluster_of_another_name_waits_and_the_same_is_shared(ray: Session) -> None:
    with session.opened(CLUSTER) as again:
        assert again is ray
    with pytest.raises(ClusterError, match="cannot use local:1 at the same time"):
        session.opened("local:1").__enter__()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert os.environ.get("RAY_AUTH_TOKEN") is None  # in Ray's own processes alone


def test_results_are_in_order_and_the_callers_own(ray: Session) -> None:
    rows = [np.full(20_000, float(number)) for number in range(9)]
    heard = Heard()
    found = list(OnRay(ray).map(scaled, rows, shared=3.0, report=heard))
    assert [row[0] for row in found] == [3.0 * number for number in range(9)]
    found[0][0] = 1  # writable, as one's own is
    assert heard.shares[-1] == [1.0] * 9
    with pytest.raises(MorphError, match=r"^this is refused\.$"):
        list(OnRay(ray).map(refuse, ["this"], shared=None, report=quiet))


def test_a_machine_with_other_versions_is_named(monkeypatch: pytest.MonkeyPatch, ray: Session):
    monkeypatch.setattr(worker, "versions", lambda: {"torch": "0.1"})
    with pytest.raises(MorphError, match=r"has torch 2\S*, this machine 0.1, so its results would"):
        list(OnRay(ray).map(scaled, [np.ones(1)], shared=1.0, report=quiet))


# Jobs


@pytest.mark.usefixtures("ray")
def test_simulated_frames_are_the_same(tmp_path: Path) -> None:
    here, there = tmp_path / "here.sqlite", tmp_path / "there.sqlite"
    done(here, SimulateJob(name="films", **TINY))
    job = done(there, SimulateJob(name="films", cluster=CLUSTER, **TINY))
    assert job.args["cluster"] == CLUSTER  # a resume goes there, too
    expected, found = pictures(here, "films"), pictures(there, "films")
    assert list(found) == list(expected)
    for name, frames in expected.items():
        np.testing.assert_array_equal(found[name], frames)
    for further in ({"twins": "films"}, {"replicates": "films"}):  # are done alike
        assert wanted.read(here, SimulateJob(**further)) == wanted.read(
            here, SimulateJob(**further, cluster=CLUSTER)
        )


@pytest.mark.usefixtures("ray")
def test_latents_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "CHUNK", 20)
    monkeypatch.setattr(index, "BATCHES_APART", 1)
    here, there = tmp_path / "here.sqlite", tmp_path / "there.sqlite"
    made = build_store(
        here, trajectories_count=3, frames=12, model=True, preset="two-level", axes=4
    )
    with open_store(here) as db, db.atomic():
        db.execute("DELETE FROM latents")
        first = trajectories.trajectories(db, made.dataset_id)[1].id
        db.execute("UPDATE trajectories SET periodic = 0 WHERE id = ?", [first])
    shutil.copyfile(here, there)
    shutil.copytree(checkpoints_folder(here), checkpoints_folder(there))
    done(here, IndexJob(run=made.run_id))
    said: list[JobProgress] = []
    job = done(there, IndexJob(run=made.run_id, cluster=CLUSTER), said.append)
    assert (job.result or {})["frames"] == 36
    with open_store(here) as one, open_store(there) as other:
        expected = latents.of_checkpoint(one, made.checkpoint_id)
        found = latents.of_checkpoint(other, made.checkpoint_id)
        ratio = [scatter.of_checkpoint(db, made.checkpoint_id).distance for db in (one, other)]
    np.testing.assert_array_equal(found.frame_ids, expected.frame_ids)
    np.testing.assert_array_equal(found.mean, expected.mean)
    np.testing.assert_array_equal(found.logvar, expected.logvar)
    assert found.z is not None
    assert expected.z is not None
    np.testing.assert_array_equal(found.z.mean, expected.z.mean)
    np.testing.assert_array_equal(*ratio)


@pytest.mark.usefixtures("ray")
def test_imported_frames_are_the_same(tmp_path: Path) -> None:
    films = tmp_path / "films"
    films.mkdir()
    for seed in range(2):
        np.save(films / f"film-{seed}.npy", blobs(40, phi=0.5, seed=seed))
    here, there = tmp_path / "here.sqlite", tmp_path / "there.sqlite"
    done(here, ImportJob(path=str(films), name="films"))
    done(there, ImportJob(path=str(films), name="films", cluster=CLUSTER))
    stored = []
    for path in (here, there):
        with open_store(path) as db:
            stored.append(
                [
                    db.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
                    for table in ("frames", "pictures", "descriptors")
                ]
            )
    assert len(stored[0][0]) == 80
    assert stored[0] == stored[1]


@pytest.mark.usefixtures("ray")
def test_baselines_are_judged_the_same(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "MOST_MOVED", 12)
    monkeypatch.setattr(
        baselines, "NAMES", ("random", "f_logL", "descriptors", "two_point_pca16", "hand_made")
    )
    made = build_store(store, trajectories_count=4, frames=14, model=True)
    here = done(store, EvaluateJob(run=made.run_id)).result or {}
    there = done(store, EvaluateJob(run=made.run_id, cluster=CLUSTER)).result or {}
    assert list(there["baselines"]) == list(baselines.NAMES)
    assert json.dumps({**there, "seconds": 0}) == json.dumps({**here, "seconds": 0})


# Who ends


def test_a_task_whose_worker_is_killed_is_begun_again_and_the_log_names_it(
    ray: Session, tmp_path: Path
) -> None:
    killed: list[int] = []
    notes: list[str] = []

    def report(shares: list[float], note: str | None = None) -> None:
        if note:
            notes.append(note)
        if not killed and (begun := list(tmp_path.glob("1-*"))) and shares[1] > 0:
            killed.append(int(begun[0].name.split("-")[1]))
            os.kill(killed[0], signal.SIGKILL)

    found = list(
        OnRay(ray).map(sleep, range(4), shared=str(tmp_path), report=report, name="film {}".format)
    )
    assert found == [0, 1, 2, 3]
    (note,) = notes
    assert note.startswith(f"Worker {killed[0]} on ")
    assert note.endswith(" ended; film 1 begun again.")


def test_a_task_that_kills_every_worker_is_given_up_in_a_sentence(ray: Session) -> None:
    with pytest.raises(MorphError, match=r"A worker ended 4 times at film 0, .* want of memory"):
        list(OnRay(ray).map(die, [0], shared=None, report=quiet, name="film {}".format))


@pytest.mark.usefixtures("ray")
def test_a_job_that_loses_a_worker_stores_the_same_frames(
    store: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    spec = {"cells": [[0.5, 3.4], [0.6, 3.4]], "frames": 4, "last_step": 3000}
    other = store.parent / "other.sqlite"
    done(other, SimulateJob(name="films", **spec))
    said: list[JobProgress] = []
    killed: list[int] = []

    def kill_one(progress: JobProgress) -> None:
        # Beyond a half, both are in the middle, or one is done.
        both = at_work() if progress.share > 0.5 else []
        if len(both) == 2 and not killed:
            both[0].kill()
            killed.append(both[0].pid)
        said.append(progress)

    done(store, SimulateJob(name="films", cluster=CLUSTER, **spec), kill_one)
    (note,) = {each.note for each in said if each.note}
    assert note.startswith(f"Worker {killed[0]} on ")
    assert "ended; trajectory phi0." in note
    assert capfd.readouterr().out == ""  # which is the command's answer
    for name, frames in pictures(other, "films").items():
        np.testing.assert_array_equal(pictures(store, "films")[name], frames)


@pytest.mark.usefixtures("ray")
def test_a_stop_ends_what_is_at_work(store: Path) -> None:
    def stop(progress: JobProgress) -> None:
        if progress.share > 0:
            with open_store(store) as db:
                jobs.request(db, jobs.pending(db)[0].id, "stop")

    job = foreground.run_here(store, SimulateJob(name="films", cluster=CLUSTER, **LONG), stop)
    assert job.state == "stopped"
    eventually(lambda: not at_work())
    assert pictures(store, "films") == {}


def test_nothing_of_ray_outlives_a_driver_that_is_killed(store: Path) -> None:
    command = "simulate --name films --trajectories 2 --frames 4 --cluster local:1 --store"
    driver = subprocess.Popen(
        [sys.executable, "-m", "jobs", *command.split(), str(store)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    process = psutil.Process(driver.pid)
    eventually(lambda: any(_name(each) == "ray::run" for each in process.children(recursive=True)))
    left = process.children(recursive=True)
    folder = next(
        Path(each.environ()[guard.VARIABLE]) for each in left if "gcs_server" in each.name()
    )
    assert len(left) > 5
    driver.kill()
    driver.communicate()
    _, alive = psutil.wait_procs(left, timeout=20)
    assert alive == []
    eventually(lambda: not folder.exists())
    assert guard.belonging(folder) == []


# Without it


def test_an_address_where_nothing_answers_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_open", [])  # whatever this process works on for other tests
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ClusterError, match=f"Nothing answers at 127.0.0.1:{port}; the head"):
        session.opened(f"127.0.0.1:{port}").__enter__()


def test_what_is_no_cluster_and_a_missing_ray_are_said(
    monkeypatch: pytest.MonkeyPatch, store: Path
) -> None:
    with pytest.raises(ClusterError, match="cluster is 'ray://a:1'; accepted are local, local:W"):
        choice.parse("ray://a:1")
    monkeypatch.setattr(choice, "is_installed", lambda: False)
    job = foreground.run_here(store, SimulateJob(name="films", cluster="local", **TINY))
    assert job.state == "failed"
    assert "pip install -r requirements-cluster.txt" in (job.error or "")
