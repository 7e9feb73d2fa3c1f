"""Give hostile inputs to all that reads, and count what comes of them.

    python -m benchmarks.fuzz --inputs 100000 --seed 0

Half of the inputs are structures that hypothesis builds; half are damaged files, a quarter by our
own mutations and a quarter by atheris, which follows the readers' branches, where it is installed.
"""

import argparse
import json
import logging
import sys
import time
import warnings

from benchmarks.fuzz import coverage, readers, structures
from benchmarks.fuzz.tally import Tally


def main() -> int:
    """Fuzz, and print the counts as JSON; 1 where an input led to what it may not."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz")
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    started = time.monotonic()
    results = {}
    half = given.inputs // 2
    guided = (given.inputs - half) // 2 if coverage.is_installed() else 0
    for name, run, count in (
        ("structures", structures.run, half),
        ("damaged files", readers.run, given.inputs - half - guided),
        ("damaged files, by coverage", coverage.run, guided),
    ):
        if count:
            tally = Tally()
            run(tally, count, given.seed)
            results[name] = tally.as_json()
            print(f"{name}: {tally.inputs:,} inputs", file=sys.stderr)
    print(json.dumps({**results, "seconds": round(time.monotonic() - started)}, indent=1))
    bad = ("unnamed_exceptions", "over_5_s", "over_1_gb")
    return int(any(counts[each] for counts in results.values() for each in bad))


if __name__ == "__main__":
    sys.exit(main())
