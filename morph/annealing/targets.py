"""Targets of an annealing: a frame, some descriptors, or films that were annealed at random.

A film's composition never changes, so a target says which film is taken: its `phi`. Where it is not
given, the lever rule tells it from the target's share of white f, phi = 1/2 + m (f - 1/2), with the
m of the middle of the range of chi. The chi at which the film ends moves f around that.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from morph.annealing import morphology
from morph.annealing.morphology import Numbers
from morph.annealing.schedule import Annealing
from morphcore import frames as framing
from morphcore.descriptors import contrast
from morphcore.errors import MorphError
from morphcore.simulation import annealing
from morphcore.simulation.annealing import AnnealedFilm

PHI_LOW, PHI_HIGH = 0.35, 0.65  # that a film can have
RANDOM_PHI = (0.5, 0.6)  # of random targets
MOST_STRETCHES = 4  # of constant chi, in a random schedule


@dataclass(frozen=True, kw_only=True, eq=False)
class Target:
    """What a film shall become: by `of_frame`, `of_descriptors` or `random_target`."""

    phi: float  # of the film that is annealed
    numbers: Numbers  # standardised; NaN: not asked for
    frame: Bool[np.ndarray, "h w"] | None = None  # None: only numbers are asked for
    schedule: tuple[tuple[float, int], ...] = ()  # chi and until which step; empty: not known

    def __post_init__(self) -> None:
        if not PHI_LOW <= self.phi <= PHI_HIGH:
            raise MorphError(
                f"The target asks for a film of phi {self.phi:.3f}; accepted is {PHI_LOW} to"
                f" {PHI_HIGH}."
            )


def of_frame(frame: np.ndarray, settings: Annealing, phi: float | None = None) -> Target:
    """Take a frame [h w] of the film's size, periodic in x: booleans, 0 to 1, or 0 to 255.

    Raises:
        MorphError: if it has another size, one colour alone, or asks for an impossible phi.
        FrameError: if its values are no gray levels.
    """
    if np.shape(frame) != tuple(settings.shape):
        raise MorphError(
            f"The target has the shape {np.shape(frame)}; accepted is the film's, {settings.shape}."
        )
    bits = framing.binarise(framing.to_gray(np.asarray(frame)))
    if framing.is_unseparated(bits):
        raise MorphError("The target is one colour everywhere; accepted is a frame with both.")
    if phi is None:
        phi = _phi(float(bits.mean()), settings)
    return Target(phi=phi, numbers=morphology.standardised(morphology.measured(bits)), frame=bits)


def of_descriptors(
    values: Mapping[str, float], settings: Annealing, phi: float | None = None
) -> Target:
    """Ask for some descriptors: `fraction`, `length` (L, px), `euler`, `connected_white`, `_black`.

    Raises:
        MorphError: if a descriptor is none of these, neither `phi` nor `fraction` is given, or an
            impossible phi is asked for.
    """
    numbers = morphology.asked(values, settings.shape)
    if phi is None:
        if "fraction" not in values:
            raise MorphError("The target has neither phi nor a fraction; accepted is one at least.")
        phi = _phi(values["fraction"], settings)
    return Target(phi=phi, numbers=morphology.standardised(numbers))


def random_target(rng: np.random.Generator, settings: Annealing) -> Target:
    """Anneal a film of a random phi by a random schedule, and take a frame that has separated.

    One to four stretches of random lengths, each of a random chi. The frame is that of a random
    interval from a quarter of them on, or the first one after it that counts as separated; a film
    that never does is drawn again.
    """
    while True:
        phi = float(rng.uniform(*RANDOM_PHI))
        schedule = _random_schedule(rng, settings)
        wanted = int(rng.integers(settings.intervals // 4, settings.intervals))
        mixed = annealing.mixed(phi, rng, settings.shape)
        for index, film in enumerate(annealing.anneal(mixed, schedule)):
            if index >= wanted and is_separated(film):
                frame = framing.binarise(film.gray)
                return Target(
                    phi=phi,
                    numbers=morphology.standardised(morphology.measured(frame)),
                    frame=frame,
                    schedule=schedule[: index + 1],
                )


def is_separated(film: AnnealedFilm) -> bool:
    """Whether a film that has been held at some chi counts as separated."""
    parted = contrast.measure(film.gray[None], film.chi)
    bits = framing.binarise(film.gray)
    return bool(contrast.is_separated(parted)[0]) and not framing.is_unseparated(bits)


def _random_schedule(
    rng: np.random.Generator, settings: Annealing
) -> tuple[tuple[float, int], ...]:
    stretches = int(rng.integers(1, MOST_STRETCHES + 1))
    begins = np.sort(rng.integers(1, settings.intervals, stretches - 1))
    chis = rng.uniform(settings.chi_low, settings.chi_high, stretches)
    stretch = np.searchsorted(begins, np.arange(settings.intervals), side="right")
    return tuple(zip(chis[stretch].tolist(), settings.ends, strict=True))


def _phi(fraction: float, settings: Annealing) -> float:
    middle = (settings.chi_low + settings.chi_high) / 2
    return 0.5 + contrast.binodal(middle) * (fraction - 0.5)
