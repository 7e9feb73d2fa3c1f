"""Plans made on the simulator find what is known to be right."""

import numpy as np
import pytest

from morph.annealing import plans, targets
from morph.annealing.environment import AnnealingEnv
from morph.annealing.plans import Plan
from morphcore.config import ConfigError
from morphcore.simulation import annealing
from tests.morph.annealing.films import FILM, drawn


@pytest.fixture(scope="module")
def env() -> AnnealingEnv:
    """Its target is the film of noise 9 after 3 intervals at the level -1/2."""
    film = annealing.mixed(0.55, np.random.default_rng(9), FILM.shape)
    *_, last = annealing.anneal(film, [(FILM.chi_of(-0.5), step) for step in FILM.ends[:3]])
    return AnnealingEnv([targets.of_frame(last.gray, FILM, phi=0.55)], annealing=FILM)


def test_the_constant_chi_that_made_a_target_is_found_with_its_end(env):
    plan = plans.constant(env, 0, [-1.0, -0.5, 0.0, 0.5, 1.0], [9])
    assert (plan.levels[0], plan.intervals) == (-0.5, 3)
    episode = plans.play(env, plan, seed=9)
    assert episode.last["distance"] == 0.0
    assert episode.last["step"] == FILM.ends[2]
    assert len(episode.films) == len(episode.words) == 4
    assert episode.words[3] == f"step {FILM.ends[2]}, chi 2.7"


def test_the_cross_entropy_method_comes_nearer_than_its_first_guess(env):
    plan = plans.cross_entropy(env, 0, episodes=20, seed=0, noise=9, population=8)
    first = plans.play(env, Plan(np.full(4, 1.0), 4), seed=9).last["distance"]
    found = plans.play(env, plan, seed=9).last["distance"]
    assert found < first / 2
    again = plans.cross_entropy(env, 0, episodes=20, seed=0, noise=9, population=8)
    assert again.levels.tolist() == plan.levels.tolist()


def test_a_policy_looks_at_what_it_gets(env):
    seen = []

    def policy(observation):
        seen.append(observation["process"][1])
        return plans.STOP if len(seen) == 3 else np.array([0.0, 0.0], dtype=np.float32)

    episode = plans.play(env, policy, seed=1)
    assert seen == pytest.approx([0.0, 0.25, 0.5])
    assert episode.last["step"] == FILM.ends[1]
    gained = episode.infos[0]["distance"] - episode.last["distance"]
    assert episode.returns[-1] == pytest.approx(gained - 0.05 * FILM.ends[1] / FILM.last_step)


def test_too_few_episodes_are_refused(env):
    with pytest.raises(ConfigError, match="52 or more"):
        plans.cross_entropy(env, 0, episodes=20, seed=0)


def test_targets_are_told_apart_by_their_index():
    several = AnnealingEnv(drawn(3), annealing=FILM)
    phis = [plans.play(several, Plan(np.zeros(4), 1), seed=0, target=k).films[0].mean() for k in
            range(3)]  # fmt: skip
    assert len(set(phis)) == 3
