"""A film whose chi is changed as time goes by, as by annealing it at one temperature or another.

Between two changes the film is that of `cahn_hilliard`: held at one chi from its beginning, it
takes the very time steps that `cahn_hilliard.simulate` takes to the same frames. Time is in steps,
by the clock that `fit` gives each chi: so a step at chi 3 and above is a tenth of one below it, as
in the published frames, and kappa is the same for all.

When chi changes, u does not, but du/dt jumps. So the course begins anew there, with a short step
that needs no history, and with the tolerance of growing waves, since domains that are taken to
another chi may decompose once more. A film that comes from a higher chi has purer phases than
those of its medium, where f'' is larger: S is the largest f'' in the film until they have relaxed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from morphcore.simulation import bdf2, cahn_hilliard, evolution
from morphcore.simulation.evolution import TOLERANCE, Course, Tolerance
from morphcore.simulation.film_modes import Field
from morphcore.simulation.fit import fit
from morphcore.simulation.medium import LOG_FLOOR, Medium
from morphcore.types import FRAME_SHAPE


@dataclass(frozen=True)
class AnnealedFilm:
    """A film between two time steps. It is a value: one film can be held at this chi and at that.

    `u` is its field, the local fraction of the white component.
    """

    u: Field
    step: int = 0  # now
    chi: float | None = None  # as it was held last; None: it is still mixed
    since: int = 0  # the step from which it is held at that chi
    time_steps: int = 0  # that were taken in all
    course: Course | None = None

    @property
    def gray(self) -> UInt8[np.ndarray, "h w"]:
        """Its gray levels: see `cahn_hilliard.gray`."""
        return cahn_hilliard.gray(self.u)


def mixed(
    phi: float, rng: np.random.Generator, shape: tuple[int, int] = FRAME_SHAPE
) -> AnnealedFilm:
    """Make a mixed film: the one with which `cahn_hilliard.simulate` begins."""
    return AnnealedFilm(cahn_hilliard.initial_field(phi, rng, shape))


def hold(
    film: AnnealedFilm, chi: float, step: int, tolerance: Tolerance = TOLERANCE
) -> AnnealedFilm:
    """Hold a film at a chi above 2, from now until a later step.

    Raises:
        ValueError: if the step is not later.
    """
    if step <= film.step:
        raise ValueError(f"the film is at step {film.step} and cannot be held until step {step}")
    kappa, time_per_step = fit(chi)
    medium = Medium(chi=chi, kappa=kappa)
    course, since = film.course, film.since
    if course is None:
        course = evolution.begin(bdf2.begin(film.u), medium)
    elif chi != film.chi:
        still = bdf2.FilmState(course.state.modes, course.state.modes, 0.0)
        course, since = evolution.begin(still, medium, _stabiliser(film.u, medium)), film.step
    elif course.stabiliser is not None:
        course = Course(course.state, course.t, course.longest, _stabiliser(film.u, medium))
    taken = film.time_steps
    for now in evolution.advance(course, medium, (step - since) * time_per_step, tolerance):
        course, taken = now, taken + 1
    return AnnealedFilm(course.state.u, step, chi, since, taken, course)


def anneal(
    film: AnnealedFilm, schedule: Sequence[tuple[float, int]], tolerance: Tolerance = TOLERANCE
) -> Iterator[AnnealedFilm]:
    """Yield the film after each stretch of a schedule: a chi, and the step until which it holds."""
    for chi, step in schedule:
        film = hold(film, chi, step, tolerance)
        yield film


def _stabiliser(u: Field, medium: Medium) -> float | None:
    """The largest f'' in a film; None where that in the pure phases of its medium is enough."""
    extremes = np.clip([u.min(), u.max()], LOG_FLOOR, 1 - LOG_FLOOR)
    largest = float((1 / (extremes * (1 - extremes))).max()) - 2 * medium.chi
    return largest if largest > medium.curvature else None
