"""The count of what inputs led to: named errors, errors without a name, time and memory."""

import resource
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from morphcore.errors import MorphError

MOST_SECONDS = 5.0  # of the processor: other work beside does not count
MOST_BYTES = 10**9  # that an input may add to the peak of the process
_KEPT = 20  # failures whose place is kept


@dataclass
class Tally:
    """What the inputs so far led to."""

    inputs: int = 0
    accepted: int = 0
    named: Counter[str] = field(default_factory=Counter)  # by the class of the error
    unnamed: Counter[str] = field(default_factory=Counter)  # by the error and its place
    slow: int = 0
    large: int = 0
    examples: dict[str, str] = field(default_factory=dict)  # by the error and its place: an input

    def count(self, act: Callable[[], bool], shown: str) -> None:
        """Do one thing and count what came of it; `act` says whether the input was accepted.

        `shown` is the input in words, which is kept where it led to an error without a name.
        """
        peak, started = _peak_bytes(), time.process_time()
        self.inputs += 1
        try:
            if act():
                self.accepted += 1
            else:
                self.named["rejected"] += 1
        except MorphError as err:
            self.named[type(err).__name__] += 1
        except Exception as err:  # that is what is looked for
            last = traceback.extract_tb(err.__traceback__)[-1]
            place = f"{type(err).__name__} at {last.filename.rpartition('/')[2]}:{last.lineno}"
            self._fail(place, f"{shown}: {err}")
        if time.process_time() - started > MOST_SECONDS:
            self.slow += 1
            self._keep("slow", shown)
        if _peak_bytes() - peak > MOST_BYTES:
            self.large += 1
            self._keep("large", shown)

    def as_json(self) -> dict[str, Any]:
        """The counts as one JSON object."""
        return {
            "inputs": self.inputs,
            "accepted": self.accepted,
            "named_errors": sum(self.named.values()),
            "named": dict(self.named.most_common()),
            "unnamed_exceptions": sum(self.unnamed.values()),
            "unnamed": dict(self.unnamed.most_common()),
            "over_5_s": self.slow,
            "over_1_gb": self.large,
            "examples": self.examples,
        }

    def _fail(self, place: str, shown: str) -> None:
        self.unnamed[place] += 1
        self._keep(place, shown)

    def _keep(self, what: str, shown: str) -> None:
        if len(self.examples) < _KEPT:
            self.examples.setdefault(what, shown[:400])


def _peak_bytes() -> int:
    """The most memory that this process has ever had, which only rises."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
