"""`python -m jobs`, also installed as `morph`: the command line, and its exit status."""

import sys
from collections.abc import Sequence

import click

from jobs.cli import hints
from jobs.cli.group import group
from jobs.cli.output import fail
from morphcore import memory_short
from morphcore.errors import MorphError

INTERRUPTED = 130  # as a shell has it for Ctrl-C


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0, or 1 with a sentence on standard error, or 2 where it is misused."""
    try:
        status = group.main(argv, standalone_mode=False)
    except click.ClickException as err:
        err.show()
        return err.exit_code
    except click.Abort:
        return INTERRUPTED
    except MorphError as err:
        return fail(hints.sentence(err))
    except Exception as err:
        if memory_short.is_short(err):
            return fail(memory_short.SENTENCE)
        raise
    return int(status or 0)


if __name__ == "__main__":
    sys.exit(main())
