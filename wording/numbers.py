"""Numbers as text: durations, sizes, amounts, times of day; names kept apart. Pure."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import chain, count


def duration(seconds: float) -> str:
    """A rounded duration: "a few seconds", "about 40 s", "about 3 min", "about 1.5 h".

    >>> duration(3), duration(42), duration(200), duration(5400)
    ('a few seconds', 'about 40 s', 'about 3 min', 'about 1.5 h')
    """
    if seconds < 5:
        return "a few seconds"
    if seconds < 57.5:
        return f"about {5 * round(seconds / 5)} s"
    if seconds < 59.5 * 60:
        return f"about {max(1, round(seconds / 60))} min"
    hours = seconds / 3600
    return f"about {hours:.1f} h" if hours < 9.5 else f"about {hours:.0f} h"


def left(seconds: float | None) -> str:
    """The time left, "about 3 min left"; empty where it is not known yet.

    >>> left(42), left(None)
    ('about 40 s left', '')
    """
    return "" if seconds is None else f"{duration(seconds)} left"


def size(count: float) -> str:
    """Bytes in the unit that fits, thousands as SI has them: "73.1 MB".

    >>> size(812), size(73_100_000)
    ('812 bytes', '73.1 MB')
    """
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def figure(value: float, digits: int = 2) -> str:
    """A number with `digits` significant digits; 100 and more as a whole number: 0.37, 1,320.

    >>> figure(0.3704), figure(1319.7)
    ('0.37', '1,320')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.{digits}g}"


def percent(share: float, digits: int = 0) -> str:
    """A share in per cent, with so many digits after the point.

    >>> percent(0.617), percent(0.9984, 1)
    ('62 %', '99.8 %')
    """
    return f"{100 * share:.{digits}f} %"


def formatted(value: float, form: str) -> str:
    """A number in a format such as ",.1f" or ".1%"; a figure in per cent has its space.

    >>> formatted(1234.5, ",.0f"), formatted(0.4961, ".1%")
    ('1,234', '49.6 %')
    """
    return f"{value:{form}}".replace("%", " %")


def amount(count: int, singular: str, plural: str | None = None) -> str:
    """A count with its noun: "1 frame", "2,305 frames".

    >>> amount(1, "frame"), amount(2305, "frame"), amount(2, "index", "indices")
    ('1 frame', '2,305 frames', '2 indices')
    """
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def when(timestamp: float) -> datetime:
    """Seconds since 1970 as this machine's local time, for a table."""
    return datetime.fromtimestamp(timestamp).replace(microsecond=0)


def sentence(text: str) -> str:
    """A text with a capital first letter, the rest as it is (a t-SNE stays one).

    >>> sentence("a t-SNE map")
    'A t-SNE map'
    """
    return text[:1].upper() + text[1:]


def distinct(names: Sequence[str], numbers: Sequence[int]) -> list[str]:
    """Distinguish names that are there twice by their number: "seed (3)", "seed (7)".

    >>> distinct(["seed", "two-level", "seed"], [3, 4, 7])
    ['seed (3)', 'two-level', 'seed (7)']
    """
    return [
        f"{name} ({number})" if names.count(name) > 1 else name
        for name, number in zip(names, numbers, strict=True)
    ]


def free_name(wish: str, is_taken: Callable[[str], bool], form: str = "{} {}") -> str:
    """`wish`, or, where it is taken, the first free one of "wish 2", "wish 3" ... in that form.

    >>> free_name("demo", {"demo", "demo 2"}.__contains__)
    'demo 3'
    """
    names = chain([wish], (form.format(wish, number) for number in count(2)))
    return next(name for name in names if not is_taken(name))
