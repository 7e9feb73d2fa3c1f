"""How the command line speaks: progress on standard error, one JSON object on standard output."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from jobs.context import JobProgress

_WIDTH = 24


def show_progress(progress: JobProgress) -> None:
    """A bar that stays on its line in a terminal, and a line now and then in a log file."""
    filled = round(progress.share * _WIDTH)
    bar = "█" * filled + "·" * (_WIDTH - filled)
    left = f", {duration(progress.seconds_left)} left" if progress.seconds_left is not None else ""
    line = f"{bar} {progress.share:4.0%}  {progress.stage}{left}"
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{line}")
    else:
        _log(progress, line)
    sys.stderr.flush()


def end_progress() -> None:
    """Leave the bar's line."""
    if sys.stderr.isatty():
        sys.stderr.write("\n")


def answer(result: Mapping[str, Any], *, as_json: bool) -> None:
    """Print what a command found: as JSON, or as lines of `name: value` and indented rows."""
    if as_json:
        print(json.dumps(result, ensure_ascii=False))
        return
    for name, value in result.items():
        if isinstance(value, list):
            print(f"{name}: {len(value)}")
            for row in value:
                print("  " + ("  ".join(_cells(row)) if isinstance(row, dict) else str(row)))
        else:
            print(f"{name}: {_plain(value)}")


def fail(sentence: str) -> int:
    """Say on standard error why it could not be done; the exit status for that."""
    print(sentence, file=sys.stderr)
    return 1


def duration(seconds: float) -> str:
    """Seconds as a person says them: "40 s", "3 min", "1 h 20 min"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


_last_logged = ["", -1]


def _log(progress: JobProgress, line: str) -> None:
    tenth = [progress.stage.split(":")[0], int(progress.share * 10)]
    if tenth != _last_logged:
        _last_logged[:] = tenth
        sys.stderr.write(line + "\n")


def _cells(row: Mapping[str, Any]) -> list[str]:
    return [f"{name} {_plain(value)}" for name, value in row.items() if value is not None]


def _plain(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else str(value)
