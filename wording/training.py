"""A training in words: how far it is, and where its number of steps comes from."""

from morphcore.config import TrainConfig
from wording.numbers import amount


def progress_stage(steps: int, total: int | None, epoch: int) -> str:
    """How far a training is; `total` is None while its minutes are not a number of steps yet.

    >>> progress_stage(310, 1240, 3), progress_stage(4, None, 1)
    ('step 310 of 1,240, epoch 3', 'step 4, epoch 1')
    """
    of = "" if total is None else f" of {total:,}"
    return f"step {steps:,}{of}, epoch {epoch:,}"


def in_minutes(steps: int, minutes: float) -> str:
    """What minutes became on this machine.

    >>> in_minutes(1240, 10), in_minutes(1, 1)
    ('1,240 steps in 10 minutes here', '1 step in 1 minute here')
    """
    unit = "minute" if minutes == 1 else "minutes"
    return f"{amount(steps, 'step')} in {minutes:g} {unit} here"


def end(config: TrainConfig) -> str:
    """Where a training ends, as a sentence; empty where only its epochs end it."""
    if config.steps is None:
        if config.minutes is None:
            return ""
        return f"Ends after {config.minutes:g} minutes, once its first steps say how many steps."
    if config.minutes is None:
        return f"Ends after {amount(config.steps, 'step')}."
    return (
        f"Ends after {amount(config.steps, 'step')}: as many as {config.minutes:g} minutes had at"
        " the speed of its first steps. The same number gives the same model anywhere."
    )
