"""States and stages of background jobs in words."""

from collections.abc import Mapping, Sequence

from store.jobs import JobStage
from wording.numbers import duration

STATE_WORDS: Mapping[str, str] = {
    "queued": "waiting",
    "running": "running",
    "done": "done",
    "failed": "failed",
    "stopped": "stopped",
    "paused": "paused",
    "interrupted": "interrupted",
}
STAGES: Mapping[str, str] = {
    "simulate": "Simulate",
    "replicates": "Replicates",
    "train": "Train",
    "trials": "Trials",
    "halves": "Read halves",
    "realisations": "Read replicates",
    "axes": "Fit axes",
    "encode": "Encode",
    "describe": "Measure",
    "maps": "Maps",
    "twins": "Twins",
    "twins-read": "Read twins",
    "elbo": "−ELBO",
    "neighbours": "Neighbours",
    "baselines": "Baselines",
    "figures": "Latents and map",
}
_SHORTEST = 1.0  # seconds that are worth saying


def stage_name(key: str) -> str:
    """The name of a stage in a list."""
    return STAGES.get(key, key.capitalize())


def stage_time(stage: JobStage) -> str:
    """How long a stage took, or how long it is going to take; empty where nothing tells.

    >>> stage_time(JobStage("train", "done", 218.0)), stage_time(JobStage("maps", "to come"))
    ('3 min 38 s', '')
    >>> stage_time(JobStage("train", "now", 10.0, left=42.0))
    'about 40 s left'
    """
    if stage.state == "done":
        return taken(stage.seconds) if (stage.seconds or 0.0) >= _SHORTEST else ""
    if stage.left is None:
        return ""
    return f"{duration(stage.left)} left" if stage.state == "now" else duration(stage.left)


def taken(seconds: float | None) -> str:
    """A duration that was measured: "41 s", "3 min 38 s", "1 h 12 min".

    >>> taken(41.2), taken(180.0), taken(4330.0)
    ('41 s', '3 min', '1 h 12 min')
    """
    whole = round(seconds or 0.0)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if minutes:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{rest} s"


def detail(stage: str) -> str:
    """What a job is doing, without the name of its stage: "step 3 of 9" of "train: step 3 of 9".

    >>> detail("train: step 3 of 9"), detail("reading run2: a.png")
    ('step 3 of 9', 'reading run2: a.png')
    """
    key, colon, rest = stage.partition(": ")
    return rest if colon and key in STAGES else stage


def now(stages: Sequence[JobStage]) -> str | None:
    """The key of the stage at work; None where there is none."""
    return next((stage.key for stage in stages if stage.state == "now"), None)
