"""A line on standard error, where a run's newest model is damaged: which one is used."""

import sys
from pathlib import Path

from store import checkpoint_files


def warn(store: Path, run_id: int) -> None:
    """Prove the model of a run's index, and say what is damaged of it.

    Raises:
        UnknownRun, NotIndexed: if there is no such run, or it has no latents.
    """
    run = checkpoint_files.with_good_index(store, run_id)
    if words := checkpoint_files.damage(store, run):
        print(words, file=sys.stderr)
