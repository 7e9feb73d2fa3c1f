"""Names whose texts between the numbers are alike, with the numbers as columns."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64

from morphcore.readers.names import name_numbers
from morphcore.readers.names.name_numbers import SECONDS, Role

_SEPARATORS = " _-.=,+/:;"
_BRACKETS = str.maketrans({"(": None, ")": None, "[": None, "]": None})
_FIRST_PARAMETER = re.compile(r"0?\.\d+")
_SECOND_PARAMETER = re.compile(r"\d{1,2}\.\d+")


@dataclass(frozen=True)
class Slot:
    """One number of names whose texts are alike."""

    written: tuple[str, ...]
    values: Float64[np.ndarray, " names"]
    role: Role
    unit: str  # of time; empty where there is none
    first: int  # among the numbers of `name_numbers.divide`; 1h30min is made of two
    last: int
    parameter: bool = False  # phi or chi


@dataclass(frozen=True)
class Alike:
    """Names whose texts between the numbers are alike, but for signs and units of time."""

    rows: tuple[int, ...]  # among the names given
    slots: tuple[Slot, ...]


def alike_names(names: Sequence[str]) -> list[Alike]:
    """Group names by the texts between their numbers, in order of appearance."""
    skeletons: dict[tuple[tuple[str, ...], tuple[bool, ...]], list[int]] = {}
    numbers: list[tuple[str, ...]] = []
    for row, name in enumerate(names):
        texts, written = name_numbers.divide(name)
        numbers.append(written)
        stamps = tuple(map(name_numbers.may_be_stamp, written))
        skeletons.setdefault((texts, stamps), []).append(row)
    known = {texts for texts, _ in skeletons}
    groups: dict[tuple[object, ...], list[Alike]] = {}
    for (texts, stamps), rows in skeletons.items():
        columns = [*zip(*(numbers[row] for row in rows), strict=True)]
        key, slots = _interpreted(texts, columns, stamps, known)
        groups.setdefault((*key, *np.flatnonzero(stamps)), []).append(
            Alike(tuple(rows), tuple(slots))
        )
    return [joined for each in groups.values() for joined in _joined(each)]


def without(name: str, slots: Collection[int], *, labels: bool = True) -> str:
    """A name without some of its numbers, their units, and (`labels`) the word time before each.

    `slots` are their places among the slots of its `Alike`.

    >>> without("A_t0.5s_mask", [0])
    'A_mask'
    """
    if not slots:
        return name
    texts, numbers = name_numbers.divide(name)
    (own,) = alike_names([name])
    dropped = {own.slots[slot].first: own.slots[slot] for slot in slots}
    kept = texts[0]
    at = 0
    while at < len(numbers):
        slot = dropped.get(at)
        if slot is None:
            kept += numbers[at] + texts[at + 1]
            at += 1
            continue
        at = slot.last + 1
        after = texts[at]
        if slot.unit:
            after = _after_unit(after, slot.unit)
        if labels:
            kept = name_numbers.without_label(kept)
        kept = kept.rstrip(_SEPARATORS + "([") + after.lstrip(")]")
    return kept.strip(_SEPARATORS)


def _after_unit(text: str, unit: str) -> str:
    found, after, _sure = name_numbers.unit_after(text)
    return after if found else text[1:] if unit == "s" and text[:1] == "m" else text


def _interpreted(
    texts: tuple[str, ...],
    columns: Sequence[tuple[str, ...]],
    stamps: tuple[bool, ...],
    known: Collection[tuple[str, ...]],
) -> tuple[list[str], list[Slot]]:
    """The key by which names are alike, and their numbers with what they mean."""
    key: list[str] = []
    slots: list[Slot] = []
    before = texts[0]
    for at, written in enumerate(columns):
        unit, after, sure = name_numbers.unit_after(texts[at + 1])
        if not unit and before == "" and slots and slots[-1].unit == "h" and after[:1] == "m":
            unit, after, sure = "min", after[1:], True
        sign, shown = 1.0, before
        if before[-1:] == "-" and before[-2:-1].isalpha():  # t-10 beside t0: a minus
            plus = (*texts[:at], texts[at][:-1], *texts[at + 1 :])
            if plus in known:
                sign, shown = -1.0, before[:-1]
        values, role = _values(written, stamps[at])
        named, label_unit = name_numbers.role(shown, after)
        parameter = _is_parameter(name_numbers.label(shown), values)
        if parameter:
            named = Role.NEVER
        if role == Role.PLAIN:
            role = Role.TIME if unit and named != Role.NEVER else named
        slot = Slot(
            written if sign > 0 else tuple(f"-{number}" for number in written),
            sign * values,
            role,
            unit or label_unit,
            at,
            at,
            parameter,
        )
        if slots and before == "" and unit and slots[-1].unit:  # 1h30min
            slots[-1] = _together(slots[-1], slot)
        else:
            key.append(shown)
            slots.append(slot)
        if unit and not sure:
            key.append(texts[at + 1][: len(texts[at + 1]) - len(after)])
        before = after
    key.append(before)
    return key, _with_parameters(texts, slots)


def _is_parameter(label: str, values: Float64[np.ndarray, " names"]) -> bool:
    """Whether values are of phi or chi; phi_000100 is a step of a field called phi."""
    if label == "phi":
        return bool(((values > 0) & (values < 1)).all())
    return label == "chi" and bool(((values > 0) & (values <= 10)).all())


def _values(written: tuple[str, ...], stamp: bool) -> tuple[Float64[np.ndarray, " names"], Role]:
    """The values of a column of numbers, and whether they are stamps or days."""
    lengths = {len(number) for number in written}
    compact = lengths in ({8}, {14}) and all(map(str.isdecimal, written))
    if stamp or compact:
        seconds = name_numbers.stamp_seconds(written)
        if seconds is not None:
            days = not (seconds % SECONDS["d"]).any() and max(lengths) <= 10
            return seconds, Role.DAY if days else Role.STAMP
    if stamp:  # such as the 31st of February
        return np.full(len(written), np.inf), Role.NEVER
    return name_numbers.values(written), Role.PLAIN


def _together(large: Slot, small: Slot) -> Slot:
    """One duration of two numbers with units, in seconds."""
    return Slot(
        tuple(f"{one}_{two}" for one, two in zip(large.written, small.written, strict=True)),
        large.values * SECONDS[large.unit] + small.values * SECONDS[small.unit],
        Role.TIME,
        "s",
        large.first,
        small.last,
    )


def _with_parameters(texts: tuple[str, ...], slots: list[Slot]) -> list[Slot]:
    """Mark phi and chi of `data_0.514_2.4`: two decimals by themselves, the first pair of them."""
    for at in range(len(slots) - 1):
        one, two = slots[at], slots[at + 1]
        if (
            two.last < len(texts) - 1
            and texts[two.first] == "_"
            and texts[one.first][-1:] in ("", "_", "-", " ")
            and texts[two.last + 1][:1] in ("", "_", "-", " ")
            and not (one.unit or two.unit)
            and all(map(_FIRST_PARAMETER.fullmatch, one.written))
            and all(map(_SECOND_PARAMETER.fullmatch, two.written))
            and bool(((one.values > 0) & (one.values < 1)).all())
            and bool(((two.values > 0) & (two.values <= 10)).all())
        ):
            marked = [replace(slot, role=Role.NEVER, parameter=True) for slot in (one, two)]
            return [*slots[:at], *marked, *slots[at + 2 :]]
    return slots


def _joined(groups: list[Alike]) -> list[Alike]:
    """Join names that differ in units of time alone; their times are in seconds then."""
    by_units: dict[tuple[str, ...], list[Alike]] = {}
    for group in groups:
        by_units.setdefault(tuple(slot.unit for slot in group.slots), []).append(group)
    same = {units: _concatenated(each) for units, each in by_units.items()}
    if len(same) == 1:
        return [*same.values()]
    timed = [any(units[at] for units in same) for at in range(len(groups[0].slots))]
    fitting: list[Alike] = []
    others: list[Alike] = []
    for units, group in same.items():
        without_unit = [at for at, unit in enumerate(units) if timed[at] and not unit]
        zero = not any(group.slots[at].values.any() for at in without_unit)
        if zero:
            fitting.append(_in_seconds(group, timed))
        else:
            others.append(group)
    return [*([_concatenated(fitting)] if fitting else []), *others]


def _in_seconds(group: Alike, timed: Sequence[bool]) -> Alike:
    slots = [
        replace(
            slot,
            # Rounded, so that 100 ns are 1e-7 s and not 1.0000000000000001e-7.
            values=np.array(
                [float(f"{value * SECONDS[slot.unit or 's']:.12g}") for value in slot.values]
            ),
            written=tuple(f"{number} {slot.unit}" for number in slot.written),
            unit="s",
            role=Role.TIME,
        )
        if is_timed
        else slot
        for slot, is_timed in zip(group.slots, timed, strict=True)
    ]
    return Alike(group.rows, tuple(slots))


def _concatenated(groups: Sequence[Alike]) -> Alike:
    if len(groups) == 1:
        return groups[0]
    slots = [
        replace(
            same[0],
            written=tuple(number for slot in same for number in slot.written),
            values=np.concatenate([slot.values for slot in same]),
            role=max(slot.role for slot in same),
        )
        for same in zip(*(group.slots for group in groups), strict=True)
    ]
    return Alike(tuple(row for group in groups for row in group.rows), tuple(slots))
