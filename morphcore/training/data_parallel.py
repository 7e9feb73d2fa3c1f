"""Data parallelism on a CPU: each worker takes some of a batch's frames, on threads of its own.

torch can split every layer among threads, but then they wait for each other after every layer;
workers wait for each other once a batch. They are threads of this process, so that all read the
same weights; torch releases Python's lock while it computes.

    grad = sum over workers of the gradient of (1 / batch) sum over its frames of -ELBO

which is the gradient of the batch. `benchmarks/workers.py` measures what that gains. Of large
frames a worker takes its share in parts, so that memory does not grow with their size.
"""

import contextlib
import copy
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor

from morphcore.models.base import Model
from morphcore.models.elbo import ElboTerms
from morphcore.models.geometry import SIMULATED, Geometry, batch_frames
from morphcore.training import devices

# Frames of 100 x 400, or as many pixels:
LEAST_SHARE = 4  # a worker with fewer of them spends its time in Python, one at a time
MOST_AT_ONCE = {"cpu": 16, "other": 128}  # of larger frames; learning takes 20 MB each

Task = TypeVar("Task")
Result = TypeVar("Result")


def worker_count(device: torch.device, batch: int, geometry: Geometry = SIMULATED) -> int:
    """The number of workers for a batch of training: 1 on a GPU, which splits it by itself."""
    if device.type != "cpu":
        return 1
    return max(1, min(devices.cores(), batch // batch_frames(LEAST_SHARE, geometry)))


def pool(count: int) -> ThreadPoolExecutor:
    """A pool of workers that share out the cores; on a thread each, if these are few."""
    threads = max(1, devices.cores() // count)
    return ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(threads,))


def parallel_map(
    function: Callable[[Task], Result], tasks: Iterable[Task], *, count: int
) -> Iterator[Result]:
    """Apply a function to tasks, `count` at a time; results come in the order of the tasks."""
    tasks = list(tasks)
    count = min(count, len(tasks))

    @without_denormals()
    def run_task(task: Task) -> Result:
        return function(task)

    if count <= 1:
        yield from map(run_task, tasks)
        return
    with pool(count) as workers:
        yield from workers.map(run_task, tasks)


@contextlib.contextmanager
def without_denormals() -> Iterator[None]:
    """Set numbers too small for full precision (below 1e-38) to zero on this thread.

    A trained `two-level` makes many of them, where SiLU is far below zero, and a CPU takes them
    slowly. Elsewhere they stay: NumPy, too, would do without them, and warns of it.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


class Replicas:
    """A model several times over: gradients of their own, but one set of weights.

    A context manager: its threads end with it.
    """

    def __init__(self, model: Model, count: int) -> None:
        self.models = [model, *(copy.deepcopy(model) for _ in range(count - 1))]
        for replica in self.models[1:]:
            for own, shared in zip(replica.parameters(), model.parameters(), strict=True):
                own.data = shared.data
        self.pool = pool(count) if count > 1 else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.pool:
            self.pool.shutdown()

    def backward(
        self,
        x: Float[Tensor, "batch 1 h w"],
        geometry: Geometry,
        generator: torch.Generator,
        *,
        half: bool,
    ) -> ElboTerms:
        """Put the gradient of the batch's mean -ELBO into the model; each frame's terms.

        Equal for equal generators and as many replicas, whichever of them is done first; with
        another number of them the noise is another. With `half`, in bfloat16 where that is safe.
        """
        shares = x.chunk(len(self.models))
        draws = [generator] if self.pool is None else [child_generator(generator) for _ in shares]
        tasks = list(zip(self.models, shares, draws, strict=False))
        kind = "cpu" if x.device.type == "cpu" else "other"
        large = geometry.pixels > SIMULATED.pixels
        at_once = batch_frames(MOST_AT_ONCE[kind], geometry) if large else len(x)

        @without_denormals()
        def backward_share(task: tuple[Model, Tensor, torch.Generator]) -> ElboTerms:
            model, share, draw = task
            model.train()
            model.zero_grad(set_to_none=True)
            parts = []
            for part in torch.split(share, at_once):
                with torch.autocast(x.device.type, torch.bfloat16, enabled=half):
                    terms = model.terms(part, geometry, draw)
                loss = (terms.recon_nats + terms.kl_nats).sum() / len(x)
                loss.backward()  # type: ignore[no-untyped-call]
                parts.append(ElboTerms(terms.recon_nats.detach(), terms.kl_nats.detach()))
            return ElboTerms(*map(torch.cat, zip(*parts, strict=True)))

        terms = list((map if self.pool is None else self.pool.map)(backward_share, tasks))
        for replica, _, _ in tasks[1:]:
            for parameter, shared in zip(
                replica.parameters(), self.models[0].parameters(), strict=True
            ):
                if parameter.grad is not None:
                    assert shared.grad is not None
                    shared.grad += parameter.grad
        return ElboTerms(*(torch.cat(part) for part in zip(*terms, strict=True)))


def child_generator(generator: torch.Generator) -> torch.Generator:
    """A new generator, seeded by the next draw of one."""
    seed = int(torch.randint(0, 2**62, (), generator=generator))
    return torch.Generator().manual_seed(seed)
