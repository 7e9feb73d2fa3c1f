"""`python -m jobs`: whatever a page can start, on the same store, in the foreground.

The bar goes to standard error; the answer to standard output, as one JSON object with `--json`.
"""

import sys
from collections.abc import Sequence

from jobs import worker
from jobs.cli.commands import Ended, parser
from jobs.cli.output import answer, fail
from store import jobs, runs


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    options = parser().parse_args(argv)
    try:
        result = options.command(options)
    except runs.NotIndexed as err:
        return fail(f"{str(err).removesuffix('.')}: python -m jobs index --run {err.run_id}")
    except (Ended, *worker.SPOKEN, jobs.UnknownJob) as err:
        return fail(str(err))
    answer(result, as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
