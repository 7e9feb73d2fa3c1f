"""The stages of a job: which are done, and how long the rest takes, by the work that is left.

A job says its stages ahead, each with the seconds that it usually takes. What is left of the one at
work is told by its own speed, trusted the more of it is done; what comes after by its usual
seconds, times the pace of this machine at this hour: that of the stages so far. Between reports
the time left falls ever slower, so that a stage that says nothing never stands still, nor ends.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp

from store.jobs import JobStage

PRIOR_SECONDS = 10.0  # of work at the usual pace, that the stages so far are weighed against
TRUST = 3.0  # of a stage's own speed, per share of it that was seen
LEAST_SEEN = 0.02  # share of a stage, from which on its own speed says something
_SLOWEST = 20.0  # times the usual seconds


@dataclass(frozen=True)
class Stage:
    """A stage that is to come: its key, and the seconds that it usually takes."""

    key: str
    usual: float


@dataclass
class _Entry:
    key: str
    usual: float | None  # seconds; None where nothing is known
    began: float | None = None
    ended: float | None = None
    first: float | None = None  # the share that was done when it began
    share: float = 0.0
    told: float = 0.0  # when the share last changed
    given: float | None = None  # seconds left that the work itself told then

    @property
    def seen(self) -> float:
        """The share that was done while the clock ran."""
        return self.share - (self.first or 0.0)


class Timeline:
    """The stages of a running job; safe to read in another thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._paces: dict[str, float] = {}
        self._entries: list[_Entry] = []
        self._at = -1  # the entry at work
        self._born = clock()
        self._shown = 0.0
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._entries)

    def trust(self, paces: Mapping[str, float]) -> None:
        """Say what stages took before, in times of their usual seconds, by key."""
        self._paces = dict(paces)

    def plan(self, stages: Sequence[Stage]) -> None:
        """Say stages ahead: known ones get these seconds, new ones come next, in this order."""
        with self._lock:
            place = self._at + 1
            for stage in stages:
                usual = stage.usual * self._paces.get(stage.key, 1.0)
                known = self._place(stage.key)
                if known is None:
                    self._entries.insert(place, _Entry(stage.key, usual))
                    place += 1
                else:
                    if self._entries[known].began is None:
                        self._entries[known].usual = usual
                    place = max(place, known + 1)

    def begin(self, key: str) -> None:
        """Begin a stage; those before it are over. One that is over stays so."""
        with self._lock:
            place = self._place(key)
            if place is None:
                place = self._at + 1
                self._entries.insert(place, _Entry(key, None))
            if place <= self._at:
                return
            now = self._clock()
            for entry in self._entries[:place]:
                if entry.ended is None:
                    entry.began = now if entry.began is None else entry.began
                    entry.ended = now
            self._at = place
            self._entries[place].began = self._entries[place].told = now

    def expect(self, seconds: float) -> None:
        """Say what the stage at work usually takes, all of it."""
        with self._lock:
            if entry := self._current():
                entry.usual = seconds * self._paces.get(entry.key, 1.0)

    def end(self) -> None:
        """Say that all stages are over."""
        with self._lock:
            now = self._clock()
            for entry in self._entries:
                entry.began = now if entry.began is None else entry.began
                entry.ended = now if entry.ended is None else entry.ended
            self._at = len(self._entries)

    def report(self, share: float, left: float | None = None) -> None:
        """Take note of the share done of the stage at work, and of its seconds left where known."""
        with self._lock:
            if self._at < 0:
                self._begin_unnamed()
            entry = self._entries[self._at]
            if entry.first is None:
                entry.first = share
            elif share == entry.share and left is None:
                return
            entry.share, entry.given, entry.told = share, left, self._clock()

    def seconds_left(self) -> float | None:
        """The seconds that are left of the whole job; None while nothing tells them."""
        with self._lock:
            own = self._left_of_current()
            if own is None:
                return None
            pace = self._pace()
            return own + sum(pace * (entry.usual or 0.0) for entry in self._entries[self._at + 1 :])

    def share(self) -> float:
        """The share of the whole job's time that is over; it never falls."""
        with self._lock:
            entry = self._current()
            if entry is None or entry.began is None:
                return 0.0
            left = self.seconds_left()
            if len(self._entries) == 1 or left is None:
                whole = entry.share if len(self._entries) == 1 else 0.0
            else:
                over = self._over()
                whole = over / (over + left) if over + left > 0 else 0.0
            self._shown = max(self._shown, whole)
            return self._shown

    def rows(self) -> tuple[JobStage, ...]:
        """The stages as they are stored; none of a job that has not said any."""
        with self._lock:
            if self._at < 0 or (len(self._entries) == 1 and not self._entries[0].key):
                return ()
            now, pace = self._clock(), self._pace()
            rows = []
            for place, entry in enumerate(self._entries):
                if place < self._at:
                    assert entry.began is not None
                    assert entry.ended is not None
                    took = entry.ended - entry.began
                    usual = None if entry.usual is None else entry.usual * _all_but(entry.first)
                    rows.append(JobStage(entry.key, "done", round(took, 1), usual))
                elif place == self._at:
                    took = now - (entry.began or now)
                    left = self._left_of_current()
                    rows.append(JobStage(entry.key, "now", round(took, 1), entry.usual, left))
                else:
                    left = None if entry.usual is None else pace * entry.usual
                    rows.append(JobStage(entry.key, "to come", None, entry.usual, left))
            return tuple(rows)

    def _begin_unnamed(self) -> None:
        """Begin the only stage of a job that has not said any; it began with the job itself."""
        self._entries.append(_Entry("", None, began=self._born, first=0.0, told=self._clock()))
        self._at = 0

    def _place(self, key: str) -> int | None:
        return next((at for at, entry in enumerate(self._entries) if entry.key == key), None)

    def _current(self) -> _Entry | None:
        return self._entries[self._at] if 0 <= self._at < len(self._entries) else None

    def _left_of_current(self) -> float | None:
        entry = self._current()
        if entry is None or entry.began is None:
            return None
        left = entry.given
        if left is None:
            rest = 1.0 - entry.share
            usual = None if entry.usual is None else self._pace() * entry.usual * rest
            own = None
            if entry.seen > LEAST_SEEN:
                own = (entry.told - entry.began) * rest / entry.seen
            trust = min(1.0, TRUST * entry.seen) if usual is not None else 1.0
            left = usual if own is None else trust * own + (1 - trust) * (usual or 0.0)
        if left is None or left <= 0:
            return left
        return left * exp(-(self._clock() - entry.told) / left)

    def _pace(self) -> float:
        """What a stage takes now, in times of its usual seconds: that of the stages so far."""
        took = expected = PRIOR_SECONDS
        for entry in self._entries[: self._at + 1]:
            if entry.usual is None or entry.first is None or entry.began is None:
                continue
            if entry.ended is not None and _all_but(entry.first) > LEAST_SEEN:
                took += entry.ended - entry.began
                expected += entry.usual * _all_but(entry.first)
            elif entry.ended is None and entry.seen > LEAST_SEEN:
                took += entry.told - entry.began
                expected += entry.usual * entry.seen
        return min(_SLOWEST, max(1 / _SLOWEST, took / expected))

    def _over(self) -> float:
        """The seconds of what is done, those of an earlier process among them."""
        now, pace = self._clock(), self._pace()
        return sum(
            (entry.ended or now) - entry.began + pace * (entry.usual or 0.0) * (entry.first or 0.0)
            for entry in self._entries[: self._at + 1]
            if entry.began is not None
        )


def _all_but(first: float | None) -> float:
    """The share of a stage that was left when it began."""
    return 1.0 - (first or 0.0)
