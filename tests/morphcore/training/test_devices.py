"""The device is chosen by itself, described in words, and not all of it is taken."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from morphcore.training import devices

AUTOGROUP = Path("/proc/self/autogroup")


def sessions_share_the_cores() -> bool:
    """Whether the kernel shares them out by session; some containers show the file empty."""
    return AUTOGROUP.exists() and " nice " in AUTOGROUP.read_text()


def test_the_best_device_there_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert devices.best_device().type == "cpu"
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert devices.best_device().type == "mps"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert devices.best_device().type == "cuda"


def test_devices_in_words(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(devices, "cores", lambda: 1)
    assert devices.describe(torch.device("cpu")) == "CPU (1 core)"
    monkeypatch.setattr(devices, "cores", lambda: 3)
    assert devices.describe(torch.device("cpu")) == "CPU (3 cores)"
    assert devices.describe(torch.device("mps")) == "MPS"
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _device: "NVIDIA GTX 1070 Ti")
    assert devices.describe(torch.device("cuda")) == "CUDA (NVIDIA GTX 1070 Ti)"


@pytest.mark.parametrize("limit", [None, "1", "7", "0", "many"])
def test_all_cores_are_used_unless_limited(limit: str | None):
    """In a process of its own: niceness only ever rises."""
    environment = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}
    if limit:
        environment["OMP_NUM_THREADS"] = limit
    program = (
        "import os, torch; from morphcore.training import devices as devices;"
        "devices.leave_room_for_the_page(); devices.leave_room_for_the_page();"
        "print(devices.cores(), torch.get_num_threads(), os.nice(0))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    cores, threads, nice = map(int, done.stdout.split())
    every = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert cores == (int(limit) if limit in {"1", "7"} else every)
    assert threads == 1
    assert nice >= devices.NICENESS


@pytest.mark.skipif(not sessions_share_the_cores(), reason="sessions share no cores here")
@pytest.mark.parametrize(("session", "gives_way"), [(True, True), (False, False)])
def test_a_session_of_our_own_gives_way_and_no_other_does(session: bool, gives_way: bool):
    """Else a job, whose process has a session of its own, would be nice to itself alone."""
    before = AUTOGROUP.read_text().split()[-1]
    program = (
        "from pathlib import Path; from morphcore.training import devices as devices;"
        "devices.leave_room_for_the_page(); print(Path('/proc/self/autogroup').read_text())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        start_new_session=session,
        capture_output=True,
        text=True,
        check=True,
    )
    nice = done.stdout.split()[-1]
    assert nice == (str(devices.NICENESS) if gives_way else before)
    assert AUTOGROUP.read_text().split()[-1] == before
