"""Where a job's work is done: here as always, on a Ray started here, or on a Ray cluster.

Never imports Ray: pages ask this module.
"""

import importlib.util
import os
import re
from dataclasses import dataclass

from morphcore.errors import MorphError

LOCAL = "local"
ACCEPTED = "local, local:WORKERS, or the HOST:PORT of a cluster's head"
VARIABLE = "MORPH_CLUSTER"  # the address that pages offer
MISSING = (
    "Ray is not installed here; install it with: pip install -r requirements-cluster.txt, or leave"
    " out the cluster."
)
_LOCAL = re.compile(r"local(?::([1-9]\d{0,3}))?")
_ADDRESS = re.compile(r"[\w.-]+:\d{1,5}|\[[0-9a-fA-F:.]+\]:\d{1,5}")


class ClusterError(MorphError):
    """A cluster that cannot be used; the message says why, and what would help."""


@dataclass(frozen=True)
class Cluster:
    """A cluster that was asked for: `workers` processes here, or the address of its head."""

    address: str | None = None
    workers: int = 1


def is_installed() -> bool:
    """Whether Ray is installed; it is not imported."""
    return importlib.util.find_spec("ray") is not None


def parse(text: str) -> Cluster:
    """The cluster that a text names.

    >>> parse("local:3"), parse("10.0.0.5:6379").address
    (Cluster(address=None, workers=3), '10.0.0.5:6379')

    Raises:
        ClusterError: if it names none.
    """
    if local := _LOCAL.fullmatch(text):
        return Cluster(workers=int(local[1] or os.cpu_count() or 1))
    if _ADDRESS.fullmatch(text):
        return Cluster(address=text)
    raise ClusterError(f"cluster is {text!r}; accepted are {ACCEPTED}.")


def require(text: str) -> Cluster:
    """The cluster that a text names, where Ray is installed.

    Raises:
        ClusterError: if it names none, or Ray is missing.
    """
    wanted = parse(text)
    if not is_installed():
        raise ClusterError(MISSING)
    return wanted


def offered() -> list[str]:
    """What pages offer: a Ray here, and the cluster that this server was started with.

    No page asks for an address: who attaches to a cluster runs what its head says.
    """
    given = os.environ.get(VARIABLE, "")
    return [LOCAL, given] if _ADDRESS.fullmatch(given) else [LOCAL]
