"""Plans that are made beforehand on the simulator, without looking: constant chi, cross-entropy.

A plan is the chi of every interval, as levels, and after how many intervals to stop. One simulated
episode tells the return of a schedule for every moment at which it might have stopped, as a return
adds up; so a schedule costs one episode and its best end is known with it.

The cross-entropy method draws schedules from normal distributions and fits these to the best of
them: R. Y. Rubinstein, Methodology and Computing in Applied Probability 1 (1999) 127.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64, UInt8

from morph.annealing.environment import Action, AnnealingEnv, Observation
from morphcore.config import ConfigError

KNOTS = 5  # between which the level of chi is linear
ELITE = 0.25  # share of the schedules that the next ones are fitted to
LAST_LOOKS = 4  # films on which the moment to stop is chosen in the end
STOP = np.array([0.0, 1.0], dtype=np.float32)

Policy = Callable[[Observation], Action]


@dataclass(frozen=True, eq=False)
class Plan:
    """A schedule of chi, in levels from -1 to 1, and when to stop."""

    levels: Float64[np.ndarray, " intervals"]
    intervals: int  # held; 1 or more

    def actions(self) -> list[Action]:
        """Its actions, one an interval; the last one stops, or is the schedule's last."""
        held = [
            np.array([level, -1.0], dtype=np.float32) for level in self.levels[: self.intervals]
        ]
        return held if self.intervals == len(self.levels) else [*held, STOP]


@dataclass(frozen=True, eq=False)
class Episode:
    """What came of an episode: an entry for its beginning and one for every interval held."""

    returns: Float64[np.ndarray, " n"]  # up to there
    infos: tuple[dict[str, Any], ...]
    films: tuple[UInt8[np.ndarray, "h w"], ...]  # gray
    pictures: tuple[UInt8[np.ndarray, "rows w 3"], ...]  # as rendered, where the environment does

    @property
    def words(self) -> list[str]:
        """What each entry is, such as "step 12, chi 2.8"."""
        mixed, *held = self.infos
        return [
            f"step {mixed['step']}",
            *(f"step {info['step']}, chi {info['chi']:.1f}" for info in held),
        ]

    @property
    def last(self) -> dict[str, Any]:
        """Of the film as it was taken out."""
        return self.infos[-1]


def play(
    env: AnnealingEnv, policy: Policy | Plan, *, seed: int, target: int | None = None
) -> Episode:
    """Play one episode of a target, by a plan or by a policy that looks at each observation."""
    options = None if target is None else {"target": target}
    observation, info = env.reset(seed=seed, options=options)
    planned = iter(policy.actions()) if isinstance(policy, Plan) else None
    returns, infos, films, over = [0.0], [info], [env.film.gray], False
    pictures = [env.render()]
    while not over:
        if planned is None:
            assert not isinstance(policy, Plan)
            action = policy(observation)
        else:
            action = next(planned)
        observation, reward, over, _, info = env.step(action)
        if info["step"] > infos[-1]["step"]:  # else it was the action that stops
            returns.append(returns[-1] + reward)
            infos.append(info)
            films.append(env.film.gray)
            pictures.append(env.render())
    shown = tuple(each for each in pictures if each is not None)
    return Episode(np.array(returns), tuple(infos), tuple(films), shown)


def constant(env: AnnealingEnv, target: int, levels: Sequence[float], seeds: Sequence[int]) -> Plan:
    """Find the constant chi of a grid, and the end, of the best mean return over some films.

    Costs an episode a level and seed.
    """
    grid = [np.full(env.annealing.intervals, level) for level in levels]
    scores = np.array([_returns(env, target, each, seeds).mean(axis=0)[1:] for each in grid])
    best, end = np.unravel_index(scores.argmax(), scores.shape)
    return Plan(grid[int(best)], int(end) + 1)


def cross_entropy(
    env: AnnealingEnv,
    target: int,
    *,
    episodes: int,
    seed: int,
    noise: int | None = None,
    population: int = 24,
) -> Plan:
    """Find a schedule for a target by the cross-entropy method, within so many episodes.

    All schedules of a generation are tried on one film, the next generation on another, so that
    none is chosen for its luck; `noise`: all on the film of that seed, which is to know the future.

    Raises:
        ConfigError: if the episodes are not enough for two generations.
    """
    generations = (episodes - LAST_LOOKS) // population
    if generations < 2:
        raise ConfigError(
            f"episodes is {episodes}; accepted is {2 * population + LAST_LOOKS} or more"
        )
    rng = np.random.default_rng(seed)
    intervals = env.annealing.intervals
    at = np.linspace(0, KNOTS - 1, intervals)
    mean, deviation = np.zeros(KNOTS), np.full(KNOTS, 0.8)
    for _ in range(generations):
        films = [int(rng.integers(2**31)) if noise is None else noise]
        drawn = np.clip(mean + deviation * rng.standard_normal((population, KNOTS)), -1, 1)
        schedules = [np.interp(at, np.arange(KNOTS), knots) for knots in drawn]
        scores = [float(_returns(env, target, each, films)[0, 1:].max()) for each in schedules]
        elite = drawn[np.argsort(scores)[-max(2, round(ELITE * population)) :]]
        mean, deviation = elite.mean(axis=0), np.maximum(elite.std(axis=0), 0.05)
    schedule = np.interp(at, np.arange(KNOTS), mean)
    films = rng.integers(2**31, size=LAST_LOOKS).tolist() if noise is None else [noise]
    end = int(_returns(env, target, schedule, films).mean(axis=0)[1:].argmax())
    return Plan(schedule, end + 1)


def _returns(
    env: AnnealingEnv, target: int, levels: Float64[np.ndarray, " intervals"], seeds: Sequence[int]
) -> Float64[np.ndarray, "seeds moments"]:
    """The return up to the beginning and every interval's end, on each film."""
    plan = Plan(levels, len(levels))
    return np.array([play(env, plan, seed=seed, target=target).returns for seed in seeds])
