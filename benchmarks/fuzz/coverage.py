"""Damaged files that atheris finds by following the branches of the readers.

libFuzzer never comes back from its loop, so each format has a process of its own:
`python -m benchmarks.fuzz.coverage NAME RUNS SEED`, which prints its counts as JSON.
"""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

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


def _of_format(name: str, runs: int, seed: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.fuzz.coverage", name, str(runs), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:  # it was ended from outside, or by a library
        return {"inputs": runs, "unnamed": {f"{name}: ended by {done.returncode}": 1}}
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def _add(tally: Tally, found: dict[str, Any]) -> None:
    tally.inputs += found["inputs"]
    tally.accepted += found.get("accepted", 0)
    tally.named.update(found.get("named", {}))
    tally.unnamed.update(found.get("unnamed", {}))
    tally.slow += found.get("over_5_s", 0)
    tally.large += found.get("over_1_gb", 0)
    tally.examples |= found.get("examples", {})


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
