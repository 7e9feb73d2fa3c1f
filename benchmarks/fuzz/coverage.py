"""Damaged files that atheris finds by following the branches of the readers.

libFuzzer never comes back from its loop, so each format has a process of its own:
`python -m benchmarks.fuzz.coverage NAME RUNS SEED`, which prints its counts as JSON.
"""

import importlib.util
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.fuzz import seeds
from benchmarks.fuzz.tally import Tally


def is_installed() -> bool:
    """Whether atheris is there: it is made for Linux alone."""
    return importlib.util.find_spec("atheris") is not None


def run(tally: Tally, count: int, seed: int) -> None:
    """Fuzz all formats, each as often as the others, one process after the other."""
    names = list(seeds.files())
    for number, name in enumerate(names):
        runs = count // len(names) + (number < count % len(names))
        if runs:
            _add(tally, _of_format(name, runs, seed))


def _of_format(name: str, runs: int, seed: int) -> dict[str, object]:
    command = [sys.executable, "-m", "benchmarks.fuzz.coverage", name, str(runs), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:  # it was ended from outside, or by a library
        return {"inputs": runs, "unnamed": {f"{name}: ended by {done.returncode}": 1}}
    found: dict[str, object] = json.loads(lines[-1])
    return found


def _add(tally: Tally, found: dict[str, object]) -> None:
    counts = Counter(found)
    tally.inputs += counts["inputs"]
    tally.accepted += counts["accepted"]
    tally.named += Counter(counts["named"] or {})
    tally.unnamed += Counter(counts["unnamed"] or {})
    tally.slow += counts["over_5_s"]
    tally.large += counts["over_1_gb"]
    tally.examples |= counts["examples"] or {}


def _fuzz(name: str, runs: int, seed: int) -> None:
    """Fuzz one format in this process, and end it."""
    import atheris

    with atheris.instrument_imports(include=["morphcore.readers"]):
        from benchmarks.fuzz import readers
    tally, folder = Tally(), TemporaryDirectory()
    corpus = Path(folder.name) / "corpus"
    corpus.mkdir()
    (corpus / name).write_bytes(seeds.files()[name])

    def one(data: bytes) -> None:
        shown = f"{name}: {data[:150]!r}"
        tally.count(lambda: readers.taken(Path(folder.name), name, data), shown)
        if tally.inputs == runs:
            print(json.dumps(tally.as_json()), flush=True)
            folder.cleanup()
            os._exit(0)

    options = [f"-seed={seed + 1}", "-max_len=20000", "-timeout=60", "-rss_limit_mb=0"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    _fuzz(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
