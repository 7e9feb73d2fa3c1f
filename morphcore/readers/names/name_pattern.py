"""Names read by a regular expression that a person gives."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from morphcore.readers.names.name_series import NameSeries, series_of
from morphcore.readers.options import OptionError

_GROUPS = ("trajectory", "time")


@dataclass(frozen=True)
class NamePattern:
    """A regular expression for names without ending; its groups are `trajectory` and `time`."""

    text: str
    compiled: re.Pattern[str]

    @staticmethod
    def of(text: str | None) -> "NamePattern | None":
        """Compile a pattern; None of None.

        Raises:
            OptionError: if it is no regular expression, or has neither group.
        """
        if text is None:
            return None
        try:
            compiled = re.compile(text)
        except re.error as err:
            raise OptionError(f"{text!r} is no regular expression: {err}.") from err
        if not set(_GROUPS) & set(compiled.groupindex):
            raise OptionError(
                "The expression for names has groups (?P<trajectory>...) and (?P<time>...),"
                f" or one of them; {text!r} has neither."
            )
        return NamePattern(text, compiled)

    def series_of(self, names: Sequence[str]) -> tuple[tuple[NameSeries, ...], tuple[int, ...]]:
        r"""Divide names into series, and find the rows of those that do not match.

        Without a group `time`, the times of a trajectory are found as usual.

        >>> pattern = NamePattern.of(r"(?P<time>\d+)_(?P<trajectory>.+)")
        >>> [(each.name, each.times.tolist()) for each in pattern.series_of(["5_a", "20_a"])[0]]
        [('a', [5.0, 20.0])]
        """
        rows_of: dict[str, list[int]] = {}
        texts: dict[int, str] = {}
        unmatched: list[int] = []
        for row, name in enumerate(names):
            match = self.compiled.search(name)
            groups = match.groupdict() if match else {}
            time = groups.get("time", name) or ""
            timeless = "time" in groups and not any(character.isdigit() for character in time)
            if match is None or timeless:
                unmatched.append(row)
                continue
            # Labelled, so that a single one is a time as well.
            texts[row] = f"t={time}" if "time" in groups else time
            rows_of.setdefault(groups.get("trajectory") or "", []).append(row)
        found: list[NameSeries] = []
        for trajectory, rows in rows_of.items():
            for number, series in enumerate(series_of([texts[row] for row in rows])):
                own = tuple(rows[row] for row in series.rows)
                name = trajectory or series.name
                found.append(
                    replace(
                        series,
                        name=name if number == 0 or not trajectory else f"{name} ({number + 1})",
                        rows=own,
                        members=tuple(names[row] for row in own),
                    )
                )
        return tuple(found), tuple(unmatched)
