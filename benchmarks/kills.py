"""Kills and suspensions of jobs: python -m benchmarks.kills --kills 200 --suspensions 30 --seed 0

Every kind of job runs with small arguments, through the queue and by command line, and is killed
(SIGKILL): at a random moment of its usual duration, as soon as its process is there, before it can
say anything, or while it writes a checkpoint. Then it is looked at as a page does, every second,
until its state is known, and resumed to its end. A suspension stops a training (SIGSTOP), lets its
job be taken for gone, resumes it in another process, and lets the first one go on (SIGCONT).

Prints a line a trial, and as JSON what must be 0: states that are wrong, rows lost, checkpoints
that cannot be read, jobs with two owners, resumed trainings whose weights differ from those of an
undisturbed one, processes left; and the seconds until a state was known.
"""

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from benchmarks import kills_checks as checks
from benchmarks.kills_work import KINDS, Work, prepare
from jobs import liveness, queue
from jobs.liveness import SUSPENDED_SECONDS
from store import jobs
from store.db import open_store
from store.jobs import Job

POLL_SECONDS = 1.0  # as a page
PATIENCE = 1800.0  # seconds in which a job must end
START_SECONDS = 20.0  # in which a command queues its job
ENDED = ("done", "failed", "stopped", "paused", "interrupted")
MOMENTS = ("random", "random", "start", "checkpoint")


class Trials:
    """The trials on one store, and what was found wrong."""

    def __init__(self, store: Path, seed: int) -> None:
        self.store, self.rng = store, random.Random(seed)
        self.faults: Counter[str] = Counter(dict.fromkeys(checks.FAULTS, 0))
        self.known: list[float] = []
        self.usual: dict[str, float] = {}  # seconds of each kind, undisturbed
        self.weights = ""

    def undisturbed(self) -> None:
        """Do each kind of job once, to know how long it takes and what a training ends with."""
        for kind in KINDS:
            work = prepare(self.store, kind, -1)
            began = time.monotonic()
            job = self._until_end(queue.start(self.store, work.spec).id)
            self.usual[kind] = time.monotonic() - began
            print(f"{kind}: {job.state} in {self.usual[kind]:.1f} s", flush=True)
            if job.state != "done":
                raise SystemExit(f"{kind} does not work here: {job.error}")
            if kind == "train":
                self.weights = (job.result or {})["weights_sha256"]

    def kill(self, number: int) -> None:
        """Kill a job once, see that it is known, and resume it to its end."""
        kind = KINDS[number % len(KINDS)]
        moment = self.rng.choice(MOMENTS)
        if moment == "checkpoint" and kind not in ("train", "demo"):
            moment = "random"
        work = prepare(self.store, kind, number)
        by_line = bool(work.line) and self.rng.random() < 0.5
        before = {job.id for job in self._jobs()}
        process, job_id = self._start(work, by_line)
        if by_line and moment != "start":  # else most are killed before they have a job
            self._await_job(before)
        self._wait(moment, kind)
        for member in [*_children(process), process]:
            _kill(member)
        rows = checks.rows(self.store)
        job = self._job_after(before, job_id)
        if job is None:
            state, seconds = "none", 0.0  # killed before it was queued
        else:
            state, seconds = self._known(job.id, process.pid)
            self.known.append(seconds)
            if state not in ("interrupted", "done", "queued", "running"):
                self.faults["states wrong"] += 1
            if state == "interrupted":
                queue.resume(self.store, job.id)
            self._check_end(self._until_end(job.id), kind)
        lost = checks.lost(self.store, rows)
        self.faults["rows lost"] += lost
        how = "by command line" if by_line else "queued"
        print(f"{number} {kind} {how}, {moment}: {state} in {seconds:.1f} s", flush=True)

    def suspend(self, number: int) -> None:
        """Suspend a training, resume its job in another process, and let the first one go on."""
        work = prepare(self.store, "train", number)
        job = queue.start(self.store, work.spec)
        old = psutil.Process(self._job(job.id).pid)
        time.sleep(self.rng.uniform(0.3, 0.9) * self.usual["train"])
        try:
            old.suspend()
        except psutil.NoSuchProcess:
            print(f"{number} was done before it was suspended", flush=True)
            return
        began = time.monotonic()
        liveness.SUSPENDED_SECONDS = 0.0  # its 20 s have passed
        state, _ = self._known(job.id, old.pid)
        if state != "interrupted":
            self.faults["states wrong"] += 1
        liveness.SUSPENDED_SECONDS = SUSPENDED_SECONDS
        queue.resume(self.store, job.id)
        time.sleep(self.rng.uniform(0.0, self.usual["train"] * 0.5))
        with suppress(psutil.NoSuchProcess):  # it was ended, since it held the store's lock
            old.resume()
        owners = set()
        while (now := self._job(job.id)).state not in ENDED:
            owners.add(now.pid)
            time.sleep(0.1)
        if old.pid in owners:
            self.faults["two owners"] += 1
        self._check_end(now, "train")
        _, late = psutil.wait_procs([old], timeout=60)
        self.faults["two owners"] += len(late)
        print(f"{number} suspended: {now.state} after {time.monotonic() - began:.1f} s", flush=True)

    def report(self) -> dict[str, Any]:
        """The counts, after a look at all that is left."""
        self.faults["unreadable checkpoints"] += checks.unreadable_checkpoints(self.store)
        self.faults["rows lost"] += checks.damage(self.store)
        time.sleep(3 * POLL_SECONDS)
        self.faults["processes left"] += len(_of_store(self.store))
        return {
            **self.faults,
            "seconds until known, median": round(statistics.median(self.known or [0.0]), 2),
            "seconds until known, worst": round(max(self.known, default=0.0), 2),
        }

    def _start(self, work: Work, by_line: bool) -> tuple[psutil.Process, int | None]:
        if not by_line:
            job = self._job(queue.start(self.store, work.spec).id)
            return psutil.Process(job.pid), job.id
        command = [sys.executable, "-m", "jobs", *work.line, "--store", str(self.store)]
        quiet = subprocess.DEVNULL
        started = subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True)
        return psutil.Process(started.pid), None

    def _await_job(self, before: set[int]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while {job.id for job in self._jobs()} <= before and time.monotonic() < deadline:
            time.sleep(0.02)

    def _wait(self, moment: str, kind: str) -> None:
        """Wait for the moment of the kill."""
        usual = self.usual[kind]
        if moment == "random":
            time.sleep(self.rng.uniform(0.0, usual))
        elif moment == "checkpoint":
            folder = checks.checkpoints_folder(self.store)
            deadline = time.monotonic() + usual
            while time.monotonic() < deadline and not any(folder.glob(".morph-*/*")):
                time.sleep(0.001)

    def _known(self, job_id: int, pid: int) -> tuple[str, float]:
        """Poll as a page does until the job is not said to be that process's work any more."""
        began = time.monotonic()
        while True:
            queue.tend(self.store)
            job = self._job(job_id)
            # Killed before it was claimed, it is set to work by a poll, in another process.
            if job.state != "running" or job.pid != pid:
                return job.state, time.monotonic() - began
            time.sleep(POLL_SECONDS)

    def _until_end(self, job_id: int) -> Job:
        deadline = time.monotonic() + PATIENCE
        while (job := self._job(job_id)).state not in ENDED:
            if time.monotonic() > deadline:
                raise SystemExit(f"job {job_id} does not end: {job}")
            queue.tend(self.store)
            time.sleep(0.1)
        return job

    def _check_end(self, job: Job, kind: str) -> None:
        if job.state != "done":
            print(f"  job {job.id} ended as {job.state}: {job.error}", flush=True)
            self.faults["states wrong"] += 1
        elif kind == "train" and (job.result or {})["weights_sha256"] != self.weights:
            self.faults["trainings that differ"] += 1

    def _job_after(self, before: set[int], job_id: int | None) -> Job | None:
        if job_id is not None:
            return self._job(job_id)
        return next((job for job in self._jobs() if job.id not in before), None)

    def _jobs(self) -> list[Job]:
        with open_store(self.store) as db:
            return jobs.all_jobs(db)

    def _job(self, job_id: int) -> Job:
        with open_store(self.store) as db:
            return jobs.job(db, job_id)


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        children: list[psutil.Process] = process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return children


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


def _of_store(store: Path) -> list[psutil.Process]:
    """Processes that work on the store."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = process.info["cmdline"] or []
        if str(store) in words and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--suspensions", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="for the store; it is kept")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="morph-kills-"))
    folder.mkdir(parents=True, exist_ok=True)
    trials = Trials(folder / "kills.sqlite", options.seed)
    checks.make_store(trials.store)
    trials.undisturbed()
    done = 0
    try:
        for number in range(options.kills + options.suspensions):
            (trials.kill if number < options.kills else trials.suspend)(number)
            done += 1
    finally:  # what was seen is told, also where it was ended early
        print(json.dumps({"trials": done, **trials.report()}, indent=1), flush=True)
    if options.folder is None:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
