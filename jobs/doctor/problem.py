"""A problem that the doctor found: what it is, what it costs, what to do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

BACKUP = "restore a backup: python -m jobs restore FILE --store NEW"
MEND = "python -m jobs doctor --mend"
ACCEPT_COMMAND = "python -m jobs doctor --accept"
ACCEPT = f"{BACKUP}; or take what is there as it is: {ACCEPT_COMMAND}"
_NAMED = 5


@dataclass(frozen=True)
class Problem:
    """Something wrong with a store."""

    what: str
    cost: str  # to the user
    to_do: str
    mend: Callable[[], object] | None = None  # safe: nothing is lost that was not lost before

    def as_json(self) -> dict[str, str]:
        return {"problem": self.what, "cost": self.cost, "what to do": self.to_do}


def named(keys: Sequence[object]) -> str:
    """Some of many keys, as words.

    >>> named([3, 4]), named(range(7))
    ('3, 4', '0, 1, 2, 3, 4 and 2 more')
    """
    more = f" and {len(keys) - _NAMED:,} more" if len(keys) > _NAMED else ""
    return ", ".join(str(key) for key in keys[:_NAMED]) + more
