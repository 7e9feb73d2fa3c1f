"""The one seam between a job and what does its work: a pure function, mapped over values.

A job says what is to be done to which values, and stores what comes back; an executor does it in
this process (`InThisProcess`), in processes of this machine (`processes`) or on a Ray cluster
(`jobs.cluster.executor`), with the same results bit for bit.
"""

from collections.abc import Callable, Generator, Iterable
from typing import Protocol, TypeVar

from morphcore.progress import Progress

LOOK_SECONDS = 0.2  # how often a stop is looked for, at least

Shared = TypeVar("Shared")
Task = TypeVar("Task")
Result = TypeVar("Result")

# A function of a module's top level, pure: equal arguments give equal results anywhere. It is given
# what all tasks share, its task, and where it reports its progress, which may raise to stop it.
Function = Callable[[Shared, Task, Progress], Result]


class Report(Protocol):
    """Hears how far tasks are: the share done of each that was begun, in their order.

    `note` is something said once, such as a worker that has ended. It may raise to stop the work.
    """

    def __call__(self, shares: list[float], note: str | None = None) -> None: ...


class Executor(Protocol):
    """Does pure functions of values."""

    @property
    def workers(self) -> int:
        """How many tasks are done at once."""
        ...

    def map(
        self,
        function: Function[Shared, Task, Result],
        tasks: Iterable[Task],
        *,
        shared: Shared,
        report: Report,
        name: Callable[[Task], str] = str,
    ) -> Generator[Result, None, None]:
        """Yield the function's result for each task, in the order of the tasks.

        Tasks may be taken only as they are needed. Closing the generator, an exception out of
        `report` among others, ends what is still at work. `name` says in a note which task it was.

        Raises:
            MorphError: if a task's process ended again and again, or as the function does.
        """
        ...


class InThisProcess:
    """An executor that does one task after the other, here."""

    workers = 1

    def map(
        self,
        function: Function[Shared, Task, Result],
        tasks: Iterable[Task],
        *,
        shared: Shared,
        report: Report,
        name: Callable[[Task], str] = str,  # noqa: ARG002 - nothing ends without this process
    ) -> Generator[Result, None, None]:
        done: list[float] = []
        for task in tasks:
            report([*done, 0.0])
            yield function(shared, task, lambda share: report([*done, share]))
            done.append(1.0)
