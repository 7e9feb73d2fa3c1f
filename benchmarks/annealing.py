"""An agent that anneals films towards unseen targets, against what does not look.

    python -m benchmarks.annealing run
    python -m benchmarks.annealing train [--minutes 20] [--agent FILE]
    python -m benchmarks.annealing judge [--targets 20] [--episodes 76] [--agent FILE]
    python -m benchmarks.annealing scales

`train` trains PPO (stable-baselines3) for so long on one core, on targets of its own seeds, and
saves it to --agent, now and then also before the end; `judge` plays it and the baselines on the
same unseen targets; `run` does both. What a row of the table is:

random              chi and stop drawn anew for every interval
constant chi        for each target the best chi of nine and end, planned on four other films
cross-entropy       for each target a schedule and end, planned on other films (`plans`)
the same, knowing   planned on the very film that is judged, which no laboratory can
PPO                 one agent for all targets, which looks at the film after every interval
own schedule        the schedule that made the target, on another film: what chance leaves

All are judged on four films a target, "knowing" on one. A film is 64 x 128, so that this fits a
core: 10 intervals up to step 60. `scales` measures what `morph.annealing.morphology` standardises
by. Intervals are of 10,000 bootstrap resamples of the targets.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float64
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.env_util import make_vec_env

from morph.annealing import morphology, plans, targets
from morph.annealing.environment import Action, AnnealingEnv, Observation
from morph.annealing.plans import Plan, Policy
from morph.annealing.schedule import Annealing
from morph.annealing.targets import Target
from morphcore import frames as framing
from morphcore.simulation import annealing

FILM = Annealing(shape=(64, 128), intervals=10, first_step=8, last_step=60)
TRAINED_ON, UNSEEN, SCALED_BY = 1, 2, 3  # seeds of targets
TRAINING_TARGETS = 512
FILMS = tuple(range(1000, 1004))  # seeds that all are judged on
PLANNED_ON = tuple(range(2000, 2004))
GRID = np.linspace(-1, 1, 9).tolist()
LEARNING_RATE = 7e-4
SAVED_EVERY = 120.0  # s


class Counted(AnnealingEnv):
    """Counts the episodes and the simulator's time steps that it was used for."""

    episodes = 0
    time_steps = 0

    def reset(self, **kwargs: Any) -> tuple[Observation, dict[str, Any]]:
        self.episodes += 1
        return super().reset(**kwargs)

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        before = self.film.time_steps
        out = super().step(action)
        self.time_steps += self.film.time_steps - before
        return out


class Row(NamedTuple):
    """One way to anneal, judged; the cost is that of planning or training, for all targets."""

    name: str
    distance: Float64[np.ndarray, " targets"]
    gained: Float64[np.ndarray, " targets"]  # returns
    episodes: int
    time_steps: int


def drawn(seed: int, count: int, film: Annealing = FILM) -> list[Target]:
    """Draw random targets."""
    rng = np.random.default_rng(seed)
    return [targets.random_target(rng, film) for _ in range(count)]


def judged(
    name: str,
    unseen: Sequence[Target],
    film: Annealing,
    make: Callable[[Counted, int], Policy | Plan],
    films: Sequence[int] = FILMS,
) -> Row:
    """Make a plan or a policy for each target, and play it on some films."""
    env, own = Counted(unseen, annealing=film), AnnealingEnv(unseen, annealing=film)
    distance, gained = [], []
    for index in range(len(unseen)):
        way = make(env, index)
        played = [plans.play(own, way, seed=seed, target=index) for seed in films]
        distance.append(np.mean([each.last["distance"] for each in played]))
        gained.append(np.mean([each.returns[-1] for each in played]))
    print(f"{name}: distance {np.mean(distance):.3f}", flush=True)
    return Row(name, np.array(distance), np.array(gained), env.episodes, env.time_steps)


def baselines(unseen: Sequence[Target], film: Annealing, episodes: int) -> list[Row]:
    """Judge all that is not an agent."""
    dice = np.random.default_rng(0)

    def random(_: Observation) -> Action:
        action: np.ndarray = dice.uniform(-1, 1, 2).astype(np.float32)
        return action

    def own_schedule(_: Counted, index: int) -> Plan:
        levels = [film.level_of(chi) for chi, _ in unseen[index].schedule]
        whole = np.array(levels + levels[-1:] * (film.intervals - len(levels)))
        return Plan(whole, len(levels))

    def searched(noise: int | None) -> Callable[[Counted, int], Plan]:
        return lambda env, index: plans.cross_entropy(
            env, index, episodes=episodes, seed=index, noise=noise
        )

    return [
        judged("random", unseen, film, lambda *_: random),
        judged("constant chi", unseen, film, lambda e, i: plans.constant(e, i, GRID, PLANNED_ON)),
        judged("cross-entropy", unseen, film, searched(None)),
        judged("the same, knowing", unseen, film, searched(FILMS[0]), FILMS[:1]),
        judged("own schedule", unseen, film, own_schedule),
    ]


class Watch(BaseCallback):
    """Ends a training after some seconds, and saves it on the way with what it took."""

    def __init__(self, seconds: float, out: Path) -> None:
        super().__init__()
        self.seconds, self.out = seconds, out
        self.began = self.saved = time.monotonic()

    @property
    def share(self) -> float:
        """How much of the time is over."""
        return min(1.0, (time.monotonic() - self.began) / self.seconds)

    def save(self) -> None:
        """Save the agent; what it took travels as one of its attributes."""
        counted = (self.training_env.get_attr(name) for name in ("episodes", "time_steps"))
        vars(self.model)["spent"] = [int(sum(each)) for each in counted]
        # Its schedule knows this, and so the environments with all their targets.
        self.model.save(self.out, exclude=["learning_rate", "lr_schedule"])
        returns = [each["r"] for each in self.model.ep_info_buffer or ()]
        print(
            f"{self.num_timesteps:,} actions, {vars(self.model)['spent'][0]:,} episodes,"
            f" CPU {time.process_time():.0f} s: return {np.mean(returns or [np.nan]):.3f}",
            flush=True,
        )

    def _on_step(self) -> bool:
        if time.monotonic() - self.saved > SAVED_EVERY:
            self.saved = time.monotonic()
            self.save()
        return self.share < 1.0


def train(
    seconds: float,
    out: Path,
    film: Annealing = FILM,
    count: int = TRAINING_TARGETS,
    rollout: int = 128,
) -> None:
    """Train an agent and save it."""
    import torch

    torch.set_num_threads(1)
    pool = drawn(TRAINED_ON, count, film)
    envs = make_vec_env(lambda: Counted(pool, annealing=film), n_envs=4, seed=0)
    watch = Watch(seconds, out)
    agent = PPO(
        "MultiInputPolicy",
        envs,
        learning_rate=lambda _: LEARNING_RATE * max(0.05, 1 - watch.share),
        n_steps=rollout,
        batch_size=min(128, rollout),
        gamma=1.0,
        ent_coef=0.001,
        policy_kwargs={"log_std_init": -0.7, "net_arch": [128, 128]},
        device="cpu",
        seed=0,
    )
    agent.learn(10**9, callback=watch)
    watch.save()


def interval(values: Float64[np.ndarray, " targets"]) -> str:
    """A mean and its 95 % interval over targets."""
    rows = np.random.default_rng(0).integers(len(values), size=(10_000, len(values)))
    low, high = np.percentile(values[rows].mean(axis=1), [2.5, 97.5])
    return f"{values.mean():.3f} ({low:.3f} to {high:.3f})"


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown, and how much nearer the last one comes than each of the others."""
    last = rows[-1]
    lines = [
        f"| | distance left | {last.name} less it | return | episodes | time steps |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        apart = "" if row is last else interval(last.distance - row.distance)
        figures = f"{interval(row.distance)} | {apart} | {interval(row.gained)}"
        lines.append(f"| {row.name} | {figures} | {row.episodes:,} | {row.time_steps:,} |")
    return "\n".join(lines)


def judge(count: int, episodes: int, file: Path, film: Annealing = FILM) -> str:
    """Judge the agent of a file and the baselines; the table."""
    unseen = drawn(UNSEEN, count, film)
    agent = PPO.load(file, device="cpu")

    def policy(observation: Observation) -> Action:
        action: np.ndarray = agent.predict(observation, deterministic=True)[0]
        return action

    mine = judged("PPO", unseen, film, lambda *_: policy)
    used, time_steps = vars(agent)["spent"]
    mine = mine._replace(episodes=used, time_steps=time_steps)
    return table([*baselines(unseen, film, episodes), mine])


def scales(count: int = 200) -> str:
    """Mean and deviation over random targets, and the share that their schedules explain."""
    rng = np.random.default_rng(SCALED_BY)
    pairs = []
    for target in drawn(SCALED_BY, count):
        mixed = annealing.mixed(target.phi, rng, FILM.shape)
        *_, again = annealing.anneal(mixed, target.schedule)
        assert target.frame is not None
        both = (target.frame, framing.binarise(again.gray))
        pairs.append([morphology.measured(each) for each in both])
    first, second = np.array(pairs).transpose(1, 0, 2)
    chance = (first - second).var(axis=0) / 2
    lines = [f"{'':18}{'mean':>8}{'deviation':>10}{'explained':>10}"]
    for name, mean, variance, own in zip(
        morphology.NAMES, first.mean(axis=0), first.var(axis=0), chance, strict=True
    ):
        lines.append(f"{name:18}{mean:8.3f}{variance**0.5:10.3f}{1 - own / variance:10.2f}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="What an agent that anneals films is worth.")
    parser.add_argument("what", choices=("run", "train", "judge", "scales"))
    parser.add_argument("--minutes", type=float, default=20.0, help="of training")
    parser.add_argument("--targets", type=int, default=20)
    parser.add_argument("--episodes", type=int, default=76, help="of each cross-entropy search")
    parser.add_argument("--agent", type=Path, default=Path("annealing-agent.zip"))
    asked = parser.parse_args()
    if asked.what == "scales":
        print(scales())
    if asked.what in ("run", "train"):
        train(60 * asked.minutes, asked.agent)
    if asked.what in ("run", "judge"):
        print(judge(asked.targets, asked.episodes, asked.agent))


if __name__ == "__main__":
    main()
