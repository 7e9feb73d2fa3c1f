"""`python -m jobs`: whatever a page can start, on the same store, in the foreground.

The bar goes to standard error; the answer to standard output, as one JSON object with `--json`.
"""

import sys
from collections.abc import Sequence

from jobs.cli import hints
from jobs.cli.commands import parser
from jobs.cli.output import answer, fail
from morphcore.errors import MorphError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    options = parser().parse_args(argv)
    try:
        result = options.command(options)
    except MorphError as err:
        return fail(hints.sentence(err))
    answer(result, as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
