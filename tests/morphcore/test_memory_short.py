"""Memory that ran out is recognised, whatever a library makes of it; other errors are not."""

import errno

import numpy as np
import pytest

from morphcore.memory_short import is_short


def caused(err: BaseException, cause: BaseException) -> BaseException:
    err.__cause__ = cause
    return err


def test_memory_that_ran_out_is_recognised() -> None:
    with pytest.raises(MemoryError) as caught:
        np.empty((10**7, 10**7))
    for err in (
        caught.value,
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError("[enforce fail ] DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB"),
        RuntimeError("can't start new thread"),
        ImportError("libx.so: failed to map segment from shared object"),
        caused(ValueError("The picture is damaged."), MemoryError()),
    ):
        assert is_short(err), err


def test_other_errors_are_not() -> None:
    for err in (
        ValueError("out of memory"),  # a name, perhaps
        OSError(errno.ENOSPC, "No space left on device"),
        RuntimeError("shapes differ"),
    ):
        assert not is_short(err), err
