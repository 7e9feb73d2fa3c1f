"""The environment: hold the film at this chi for an interval, or stop and take it out."""

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from jaxtyping import Float32, UInt8

from morph.annealing import morphology, picture, targets
from morph.annealing.judgement import Judge, Observe, Reward, Sight
from morph.annealing.schedule import Annealing
from morph.annealing.targets import Target
from morph.model import Model
from morphcore.config import ConfigError
from morphcore.simulation import annealing
from morphcore.simulation.annealing import AnnealedFilm

STOP_ABOVE = 0.8  # the second number of an action
MOST_TIME_COST = 10.0

Observation = dict[str, Any]
Action = Float32[np.ndarray, "2"]


class AnnealingEnv(gymnasium.Env[Observation, Action]):
    """Anneal a film towards a target morphology.

    `targets` are made by `morph.annealing.targets`; an episode draws one of them, or takes that of
    `reset(options={"target": index})`. Without any, each episode has a new one: a film that was
    annealed at random, which costs about as much time as the episode. `annealing` says how large
    the film is and when its chi can be changed; `settings` are its fields, where it is not given.

    An action is two numbers from -1 to 1: chi, from `chi_low` to `chi_high`, for the next interval;
    and stop, where it is above 0.8: then the film is taken out as it is. An episode also ends with
    the last interval. The film is that of `morph.simulate`: at one chi throughout, its frames are
    the same to the bit.

    The reward is the rise of a potential less a cost of time, in `reward`'s unit (`judgement`), so
    a return is by how much the film has come nearer, less `time_cost` for the whole schedule.

    Observations are a dict of `film`, `target` and, but of frames, `difference`, target less film,
    by `observe`: "descriptors" (`morphology`; the film's contrast besides), "embedding", or "frame"
    (gray levels uint8 [1 h w]); and `process`: level of chi, share of the intervals that are over,
    phi, distance or ratio, all about 1 or less.

    `info` has `step`, `chi`, `time_steps` (of the simulator), `potential`, `distance` (in
    descriptors, whatever the reward is) and `target`, its index, or -1 of a new one.

    >>> env = AnnealingEnv(shape=(32, 64), intervals=3, last_step=40)
    >>> observation, info = env.reset(seed=0)
    >>> observation, reward, over, _, info = env.step(np.array([0.5, -1.0], dtype=np.float32))
    >>> info["step"], info["chi"], over, sorted(observation)
    (4, 3.55, False, ['difference', 'film', 'process', 'target'])

    Raises:
        ConfigError, MorphError: if settings, targets and model do not fit each other.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 4}  # noqa: RUF012  # Gymnasium's

    def __init__(
        self,
        targets: Sequence[Target] | None = None,
        *,
        annealing: Annealing | None = None,
        reward: Reward = "descriptors",
        observe: Observe = "descriptors",
        model: Model | None = None,
        time_cost: float = 0.05,
        render_mode: str | None = None,
        **settings: Any,
    ) -> None:
        if annealing is not None and settings:
            raise ConfigError(f"annealing is given, so {', '.join(settings)} must be its own")
        if not 0 <= time_cost <= MOST_TIME_COST:
            raise ConfigError(f"time_cost is {time_cost}; accepted is 0 to {MOST_TIME_COST:g}")
        if targets is not None and not len(targets):
            raise ConfigError("targets is empty; accepted is one or more, or None")
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ConfigError(f"render_mode is {render_mode!r}; accepted are None and 'rgb_array'")
        self.annealing = Annealing(**settings) if annealing is None else annealing
        self.targets = None if targets is None else tuple(targets)
        self.judge = Judge(reward, observe, model)
        self.judge.accept(self.targets or ())
        self.time_cost = time_cost
        self.render_mode = render_mode
        self.action_space = spaces.Box(-1.0, 1.0, (2,), np.float32)
        self.observation_space = _observation_space(self.judge, self.annealing)
        self._episode: _Episode | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin with a mixed film and a target; equal seeds give equal episodes.

        Raises:
            ConfigError: if `options` name a target that is not there.
        """
        super().reset(seed=seed)
        index, target = self._drawn((options or {}).get("target"))
        film = annealing.mixed(target.phi, self.np_random, self.annealing.shape)
        seen, goal = self.judge.sight_of(film), self.judge.sight_of(target)
        potential = self.judge.potential(film, seen, goal)
        self._episode = _Episode(film, target, index, seen, goal, potential)
        return self._observation(), self._info()

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Hold the film at a chi until the interval ends, or stop.

        Raises:
            gymnasium.error.ResetNeeded: before `reset`, and after the episode's end.
        """
        now = self._episode
        if now is None or now.over:
            raise gymnasium.error.ResetNeeded("The episode is over; call reset first.")
        level, stop = (float(each) for each in action)
        if stop > STOP_ABOVE:
            now.over = True
            return self._observation(), 0.0, True, False, self._info()
        before, since = now.potential, now.film.step
        now.film = annealing.hold(
            now.film, self.annealing.chi_of(level), self.annealing.ends[now.interval]
        )
        now.interval += 1
        now.over = now.interval == self.annealing.intervals
        now.seen = self.judge.sight_of(now.film)
        now.potential = self.judge.potential(now.film, now.seen, now.goal)
        time = (now.film.step - since) / self.annealing.last_step
        reward = now.potential - before - self.time_cost * time
        return self._observation(), reward, now.over, False, self._info()

    def render(self) -> UInt8[np.ndarray, "h w 3"] | None:
        """The film above its target, with chi and time along a bar; None without a render mode."""
        if self.render_mode is None:
            return None
        now = self._episode
        if now is None:
            raise gymnasium.error.ResetNeeded("There is no episode yet; call reset first.")
        level = None if now.film.chi is None else self.annealing.level_of(now.film.chi)
        share = now.interval / self.annealing.intervals
        return picture.rendered(now.film.gray, now.target.frame, level, share)

    @property
    def film(self) -> AnnealedFilm:
        """The film as it is now.

        Raises:
            gymnasium.error.ResetNeeded: before `reset`.
        """
        if self._episode is None:
            raise gymnasium.error.ResetNeeded("There is no episode yet; call reset first.")
        return self._episode.film

    def _drawn(self, wanted: Any) -> tuple[int, Target]:
        if self.targets is None:
            if wanted is not None:
                raise ConfigError("a target is asked for by its index, but there are no targets")
            return -1, targets.random_target(self.np_random, self.annealing)
        if wanted is None:
            # Without a draw where there is no choice: the film's noise then is that of its seed.
            one = len(self.targets) == 1
            wanted = 0 if one else int(self.np_random.integers(len(self.targets)))
        if not 0 <= wanted < len(self.targets):
            raise ConfigError(f"target is {wanted}; accepted is 0 to {len(self.targets) - 1}")
        return wanted, self.targets[wanted]

    def _observation(self) -> Observation:
        now = self._episode
        assert now is not None
        level = 0.0 if now.film.chi is None else self.annealing.level_of(now.film.chi)
        process = [
            level,
            now.interval / self.annealing.intervals,
            (now.target.phi - 0.5) / (targets.PHI_HIGH - 0.5),
            np.clip(now.potential / morphology.MOST, -1, 1),
        ]
        seen = self.judge.observation(now.film, now.seen, now.goal)
        return {**seen, "process": np.array(process, dtype=np.float32)}

    def _info(self) -> dict[str, Any]:
        now = self._episode
        assert now is not None
        return {
            "step": now.film.step,
            "chi": float("nan") if now.film.chi is None else now.film.chi,
            "time_steps": now.film.time_steps,
            "potential": now.potential,
            "distance": morphology.distance(now.seen.numbers, now.goal.numbers),
            "target": now.index,
        }


class _Episode:
    """An episode under way."""

    def __init__(
        self,
        film: AnnealedFilm,
        target: Target,
        index: int,
        seen: Sight,
        goal: Sight,
        potential: float,
    ) -> None:
        self.film, self.target, self.index = film, target, index
        self.seen, self.goal, self.potential = seen, goal, potential
        self.interval = 0
        self.over = False


def _observation_space(judge: Judge, settings: Annealing) -> spaces.Dict:
    def box(size: int, most: float) -> spaces.Box:
        return spaces.Box(-most, most, (size,), np.float32)

    process = box(4, 1.01)  # a rounding beyond 1
    if judge.observe == "frame":
        frame = spaces.Box(0, 255, (1, *settings.shape), np.uint8)
        return spaces.Dict({"film": frame, "target": frame, "process": process})
    if judge.observe == "embedding":
        axes = judge.axes
        return spaces.Dict(
            film=box(axes, 3), target=box(axes, 3), difference=box(axes, 6), process=process
        )
    count, most = len(morphology.NAMES), morphology.MOST
    return spaces.Dict(
        film=box(count + 1, most),
        target=box(count, most),
        difference=box(count, 2 * most),
        process=process,
    )
