"""Numbers in names: where they are, their values, and what the text around them says of them.

A number has a decimal point, comma or p (`0p5`), a sign where no letter or digit is before it, and
an exponent; a time stamp (`20240301T115930`, `2024-03-01_11-59-30`) counts as one number.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum
from functools import lru_cache

import numpy as np
from jaxtyping import Float64

_DATE = (
    r"(?:(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"|(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2])-|_(?:0[1-9]|1[0-2])_|\.(?:0[1-9]|1[0-2])\.)"
    r"(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2])\.(?:19|20)\d\d)"  # 28.02.2024
)
_CLOCK = r"(?:[01]\d|2[0-3])(?:[0-5]\d[0-5]\d(?:\d{3})?|[-_:.h][0-5]\d(?:[-_:.m][0-5]\d)?)"
_TWELVE = r"(?:0?[1-9]|1[0-2])[-_:.][0-5]\d(?:[-_:.][0-5]\d)?[ _\u202f]?[AaPp][Mm](?![A-Za-z])"
_STAMP = rf"(?<!\d){_DATE}(?:[T_ -]|_-_| at )(?:{_TWELVE}|{_CLOCK}(?:[.,]\d{{1,6}})?Z?(?!\d))"
_DAY = (
    r"(?<!\d)(?:(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2])\.(?:19|20)\d\d)(?!\d)"
)
_HALF_DAY = re.compile(r"(\d{1,2})\D(\d\d)(?:\D(\d\d))?\W?_?([ap])m$", re.IGNORECASE)
_SIGN = r"(?:(?<![^\W_])(?<![.)\]])[+-])?"
_MANTISSA = (
    r"(?:(?<!\d[.,])\d+[.,]\d+(?![.,]?\d)|\d+p\d+(?![^\W_]*\d)|(?<![^\W_])\.\d+(?![.,]?\d)|\d+)"
)
_EXPONENT = r"(?:[eE](?:[+-]\d+|\d{1,2}(?![^\W_])))?"
_TOKEN = re.compile(rf"({_STAMP}|{_DAY}|{_SIGN}{_MANTISSA}{_EXPONENT})")
_WHOLE = re.compile(r"[+-]?\d+")
_LONGEST_NUMBER = 9  # characters; from here on a number may be a stamp

SECONDS = {
    "fs": 1e-15,
    "ps": 1e-12,
    "ns": 1e-9,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "min": 60.0,
    "h": 3600.0,
    "d": 86400.0,
}
_SPELLINGS = {
    "fs": "fs",
    "ps": "ps",
    "ns": "ns",
    "us usec µs μs": "µs",
    "ms msec": "ms",
    "s sec secs second seconds": "s",
    "min mins minute minutes": "min",
    "h hr hrs hour hours": "h",
    "d day days": "d",
}
_UNITS = {word: unit for words, unit in _SPELLINGS.items() for word in words.split()}
_UNIT_LABELS = {"day", "days", "hour", "hours", "minute", "minutes", "second", "seconds"}
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_GLUED = re.compile(rf"({_UNIT})(?![^\W_])")
_APART = re.compile(rf"[_ -]({_UNIT})(?![^\W_])")
_TIME_IN = re.compile(rf"(?:^|[^A-Za-z])(?:t|[Tt]ime)[\W_]{{1,2}}({_UNIT})[\W_]*$")
_OTHER_UNIT = re.compile(
    r"[_ -]?(?:deg[CF]?|°C?|[CK]|[pnuµμmc]?m|[mk]?V|[mµu]?A|m?W|[kMG]?Pa|m?bar|rpm|[kMG]?Hz"
    r"|wt|vol|mol|m?M|[mk]?g|m?l|pct|percent|%|m?eV|px|kx)(?![^\W_])"
)
_LAST_WORD = re.compile(r"([^\W\d_]+)[\W_]*$")
_CAMEL = re.compile(r"[A-Z]?[a-z]+$|[A-Z]+$")


class Role(IntEnum):
    """What a number in a name may be; the highest that varies is the time."""

    NEVER = 0  # phi, chi, a temperature or length, a sample, seed, channel: never a time
    RUN = 1  # which run: a time only where no other number varies
    DAY = 2  # a date without a time of day, likewise
    PLAIN = 3
    FRAME = 4
    STEP = 5
    STAMP = 6
    TIME = 7  # labelled so, or with a unit of time


_WORDS = {
    "t time times": Role.TIME,
    "step steps iter iters iteration iterations it ts timestep timesteps": Role.STEP,
    "cycle cycles epoch epochs mcs sweep sweeps increment": Role.STEP,
    "frame frames snapshot snap dump output out img image page": Role.FRAME,
    "run r case sim simulation trial test movie film cell wafer set series": Role.RUN,
    "exposure exp dwell dt period seed sample specimen device batch": Role.NEVER,
    "replica replicate rep realisation realization roi fov pos position tile": Role.NEVER,
    "channel ch z slice layer row col column": Role.NEVER,
}
_ROLES = {word: found for words, found in _WORDS.items() for word in words.split()}


def divide(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Divide a name into the texts around its numbers, one more than those, and the numbers.

    >>> divide("run-2_t=1e-05s")
    (('run-', '_t=', 's'), ('2', '1e-05'))
    """
    parts = _TOKEN.split(name)
    return tuple(parts[::2]), tuple(parts[1::2])


def may_be_stamp(number: str) -> bool:
    """Whether a number of `divide` is a time stamp or a date with separators."""
    return len(number) > _LONGEST_NUMBER and (
        number[4] in "-_." or _is_dotted(number) or (number[8] in "T_ -" and number[:8].isdigit())
    )


def _is_dotted(number: str) -> bool:
    """Whether it begins with a date that has its day first: 28.02.2024."""
    return number[2] == number[5] == "." and number[6:10].isdigit()


@lru_cache(maxsize=4096)
def unit_after(text: str) -> tuple[str, str, bool]:
    """The unit of time at the start of the text after a number, "" if none.

    Returns the unit, the text without it, and whether it is beyond doubt: a single letter apart
    from its number may be something else.
    """
    for pattern in (_GLUED, _APART):
        if match := pattern.match(text):
            return _UNITS[match[1]], text[match.end() :], pattern is _GLUED or len(match[1]) > 1
    return "", text, False


@lru_cache(maxsize=4096)
def role(before: str, after: str) -> tuple[Role, str]:
    """The role of a number by the texts before and after it; and the unit that its label names.

    `after` is without a unit of time.
    """
    if match := _TIME_IN.search(before):
        return Role.TIME, _UNITS[match[1]]
    word = label(before)
    if word in _UNIT_LABELS:  # day 3
        return Role.TIME, _UNITS[word]
    found = _ROLES.get(word, Role.PLAIN)
    if found != Role.TIME and _OTHER_UNIT.match(after):
        return Role.NEVER, ""
    return found, ""


def label(before: str) -> str:
    """The word before a number, in lower case; T alone stays, as it is mostly a temperature."""
    match = _LAST_WORD.search(before)
    if match is None:
        return ""
    if match[1] == "T":
        return "T"
    camel = _CAMEL.search(match[1])
    return (camel[0] if camel else match[1]).lower()


def without_label(before: str) -> str:
    """The text before a number without the word at its end that calls it a time or a step."""
    if match := _TIME_IN.search(before):
        start = match.start() + (0 if match[0][:1] in "tT" else 1)
        return before[:start]
    match = _LAST_WORD.search(before)
    if match is None:
        return before
    word = match[1].lower()
    called = _ROLES.get(word) in (Role.TIME, Role.STEP) or word in ("frame", "frames")
    return before[: match.start()] if called else before


def values(written: Sequence[str]) -> Float64[np.ndarray, " numbers"]:
    """The values of numbers that are no stamps; infinite where they are too large."""
    plain = [number.replace("p", ".").replace(",", ".") for number in written]
    return np.array([float(number) for number in plain], dtype=np.float64)


def stamp_seconds(written: Sequence[str]) -> Float64[np.ndarray, " numbers"] | None:
    """Seconds of time stamps and dates, from a common origin; None if one is not a date."""
    try:
        return np.array([_seconds(number) for number in written], dtype=np.float64)
    except ValueError:
        return None


def is_whole(number: str) -> bool:
    """Whether a number is written without a decimal point or exponent."""
    return _WHOLE.fullmatch(number) is not None


def _seconds(stamp: str) -> float:
    if _is_dotted(stamp):
        stamp = f"{stamp[6:10]}-{stamp[3:5]}-{stamp[:2]}{stamp[10:]}"
    if match := _HALF_DAY.search(stamp):
        hour = int(match[1]) % 12 + (12 if match[4] in "pP" else 0)
        stamp = f"{stamp[: match.start()]}{hour:02}{match[2]}{match[3] or '00'}"
    digits = re.sub(r"\D", "", stamp)
    if len(digits) == 12:  # hours and minutes alone
        digits += "00"
    if len(digits) not in (8, *range(14, 21)):
        raise ValueError(f"{stamp} is no time stamp")
    numbers = [int(digits[:4]), *(int(digits[at : at + 2]) for at in range(4, len(digits[:14]), 2))]
    since = datetime(*numbers) - datetime(1970, 1, 1)  # type: ignore[arg-type]
    return since.total_seconds() + (float(f"0.{digits[14:]}") if digits[14:] else 0.0)
