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

    def __init__(self, connected: Session) -> None:
        self._ray: Any = importlib.import_module("ray")
        self.workers = connected.cpus
        self._run = self._ray.remote(max_retries=RETRIES)(worker.run_task)
        self._board = self._ray.remote(num_cpus=0, max_restarts=-1)(worker.Board).remote()
        self._first = 0  # number of the next task: no two have the same

    def map(
        self,
        function: Function[Shared, Task, Result],
        tasks: Iterable[Task],
        *,
        shared: Shared,
        report: Report,
        name: Callable[[Task], str] = str,
    ) -> Generator[Result, None, None]:
        ray, first = self._ray, self._first
        kept, versions = ray.put(shared), worker.versions()
        names: list[str] = []
        results: dict[int, Any] = {}
        at_work: dict[Any, int] = {}  # the reference of a result: its task, counted from 0
        coming = iter(tasks)
        told = _Told(ray, self._board, first, report, names)

        def hand_over() -> None:
            for task in islice(coming, max(0, _WAITING * self.workers - len(at_work))):
                number = first + len(names)
                ref = self._run.remote(function, kept, task, number, self._board, versions)
                at_work[ref] = len(names)
                names.append(name(task))
                self._first = number + 1

        try:
            hand_over()
            following = 0
            while following < len(names):
                while following not in results:
                    told.look(done=results.keys() | range(following))
                    ready, _ = ray.wait(list(at_work), num_returns=1, timeout=LOOK_SECONDS)
                    for ref in ready:
                        results[at_work[ref]] = self._result(ref, told, at_work[ref])
                        del at_work[ref]
                    hand_over()
                yield results.pop(following)
                following += 1
                hand_over()
            told.look(done=set(range(following)))
        finally:
            for ref in at_work:
                ray.cancel(ref, force=True)
            self._board.forget.remote()

    def _result(self, ref: Any, told: "_Told", place: int) -> Any:
        try:
            # A copy: what Ray hands over is a part of its store, and cannot be written to.
            return copy.deepcopy(self._ray.get(ref))
        except self._ray.exceptions.RayTaskError as err:
            if isinstance(err.cause, Exception):
                raise err.cause from err
            raise  # what cannot travel
        except self._ray.exceptions.RayError as err:
            raise MorphError(
                f"A worker ended {RETRIES + 1} times at {told.names[place]}, the last time"
                f" {told.whose(place)}, perhaps for want of memory; what was done before is kept,"
                " and the same job goes on from there."
            ) from err


class _Told:
    """What workers have told of the tasks of one map, from the number `first` on, passed on."""

    def __init__(self, ray: Any, board: Any, first: int, report: Report, names: list[str]) -> None:
        self._ray, self._board, self._first, self._report = ray, board, first, report
        self.names = names
        self._shares: dict[int, float] = {}
        self._heard = 0

    def look(self, *, done: set[int]) -> None:
        """Report the shares of tasks, `done` being those that are, and who has ended."""
        shares, lost = self._read()
        now = [
            1.0 if place in done else shares.get(self._first + place, 0.0)
            for place in range(len(self.names))
        ]
        for number, who in lost[self._heard :]:
            self._heard += 1
            name = self.names[number - self._first]
            self._report(now, f"{str(who).capitalize()} ended; {name} begun again.")
        self._report(now)

    def whose(self, place: int) -> str:
        """The worker that began a task last."""
        try:
            asked = self._board.whose.remote(self._first + place)
            return str(self._ray.get(asked, timeout=_PATIENCE))
        except self._ray.exceptions.RayError:
            return "an unknown worker"

    def _read(self) -> tuple[dict[int, float], list[Any]]:
        try:
            asked = self._board.look.remote(self._first)
            self._shares, lost = self._ray.get(asked, timeout=_PATIENCE)
            return self._shares, lost
        except self._ray.exceptions.RayError:  # a board that is begun again has forgotten
            self._heard = 0
            return self._shares, []
