"""What a Ray worker does with a task, and what it tells the driver meanwhile.

Loads nothing but what the task's own function needs: no store, no page.
"""

import copy
import hashlib
import os
import platform
import socket
import time
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jobs.executors.base import Function, Result, Shared, Task
from morphcore.errors import MorphError

_PACKAGES = ("numpy", "scipy", "scikit-learn", "torch")  # whose version changes results
CODE = ("morphcore", "store", "jobs")  # what workers import; none opens a store
_TELL_SECONDS = 0.3


class OtherVersion(MorphError):
    """A machine of the cluster has another version of something than the driver."""


@dataclass(frozen=True)
class Worker:
    """A process of the cluster, as a person is told of it."""

    pid: int
    host: str

    def __str__(self) -> str:
        return f"worker {self.pid} on {self.host}"


@dataclass
class Board:
    """Where workers write how far they are, and the driver reads it: a Ray actor.

    A task that is begun by a second worker was left by the first one.
    """

    at_work: dict[int, Worker] = field(default_factory=dict)
    shares: dict[int, float] = field(default_factory=dict)
    lost: list[tuple[int, Worker]] = field(default_factory=list)

    def begin(self, number: int, worker: Worker) -> None:
        """Hear that a worker begins a task."""
        if before := self.at_work.get(number):
            self.lost.append((number, before))
        self.at_work[number] = worker
        self.shares[number] = 0.0

    def tell(self, number: int, share: float) -> None:
        """Hear how far a task is."""
        self.shares[number] = share

    def look(self, first: int) -> tuple[dict[int, float], list[tuple[int, Worker]]]:
        """The shares of tasks that were begun, and those that were left, with who left them.

        Of tasks from the number `first` on: what is late of those before is not heard.
        """
        shares = {number: share for number, share in self.shares.items() if number >= first}
        return shares, [left for left in self.lost if left[0] >= first]

    def forget(self) -> None:
        """Forget all tasks, which are over."""
        self.at_work.clear()
        self.shares.clear()
        self.lost.clear()

    def whose(self, number: int) -> Worker | None:
        """Who began a task last."""
        return self.at_work.get(number)


def run_task(
    function: Function[Shared, Task, Result],
    shared: Shared,
    task: Task,
    number: int,
    board: Any,
    versions: dict[str, str],
) -> Result:
    """Do one task in this worker; `versions` are the driver's.

    Raises:
        OtherVersion: if this machine has others.
    """
    _check(versions)
    board.begin.remote(number, Worker(os.getpid(), socket.gethostname()))
    told = time.monotonic()

    def progress(share: float) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= _TELL_SECONDS:
            told = now
            board.tell.remote(number, share)

    # What Ray hands over cannot be written to.
    return function(shared, copy.deepcopy(task), progress)


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """What results depend on here, bit for bit: versions of libraries, and a hash of the code."""
    found = {"Python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    digest = hashlib.sha256()
    for package in CODE:
        spec = find_spec(package)  # what travelled has a folder for each package
        folder = Path(spec.origin).parent if spec and spec.origin else Path()
        for path in sorted(folder.rglob("*.py")):
            digest.update(f"{package}/{path.relative_to(folder)}".encode() + path.read_bytes())
    return {**found, "Morph": digest.hexdigest()[:12]}


def _check(expected: dict[str, str]) -> None:
    own = versions()
    if other := [name for name in expected if own.get(name) != expected[name]]:
        name = other[0]
        raise OtherVersion(
            f"{socket.gethostname()} has {name} {own.get(name)}, this machine {expected[name]}, so"
            " its results would differ; install the same on all machines of the cluster."
        )
