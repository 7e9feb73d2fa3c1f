"""Damaged files of every format, looked at and read as an import does it."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.fuzz import mutations, seeds
from benchmarks.fuzz.tally import Tally
from morphcore.readers import read as reading
from morphcore.readers.options import DEFAULT_OPTIONS, ImportOptions
from morphcore.readers.results import ReadTrajectory


def run(tally: Tally, count: int, seed: int) -> None:
    """Damage so many files, all formats in turn, by our own mutations."""
    files = list(seeds.files().items())
    every = [data for _, data in files]
    with TemporaryDirectory() as folder:
        for number in range(count):
            rng = np.random.default_rng([seed, number])
            name, data = files[number % len(files)]
            damaged = mutations.damage(data, every, rng)
            shown = f"{name}, seed {seed}, number {number}"
            tally.count(lambda: taken(Path(folder), name, damaged), shown)  # noqa: B023


def taken(folder: Path, name: str, data: bytes, options: ImportOptions = DEFAULT_OPTIONS) -> bool:
    """Look at a file and read it; whether any frames came of it."""
    path = folder / name
    path.write_bytes(data)
    try:
        reading.look(path, options)
        items = list(reading.read(path, options))
    finally:
        path.unlink()
    return any(isinstance(item, ReadTrajectory) for item in items)
