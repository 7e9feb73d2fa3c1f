"""How near a film is to its target: the potential whose rise is the reward.

"descriptors"       minus the distance of `morphology`, in deviations
"embedding"         minus the distance in the model's embedding, in its unit (`embedded`)
"likelihood-ratio"  ln of the ratio that one process made both, by the model's calibration

Where nothing has separated there is no ratio, and an embedding says little: then the ratio is the
lowest that the calibration knows, and the distance is taken as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from jaxtyping import Bool, Float32

from morph.annealing import embedded, morphology
from morph.annealing.embedded import EmbeddedView
from morph.annealing.morphology import Numbers
from morph.annealing.targets import Target, is_separated
from morph.model import Model
from morphcore import frames as framing
from morphcore.config import ConfigError
from morphcore.descriptors import contrast
from morphcore.errors import MorphError
from morphcore.simulation.annealing import AnnealedFilm
from morphcore.types import Latents

Reward = Literal["descriptors", "embedding", "likelihood-ratio"]
Observe = Literal["descriptors", "embedding", "frame"]


class Sight:
    """A film, or a target, as it is seen; what costs time is computed when it is asked for."""

    def __init__(
        self, bits: Bool[np.ndarray, "h w"] | None, numbers: Numbers, view: EmbeddedView | None
    ) -> None:
        self.bits = bits
        self.numbers = numbers
        self._view = view

    @cached_property
    def latents(self) -> Latents:
        """Its embedding; of a sight that has a frame, by a judge that has a model."""
        assert self._view is not None
        assert self.bits is not None
        return self._view.look(self.bits)


@dataclass(frozen=True, eq=False)
class Judge:
    """Says how near a film is to a target, and what of both an agent sees.

    Raises:
        ConfigError: if `reward` or `observe` is none of those accepted, or needs a model.
        MorphError: if the model cannot serve it.
    """

    reward: Reward = "descriptors"
    observe: Observe = "descriptors"
    model: Model | None = None

    def __post_init__(self) -> None:
        for name, value, accepted in (
            ("reward", self.reward, get_args(Reward)),
            ("observe", self.observe, get_args(Observe)),
        ):
            if value not in accepted:
                raise ConfigError(f"{name} is {value!r}; accepted are {', '.join(accepted)}")
        if self._needs_model and self.model is None:
            raise ConfigError(
                f"reward {self.reward!r} and observation {self.observe!r} need a model; accepted"
                " is model=morph.load_model(file), or 'descriptors' for both"
            )
        _ = self._view  # what is wrong with the model is said here

    @property
    def _needs_model(self) -> bool:
        return self.reward != "descriptors" or self.observe == "embedding"

    @cached_property
    def _view(self) -> EmbeddedView | None:
        if not self._needs_model or self.model is None:
            return None
        return EmbeddedView(self.model, ratio=self.reward == "likelihood-ratio")

    @property
    def axes(self) -> int:
        """The number of axes of the model's embedding."""
        assert self._view is not None
        return self._view.axes

    def accept(self, targets: Sequence[Target]) -> None:
        """Check that the targets can be judged.

        Raises:
            MorphError: if one is given by descriptors alone, and a frame is needed.
        """
        framed = self._needs_model or self.observe == "frame"
        if framed and any(target.frame is None for target in targets):
            raise MorphError(
                f"reward {self.reward!r} and observation {self.observe!r} need a frame as the"
                " target; accepted are 'descriptors' for both, or targets made by of_frame."
            )

    def sight_of(self, of: AnnealedFilm | Target) -> Sight:
        """Look at a film or at a target."""
        if isinstance(of, Target):
            return Sight(of.frame, of.numbers, self._view)
        bits = framing.binarise(of.gray)
        return Sight(bits, morphology.standardised(morphology.measured(bits)), self._view)

    def potential(self, film: AnnealedFilm, seen: Sight, target: Sight) -> float:
        """How near the film is to the target: higher is nearer."""
        if self.reward == "descriptors":
            return -morphology.distance(seen.numbers, target.numbers)
        assert self._view is not None
        if self.reward == "embedding":
            return -self._view.distance(seen.latents, target.latents)
        if film.chi is None or not is_separated(film):
            return self._view.least_ratio
        return self._view.log_ratio(seen.latents, target.latents)

    def observation(
        self, film: AnnealedFilm, seen: Sight, target: Sight
    ) -> dict[str, Float32[np.ndarray, "..."] | np.ndarray]:
        """What an agent sees of film and target: `spaces.observation` has the shapes."""
        if self.observe == "frame":
            assert target.bits is not None
            goal = target.bits.astype(np.uint8) * np.uint8(255)
            return {"film": film.gray[None], "target": goal[None]}
        if self.observe == "embedding":
            mine, goal = embedded.squeezed(seen.latents), embedded.squeezed(target.latents)
            return {"film": mine, "target": goal, "difference": goal - mine}
        difference = np.nan_to_num(target.numbers - seen.numbers, nan=0.0)
        parted = 0.0 if film.chi is None else float(contrast.measure(film.gray[None], film.chi)[0])
        return {
            "film": np.append(seen.numbers, parted).astype(np.float32),
            "target": np.nan_to_num(target.numbers, nan=0.0).astype(np.float32),
            "difference": difference.astype(np.float32),
        }
