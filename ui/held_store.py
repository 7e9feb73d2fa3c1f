"""The store is held open while a page runs, since a page opens it twenty times.

SQLite folds its log into the file when the last connection is closed, and makes it anew for the
next: beside one that stays open, another costs a millisecond and not ten. It is closed when the
page has run, so that at rest the file has everything, and may be copied or replaced.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from morphcore.errors import MorphError
from store.db import default_path, open_store


@contextmanager
def held() -> Iterator[None]:
    """Hold the store open; a context, or a decorator as `@held()`.

    Where it cannot be opened, whatever needs it says so.
    """
    with ExitStack() as stack:
        with suppress(MorphError):
            stack.enter_context(open_store(default_path()))
        yield
