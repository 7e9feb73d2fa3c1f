"""What the arithmetic runs on, chosen by itself and said in words."""

import os

import torch

NICENESS = 5


def best_device() -> torch.device:
    """An NVIDIA GPU (CUDA), else an Apple one (MPS), else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def describe(device: torch.device) -> str:
    """The device for people: "CUDA (NVIDIA GeForce GTX 1070 Ti)", "MPS", "CPU (2 threads)"."""
    if device.type == "cuda":
        return f"CUDA ({torch.cuda.get_device_name(device)})"
    if device.type == "cpu":
        threads = torch.get_num_threads()
        return f"CPU ({threads} thread{'s' if threads > 1 else ''})"
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


def leave_room_for_the_page() -> None:
    """Keep one core free, and give way to what is waiting for a click.

    A thread too many is dear: torch's threads wait for each other after every layer. Measured on
    2 cores, a second thread trains 1.4 times as fast while nothing else runs, but two to four times
    slower than one thread alone as soon as something does. `OMP_NUM_THREADS` overrules this.
    """
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(max(1, (os.cpu_count() or 1) - 1))
    if hasattr(os, "nice") and (missing := NICENESS - os.nice(0)) > 0:
        os.nice(missing)
