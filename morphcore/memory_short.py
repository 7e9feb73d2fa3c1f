"""Memory that is not enough, recognised in whatever a library makes of it."""

import errno

SENTENCE = (
    "The memory of this machine, or what this process may use of it, is not enough; what was stored"
    " stays. Close other programs or raise the limit, or take less at once: smaller pictures, a"
    " window of them, or smaller batches."
)
# How libraries say it: torch on a CPU and on CUDA, OpenBLAS, the loader of libraries, SQLite.
_WORDS = (
    "out of memory",
    "can't allocate memory",
    "cannot allocate memory",
    "unable to allocate",
    "failed to map segment",
    "can't start new thread",
    "bad allocation",
    "std::bad_alloc",
)


def is_short(err: BaseException) -> bool:
    """Whether an error, or one that it came from, says that memory ran out.

    >>> is_short(MemoryError()), is_short(ValueError("12 is too long"))
    (True, False)
    """
    seen: set[int] = set()
    cause: BaseException | None = err
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        if isinstance(cause, MemoryError) or getattr(cause, "errno", None) == errno.ENOMEM:
            return True
        if isinstance(cause, OSError | RuntimeError | ImportError | SystemError) or (
            type(cause).__name__ == "OperationalError"
        ):
            said = str(cause).lower()
            if any(words in said for words in _WORDS):
                return True
        cause = cause.__cause__ or cause.__context__
    return False
