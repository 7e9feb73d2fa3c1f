"""Output of the command line: progress on standard error, one JSON object on standard output."""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from jobs.context import JobProgress
from store.jobs import JobStage
from wording.jobs import stage_name, stage_time
from wording.numbers import left

_WIDTH = 24


class Answer(dict[str, Any]):
    """An answer that has a text of its own for a person, and an exit status."""

    def __init__(self, values: Mapping[str, Any], text: str, status: int = 0) -> None:
        super().__init__(values)
        self.text = text
        self.status = status


class ProgressBar:
    """A bar that stays on its line in a terminal, and a line now and then in a log file."""

    def __init__(self) -> None:
        self._drawn = False
        self._ticked: set[str] = set()
        self._logged: tuple[str, int] | None = (
            None  # a stage, numbers left out, and how many tenths of the whole
        )

    def show(self, progress: JobProgress) -> None:
        """Draw a job's share done, its stage and the time left."""
        if progress.note:
            sys.stderr.write(("\r\x1b[K" if self._drawn else "") + progress.note + "\n")
        self._tick(progress.stages)
        filled = round(progress.share * _WIDTH)
        bar = "█" * filled + "·" * (_WIDTH - filled)
        words = ", ".join(filter(None, [progress.stage, left(progress.seconds_left)]))
        line = f"{bar} {progress.share:4.0%}  {words}"
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{line}")
            self._drawn = True
        else:
            tenth = re.sub(r"\d[\d,]*", "", progress.stage.split(":")[0]), int(progress.share * 10)
            if tenth != self._logged:
                self._logged = tenth
                sys.stderr.write(line + "\n")
        sys.stderr.flush()

    def _tick(self, stages: Sequence[JobStage]) -> None:
        """Leave a line for each stage that is over, above the bar."""
        for stage in stages:
            if stage.state == "done" and stage.key not in self._ticked:
                self._ticked.add(stage.key)
                words = " ".join(filter(None, ["✓", stage_name(stage.key), stage_time(stage)]))
                sys.stderr.write(("\r\x1b[K" if self._drawn else "") + words + "\n")

    def close(self) -> None:
        """Leave the bar's line."""
        if self._drawn:
            sys.stderr.write("\n")


def keep_note(progress: JobProgress) -> None:
    """Write what is said once to standard error, which is a background job's log."""
    if progress.note:
        print(progress.note, file=sys.stderr, flush=True)


def answer(result: Mapping[str, Any], *, as_json: bool) -> None:
    """Print a command's answer: as JSON, or as lines of `name: value` and indented rows."""
    if as_json:
        print(json.dumps(result, ensure_ascii=False))
        return
    if isinstance(result, Answer):
        print(result.text)
        return
    for name, value in result.items():
        if isinstance(value, list):
            print(f"{name}: {len(value)}")
            for row in value:
                print("  " + ("  ".join(_cells(row)) if isinstance(row, dict) else str(row)))
        else:
            print(f"{name}: {_plain(value)}")


def fail(sentence: str) -> int:
    """Print an error on standard error; the exit status for it."""
    print(sentence, file=sys.stderr)
    return 1


def _cells(row: Mapping[str, Any]) -> list[str]:
    return [f"{name} {_plain(value)}" for name, value in row.items() if value is not None]


def _plain(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else str(value)
