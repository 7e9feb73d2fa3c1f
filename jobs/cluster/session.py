"""A Ray session of this process: one that is started here and ends with it, or one attached to.

A local Ray listens on this machine's loopback address alone, wants a token of its own, reports no
usage, and keeps its files in a private folder that is gone afterwards. `guard` ends it where this
process is killed.
"""

import importlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.cluster import guard, worker
from jobs.cluster.choice import Cluster, ClusterError, require
from jobs.executors.processes import THREADS

OBJECT_STORE = 512 * 2**20  # bytes of a local Ray, taken as needed; the rest is in its folder
_LONGEST_FOLDER = 20  # characters: a socket's path below it has up to 103
_PATIENCE = 5.0  # seconds that a cluster's head may take to answer
_TOKEN = secrets.token_hex(32)  # Ray reads it once a process


@dataclass(frozen=True)
class Session:
    """A Ray that this process is connected to."""

    cluster: str  # as it was asked for
    address: str  # of its head
    cpus: int
    gpus: int
    folder: Path | None = None  # of one that was started here


_open: list[Session] = []  # of this process: Ray knows one at a time


@contextmanager
def opened(cluster: str) -> Iterator[Session]:
    """Start or attach to a Ray; leaving the context ends or leaves it.

    `cluster`: "local", "local:WORKERS", or HOST:PORT. Inside another context of the same cluster,
    it is that one's. To be called in the main thread, as the kernel ends a Ray with the thread that
    started it.

    Raises:
        ClusterError: if Ray is not installed, the cluster is not one, does not answer, or another
            one is open.
    """
    wanted = require(cluster)
    if _open:
        if _open[-1].cluster != cluster:
            raise ClusterError(
                f"This process works on the cluster {_open[-1].cluster}, so it cannot use"
                f" {cluster} at the same time."
            )
        yield _open[-1]
        return
    with ExitStack() as stack:
        started = _attached(stack, wanted) if wanted.address else _started(stack, wanted)
        _open.append(Session(cluster, *started))
        try:
            yield _open[-1]
        finally:
            _open.clear()


def _started(stack: ExitStack, wanted: Cluster) -> tuple[str, int, int, Path]:
    folder = Path(tempfile.mkdtemp(prefix="morph-ray-", dir=_short_folder()))
    stack.enter_context(_guarded(folder))
    variables = {
        guard.VARIABLE: str(folder),
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": _TOKEN,
        # On Linux, too, a node has the loopback address then, and nothing else listens.
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        **dict.fromkeys(THREADS, "1"),
    }
    with _environment(variables):  # which the processes of this Ray inherit
        address = _init(
            stack,
            address="local",
            num_cpus=wanted.workers,
            include_dashboard=False,
            object_store_memory=OBJECT_STORE,
            _temp_dir=str(folder / "r"),  # Ray opens it to everyone; what is around it is private
            _node_ip_address="127.0.0.1",
        )
    if not address.startswith("127.0.0.1:"):
        raise ClusterError(
            f"The local Ray would listen on {address}, beyond this machine, so it is not used;"
            " start Morph without Ray in its process."
        )
    return address, *_resources(), folder


def _attached(stack: ExitStack, wanted: Cluster) -> tuple[str, int, int]:
    assert wanted.address is not None
    _reach(wanted.address)
    address = _init(stack, address=wanted.address, runtime_env=_code())
    return address, *_resources()


def _reach(address: str) -> None:
    """Make sure that something listens there: Ray itself would try for minutes.

    Raises:
        ClusterError: if nothing does.
    """
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE).close()
    except (OSError, OverflowError) as err:
        raise ClusterError(
            f"Nothing answers at {address}; the head of a cluster is started with: ray start --head"
        ) from err


def _init(stack: ExitStack, **settings: Any) -> str:
    """Connect to a Ray; the address of its head."""
    ray: Any = importlib.import_module("ray")
    where = settings["address"]
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    stack.callback(ray.shutdown)
    # What Ray says of a worker's end would go to standard output, where a command's answer goes.
    ray._private.worker._worker_logs_enabled = False
    try:
        context = ray.init(log_to_driver=False, configure_logging=False, **settings)
    except Exception as err:  # a dozen kinds of them
        said = str(err).strip().splitlines() or [type(err).__name__]
        if where == "local":
            raise ClusterError(f"Ray could not be started here: {said[0]}") from err
        raise ClusterError(
            f"The Ray cluster at {where} cannot be used: {said[0].rstrip('.')}. Morph has to run on"
            " one of its machines, with its token and its versions of Python and Ray."
        ) from err
    if threading.current_thread() is threading.main_thread():
        for each, handler in handlers.items():  # Ray would end this process at a polite kill
            signal.signal(each, handler)
    return str(context.address_info["address"])


def _code() -> dict[str, Any]:
    """What travels to other machines beside values: the science, what calls it, and one thread."""
    root = Path(__file__).resolve().parent.parent.parent
    return {
        "py_modules": [str(root / package) for package in worker.CODE],
        "excludes": ["__pycache__", "*.pyc"],
        "env_vars": dict.fromkeys(THREADS, "1"),
    }


def _resources() -> tuple[int, int]:
    """CPUs and GPUs of the whole cluster."""
    ray: Any = importlib.import_module("ray")
    known = ray.cluster_resources()
    return max(1, int(known.get("CPU", 1))), int(known.get("GPU", 0))


@contextmanager
def _guarded(folder: Path) -> Iterator[None]:
    """Have a process of its own clear up once this context or this process has ended."""
    command = [sys.executable, str(Path(guard.__file__).resolve()), str(folder)]
    watching = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield
    finally:
        assert watching.stdin is not None
        watching.stdin.close()
        watching.wait()


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Set variables for Ray, which reads them when it starts."""
    before = {key: os.environ.get(key) for key in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


def _short_folder() -> str | None:
    """Where temporary files go: a socket's path is short, so /tmp where the usual is long."""
    return None if len(tempfile.gettempdir()) <= _LONGEST_FOLDER else "/tmp"
