"""Choose the device and the threads that arithmetic runs on, and name them."""

import contextlib
import os
from pathlib import Path

import torch

NICENESS = 10
# Linux shares the cores out among sessions first; niceness counts within a session alone.
_SESSION = Path("/proc/self/autogroup")


def best_device() -> torch.device:
    """An NVIDIA GPU (CUDA), else an Apple one (MPS), else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def describe(device: torch.device) -> str:
    """The device for people: "CUDA (NVIDIA GeForce GTX 1070 Ti)", "MPS", "CPU (2 cores)"."""
    if device.type == "cuda":
        return f"CUDA ({torch.cuda.get_device_name(device)})"
    if device.type == "cpu":
        count = cores()
        return f"CPU ({count} core{'s' if count > 1 else ''})"
    return device.type.upper()


def half_precision(device: torch.device) -> bool:
    """Whether bfloat16 pays there: newer NVIDIA GPUs, and CPUs with a matrix unit for it (AMX).

    Vector instructions alone (AVX-512 BF16) do not do: on a CPU that has only those, `two-level`
    trained at 24.8 frames/s in bfloat16 and at 36.5 in single precision, on one thread.
    """
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        return bool(torch.cpu.get_capabilities().get("amx_bf16", False))
    return False


def cores() -> int:
    """The number of CPU cores that may be used: all of them, or `OMP_NUM_THREADS` of them."""
    limit = os.environ.get("OMP_NUM_THREADS", "")
    if limit.isdecimal() and int(limit) > 0:
        return int(limit)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def leave_room_for_the_page() -> None:
    """Give way to what is waiting for a click, and split no layer among all cores.

    Threads that share a layer wait for each other after every one, so that one that is held up
    holds up all: measured on 2 cores, two of them train 1.4 times as fast as one while nothing else
    runs, but two to four times slower than one as soon as something does. What can use several
    cores splits batches among workers instead, see `morphcore.training.data_parallel`.
    """
    torch.set_num_threads(1)
    if hasattr(os, "nice") and (missing := NICENESS - os.nice(0)) > 0:
        os.nice(missing)
    # A session of our own gives way as a whole; one that is somebody's terminal is left alone.
    if hasattr(os, "getsid") and os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):
            _SESSION.write_text(str(NICENESS))
