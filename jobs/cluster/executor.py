"""An executor on a Ray cluster: what is mapped travels as values, and comes back as values.

A task whose worker ends is begun again by another one, and a note names both.
"""

import copy
import importlib
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from jobs.cluster import session, worker
from jobs.cluster.session import Session
from jobs.executors.base import (
    LOOK_SECONDS,
    Executor,
    Function,
    Report,
    Result,
    Shared,
    Task,
)
from morphcore.errors import MorphError

RETRIES = 3  # of a task whose worker ended
_WAITING = 2  # tasks per worker that were handed over and are not done
_PATIENCE = 5.0  # seconds that the board may take to answer


@contextmanager
def chosen(cluster: str | None, otherwise: Executor) -> Iterator[Executor]:
    """The executor of a cluster that was asked for; `otherwise` where none was.

    Raises:
        ClusterError: if the cluster cannot be used.
    """
    if cluster is None:
        yield otherwise
        return
    with session.opened(cluster) as connected:
        yield OnRay(connected)


class OnRay:
    """An executor on the Ray that this process is connected to."""

    def __init__(self, connected: Session, *, gpu: bool = False) -> None:
        """With `gpu`, a task has a GPU to itself where the cluster has any."""
        self._resources = {"num_gpus": 1} if gpu and connected.gpus else {"num_cpus": 1}
        self.workers = connected.gpus if "num_gpus" in self._resources else connected.cpus

    def map(
        self,
        function: Function[Shared, Task, Result],
        tasks: Iterable[Task],
        *,
        shared: Shared,
        report: Report,
        name: Callable[[Task], str] = str,
    ) -> Generator[Result, None, None]:
        ray: Any = importlib.import_module("ray")
        board = ray.remote(num_cpus=0, max_restarts=-1)(worker.Board).remote()
        run = ray.remote(max_retries=RETRIES, **self._resources)(worker.run_task)
        kept, versions = ray.put(shared), worker.versions()
        names: list[str] = []
        results: dict[int, Any] = {}
        at_work: dict[Any, int] = {}  # the reference of a result: its task's number
        coming = iter(tasks)
        told = _Told(ray, board, report, names)

        def hand_over() -> None:
            for task in islice(coming, _WAITING * self.workers - len(at_work)):
                ref = run.remote(function, kept, task, len(names), board, versions)
                at_work[ref] = len(names)
                names.append(name(task))

        try:
            hand_over()
            following = 0
            while following < len(names):
                while following not in results:
                    told.look(done=results.keys() | range(following))
                    ready, _ = ray.wait(list(at_work), num_returns=1, timeout=LOOK_SECONDS)
                    for ref in ready:
                        results[at_work[ref]] = self._result(ray, ref, at_work[ref], told)
                        del at_work[ref]
                    hand_over()
                yield results.pop(following)
                following += 1
                hand_over()
            told.look(done=set(range(following)))
        finally:
            for ref in at_work:
                ray.cancel(ref, force=True)
            ray.kill(board)

    def _result(self, ray: Any, ref: Any, number: int, told: "_Told") -> Any:
        try:
            # A copy: what Ray hands over is a part of its store, and cannot be written to.
            return copy.deepcopy(ray.get(ref))
        except ray.exceptions.RayTaskError as err:
            raise err.cause from err
        except ray.exceptions.RayError as err:
            raise MorphError(
                f"A worker ended {RETRIES + 1} times at {told.names[number]}, the last time"
                f" {told.whose(number)}, perhaps for want of memory; what was done before is kept,"
                " and the same job goes on from there."
            ) from err


class _Told:
    """What workers have told, passed on."""

    def __init__(self, ray: Any, board: Any, report: Report, names: list[str]) -> None:
        self._ray, self._board, self._report = ray, board, report
        self.names = names
        self._shares: dict[int, float] = {}
        self._heard = 0

    def look(self, *, done: set[int]) -> None:
        """Report the shares of tasks, `done` being those that are, and who has ended."""
        shares, lost = self._read()
        now = [1.0 if each in done else shares.get(each, 0.0) for each in range(len(self.names))]
        for number, who in lost[self._heard :]:
            self._heard += 1
            self._report(now, f"{str(who).capitalize()} ended; {self.names[number]} begun again.")
        self._report(now)

    def whose(self, number: int) -> str:
        """The worker that began a task last."""
        try:
            return str(self._ray.get(self._board.whose.remote(number), timeout=_PATIENCE))
        except self._ray.exceptions.RayError:
            return "an unknown worker"

    def _read(self) -> tuple[dict[int, float], list[Any]]:
        try:
            self._shares, lost = self._ray.get(self._board.look.remote(), timeout=_PATIENCE)
            return self._shares, lost
        except self._ray.exceptions.RayError:  # a board that is begun again has forgotten
            self._heard = 0
            return self._shares, []
