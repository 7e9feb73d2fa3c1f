"""Series of names: those that differ by a number alone, which is the time.

    A_000, A_001, B_000                         two series, A and B
    phi0.5_chi2.4_t0.1, phi0.5_chi2.4_t0.25     times 0.1 and 0.25
    10s, 5min, 2h                               10, 300 and 7200 s

The text around the numbers must be the same. Of several numbers that vary, one that is labelled as
a time (`t=`, `time`, a unit of time) is the time, else a time stamp, a labelled step, a labelled
frame, else the last that increases in natural order; the others, where they repeat, name the
series. phi, chi, temperatures and lengths are never a time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from morphcore.readers.names.name_numbers import Role, is_whole
from morphcore.readers.names.name_skeletons import Alike, Slot, alike_names, without
from morphcore.types import TimeUnit

_LARGEST_STEP = 1e9  # from here on, a number without a label is a clock's, and frames are counted
_LEAST_SHARE = 1.5  # names a series, on average, where a number without a label names it

_Rows = Int64[np.ndarray, " names"]


@dataclass(frozen=True)
class NameSeries:
    """Names that are one series, in time order.

    `times` are in `unit`: a unit of time where the names say it, "s" of time stamps, from the
    first on; "step" for other numbers. Where the names only count (0, 1, 2, ... or from 1 on) or
    hold no time, it is "frame" and times are 0, 1, 2, ...
    """

    name: str  # what the names have in common; empty where it is nothing but the number
    rows: tuple[int, ...]  # of the members among the names given
    members: tuple[str, ...]
    times: Float64[np.ndarray, " members"]
    unit: TimeUnit


def series_of(names: Sequence[str]) -> tuple[NameSeries, ...]:
    """Divide names without ending into series, in order of their first members.

    Names of one series with the same time (`f_1` and `f_01`) are put into several. Takes time in
    proportion to the number of names.

    >>> [(each.name, each.times.tolist(), each.unit) for each in series_of(["A_t0p5", "A_t10"])]
    [('A', [0.5, 10.0], 'step')]
    """
    found: list[tuple[NameSeries, str]] = []
    for alike in alike_names(names):
        for rows, time, dropped in _divided(alike):
            members = tuple(names[alike.rows[row]] for row in rows)
            times, unit = _times(alike, rows, time)
            common = without(members[0], dropped)
            plain = without(members[0], dropped, labels=False)
            series = NameSeries(
                common, tuple(alike.rows[row] for row in rows), members, times, unit
            )
            found.append((series, plain))
    return _named_apart(sorted(found, key=lambda each: min(each[0].rows)))


def _divided(alike: Alike) -> Iterator[tuple[list[int], int | None, list[int]]]:
    """Divide names of alike texts: rows in time order, the slot of the time, slots that vary."""
    codes = [_codes(slot.written) for slot in alike.slots]
    distinct = [int(code.max()) + 1 for code in codes]
    count = len(alike.rows)
    time = _time_slot(alike, codes, distinct)
    if time is None or distinct[time] == 1:  # each is by itself
        for row in range(count):
            yield [row], time, [] if time is None else [time]
        return
    parts = _parts(alike, codes, distinct, time)
    values = alike.slots[time].values
    lengths = np.array([len(number) for number in alike.slots[time].written])
    order = np.lexsort((np.arange(count), lengths, values, parts))
    starts = np.flatnonzero(np.diff(parts[order], prepend=-1))
    for start, end in zip(starts, [*starts[1:], count], strict=True):
        rows = order[start:end]
        # The first of each time is one series, the second another: never two of one time in one.
        nth = _occurrence(values[rows])
        for n in range(int(nth.max()) + 1):
            chosen = [int(row) for row in rows[nth == n]]
            dropped = [
                slot
                for slot in range(len(codes))
                if slot == time or len({int(codes[slot][row]) for row in chosen}) > 1
            ]
            yield chosen, time, dropped


def _codes(written: Iterable[str]) -> _Rows:
    index: dict[str, int] = {}
    return np.array([index.setdefault(number, len(index)) for number in written], dtype=np.int64)


def _occurrence(values: Float64[np.ndarray, " sorted"]) -> _Rows:
    """How many equal values are before each of sorted values."""
    starts = np.flatnonzero(np.diff(values, prepend=np.nan) != 0)
    firsts = np.zeros(len(values), dtype=np.int64)
    firsts[starts] = starts
    return np.arange(len(values)) - np.maximum.accumulate(firsts)


def _time_slot(alike: Alike, codes: list[_Rows], distinct: list[int]) -> int | None:
    """Choose the number that is the time."""
    slots = alike.slots
    able = [
        slot
        for slot in range(len(slots))
        if slots[slot].role >= Role.RUN and np.isfinite(slots[slot].values).all()
    ]
    varying = [slot for slot in able if distinct[slot] > 1]
    constant = [slot for slot in able if distinct[slot] == 1 and slots[slot].role >= Role.STEP]
    ranked = sorted(varying, key=lambda slot: (slots[slot].role, slot), reverse=True)
    if not ranked or (slots[ranked[0]].role == Role.RUN and constant):
        return _single_time(alike, able if max(distinct, default=1) == 1 else constant)
    best = slots[ranked[0]].role
    if best == Role.STAMP and not _unique(_must(alike, codes), codes[ranked[0]]):
        # The time of a session, with a counter beside it.
        ranked = [slot for slot in ranked if slots[slot].role != Role.STAMP] or ranked
        best = slots[ranked[0]].role
    alternatives = [slot for slot in ranked if slots[slot].role == best]
    if best == Role.PLAIN and len(alternatives) > 1:
        natural = np.lexsort([slot.values for slot in reversed(slots)])
        for slot in alternatives:
            parts = _parts(alike, codes, distinct, slot)[natural]
            order = np.argsort(parts, kind="stable")
            rising = np.diff(slots[slot].values[natural][order]) > 0
            if (rising | (np.diff(parts[order]) > 0)).all():
                return slot
    return alternatives[0]


def _single_time(alike: Alike, able: list[int]) -> int | None:
    """The number that is the time of a name by itself: one labelled so, or a step after phi, chi.

    >>> [each.times.tolist() for each in series_of(["data_0.5_2.4_000220", "IMG_4711"])]
    [[220.0], [0.0]]
    """
    slots = alike.slots
    labelled = [slot for slot in able if slots[slot].role in (Role.STEP, Role.TIME)]
    if labelled:
        return max(labelled, key=lambda slot: (slots[slot].role, slot))
    parameters = [slot for slot in range(len(slots)) if slots[slot].parameter]
    last = len(slots) - 1
    if len(parameters) >= 2 and last > parameters[-1] and last in able:
        return last if slots[last].role >= Role.PLAIN and slots[last].role != Role.STAMP else None
    return None


def _unique(parts: _Rows, codes: _Rows) -> bool:
    pairs = parts * (int(codes.max()) + 1) + codes
    return len(np.unique(pairs)) == len(pairs)


def _refined(parts: _Rows, codes: _Rows) -> _Rows:
    pairs = parts * (int(codes.max()) + 1) + codes
    return np.asarray(np.unique(pairs, return_inverse=True)[1], dtype=np.int64).reshape(-1)


def _must(alike: Alike, codes: list[_Rows]) -> _Rows:
    """Parts by the numbers that name a series whatever else there is."""
    parts = np.zeros(len(alike.rows), dtype=np.int64)
    for slot, code in zip(alike.slots, codes, strict=True):
        if slot.role <= Role.RUN:
            parts = _refined(parts, code)
    return parts


def _parts(alike: Alike, codes: list[_Rows], distinct: list[int], time: int) -> _Rows:
    """Which series each name belongs to, by the numbers beside the time.

    A number that goes along with the time, such as a frame's beside its time, names no series.
    """
    slots = alike.slots
    must = [slot for slot in range(len(slots)) if slot != time and slots[slot].role <= Role.RUN]
    parts = np.zeros(len(alike.rows), dtype=np.int64)
    for slot in must:
        parts = _refined(parts, codes[slot])
    others = sorted(
        (slot for slot in range(len(slots)) if slot not in must and slot != time),
        key=lambda slot: (distinct[slot], slot),
    )
    left = []
    for slot in others:
        unique = _unique(parts, codes[time])
        along = unique and (slot > time or slots[slot].role >= Role.FRAME)
        refined = _refined(parts, codes[slot])
        if distinct[slot] > 1 and not along and _LEAST_SHARE * (refined.max() + 1) <= len(parts):
            parts = refined
        else:
            left.append(slot)
    for slot in left:
        if _unique(parts, codes[time]):
            break
        parts = _refined(parts, codes[slot])
    return parts


def _times(
    alike: Alike, rows: list[int], time: int | None
) -> tuple[Float64[np.ndarray, " members"], TimeUnit]:
    index = np.arange(len(rows), dtype=np.float64)
    if time is None:
        return index, "frame"
    slot: Slot = alike.slots[time]
    values = slot.values[rows]
    if slot.role in (Role.STAMP, Role.DAY):
        seconds = (values - values[0]).round(6)
        return (seconds / 86400.0, "d") if slot.role == Role.DAY else (seconds, "s")
    if slot.unit:
        return values, slot.unit
    if all(is_whole(slot.written[row]) for row in rows):
        counting = len(rows) > 1 and 0 <= values[0] <= 1 and bool((np.diff(values) == 1).all())
        clock = values.max() >= _LARGEST_STEP and slot.role < Role.STEP
        alone = (
            len(rows) == 1
            and slot.role < Role.STEP
            and not any(each.parameter for each in alike.slots)
        )
        if counting or clock or alone:
            return index, "frame"
    return values, "step"


def _named_apart(found: list[tuple[NameSeries, str]]) -> tuple[NameSeries, ...]:
    """Give series of one name the label of their times (t_0 beside time_0), else a number."""
    shared: dict[str, set[str]] = {}
    for series, plain in found:
        shared.setdefault(series.name, set()).add(plain)
    taken: dict[str, int] = {}
    named = []
    for series, plain in found:
        name = plain if len(shared[series.name]) > 1 else series.name
        taken[name] = taken.get(name, 0) + 1
        if taken[name] > 1:
            name = f"{name} ({taken[name]})".strip()
        named.append(NameSeries(name, series.rows, series.members, series.times, series.unit))
    return tuple(named)
