"""A tuning in words: what it looks for, and the settings of its trials."""

from collections.abc import Mapping
from typing import NamedTuple

from morphcore.tuning.space import Value
from morphcore.tuning.trials import Objective, TrialState


class Aim(NamedTuple):
    """What a tuning looks for: a label, its unit, what it means, and how its values are written."""

    label: str
    unit: str
    help: str
    form: str
    better: str


AIMS: Mapping[Objective, Aim] = {
    "neg-elbo": Aim(
        "Validation −ELBO",
        "nats per frame",
        "How badly a model codes validation frames, which are taken out of the training ones and "
        "which it has not learnt from.",
        ",.1f",
        "lower",
    ),
    "retrieval": Aim(
        "Retrieval",
        "share of hits",
        "How often the nearest frame, and one of the nearest five, to a frame of a training cell "
        "is of the same cell at about the same time, among its replicates; by axes that were "
        "fitted without that cell. It needs replicates and the preset two-level.",
        ".3f",
        "higher",
    ),
}
SETTINGS: Mapping[str, str] = {
    "lr": "Learning rate",
    "batch": "Frames a batch",
    "latent": "Latents",
    "channels": "Channels, × usual",
}
_PHRASES: Mapping[str, str] = {
    "lr": "learning rate {}",
    "batch": "{} frames a batch",
    "latent": "{} latents",
    "channels": "{} × the usual channels",
}
STATES: Mapping[TrialState, str] = {
    "running": "under way",
    "complete": "complete",
    "pruned": "given up",
    "failed": "diverged",
}


def value(number: float | None, objective: Objective) -> str:
    """A value of an objective, as people read it.

    >>> value(1234.56, "neg-elbo"), value(None, "retrieval")
    ('1,234.6', '–')
    """
    return "–" if number is None else format(number, AIMS[objective].form)


def setting(number: Value) -> str:
    """A value of a setting, short.

    >>> setting(0.0018390791), setting(16), setting(1.0)
    ('0.00184', '16', '1')
    """
    return f"{number:.3g}" if isinstance(number, float) else f"{number:,}"


def settings(values: Mapping[str, Value]) -> str:
    """The settings of a trial in a line.

    >>> settings({"lr": 0.0015, "latent": 16, "channels": 0.5})
    'learning rate 0.0015, 16 latents, 0.5 × the usual channels'
    """
    return ", ".join(
        _PHRASES.get(name, name + " {}").format(setting(number)) for name, number in values.items()
    )


def gain(usual: float | None, best: float | None, objective: Objective) -> str:
    """What the best trial has over the usual settings, in a sentence; empty while it is not known.

    >>> gain(200.0, 190.0, "neg-elbo")
    '10.0 lower than the usual settings have (−5.0 %)'
    """
    if usual is None or best is None:
        return ""
    if best == usual:
        return "no trial was better than the usual settings"
    share = f" ({(best - usual) / abs(usual):+.1%})".replace("-", "−").replace("%", " %")
    apart = format(abs(best - usual), AIMS[objective].form)
    return f"{apart} {AIMS[objective].better} than the usual settings have{share if usual else ''}"
