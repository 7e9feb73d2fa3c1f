"""The environment keeps Gymnasium's rules, and its film is the simulator's."""

import subprocess
import sys
import warnings
from functools import partial
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv

from morph.annealing import ID
from morph.annealing.environment import AnnealingEnv
from morphcore.config import ConfigError
from morphcore.errors import MorphError
from morphcore.simulation import cahn_hilliard
from tests.morph.annealing.films import FILM, drawn

ROOT = Path(__file__).resolve().parents[3]
HOLD, STOP = np.array([0.4, -1.0], dtype=np.float32), np.array([0.4, 1.0], dtype=np.float32)


def made(**settings) -> AnnealingEnv:
    return AnnealingEnv(drawn(2), annealing=FILM, **settings)


def same(a, b) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("observe", ["descriptors", "frame"])
def test_the_checker_of_gymnasium_has_nothing_to_say(observe):
    sizes = {"shape": (32, 64), "intervals": 3, "last_step": 40}
    given = {"targets": drawn(2)} if observe == "frame" else {}
    env = gymnasium.make(
        f"morph.annealing:{ID}", render_mode="rgb_array", observe=observe, **given, **sizes
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env.unwrapped)


@pytest.mark.parametrize("level", [-0.8, 0.4])
def test_an_episode_of_one_chi_is_the_plain_simulation_bit_for_bit(level):
    (target,) = drawn()
    env = AnnealingEnv([target], annealing=FILM)
    env.reset(seed=7)
    action, frames, steps = np.array([level, -1.0], dtype=np.float32), [], []
    for _ in range(FILM.intervals):
        *_, info = env.step(action)
        frames.append(env.film.gray)
        steps.append(info["step"])
    plain = cahn_hilliard.simulate(
        FILM.config(target.phi, FILM.chi_of(float(action[0]))),
        np.random.default_rng(7),
        shape=FILM.shape,
    )
    assert steps == plain.times.tolist()
    np.testing.assert_array_equal(np.stack(frames), plain.array)


def test_a_return_is_by_how_much_the_film_came_nearer_less_the_time():
    env = made(time_cost=0.5)
    _, first = env.reset(seed=1, options={"target": 1})
    rewards = [env.step(HOLD)[1] for _ in range(2)]
    _, nothing, over, cut, info = env.step(STOP)
    assert (nothing, over, cut, info["target"]) == (0.0, True, False, 1)
    share = info["step"] / FILM.last_step
    gained = first["distance"] - info["distance"]
    assert sum(rewards) == pytest.approx(gained - 0.5 * share)
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step(HOLD)


def test_the_last_interval_ends_the_episode():
    env = made()
    env.reset(seed=1)
    assert [env.step(HOLD)[2] for _ in range(FILM.intervals)] == [False] * 3 + [True]


def test_equal_seeds_give_equal_episodes():
    def played(seed: int):
        env = made()
        observation, info = env.reset(seed=seed)
        after, reward, *_ = env.step(HOLD)
        return observation, after, reward, info["target"], env.film.u

    one, again, other = played(3), played(3), played(4)
    assert same(one[0], again[0])
    assert same(one[1], again[1])
    assert one[2:4] == again[2:4]
    assert np.array_equal(one[4], again[4])
    assert not np.array_equal(one[4], other[4])


@pytest.mark.parametrize("kind", [SyncVectorEnv, AsyncVectorEnv])
def test_several_at_once_are_each_what_it_is_alone(kind):
    envs = kind(
        [partial(AnnealingEnv, drawn(), annealing=FILM)] * 2,
        autoreset_mode=AutoresetMode.NEXT_STEP,
    )
    try:
        envs.reset(seed=[3, 4])
        seen, rewards, *_ = envs.step(np.stack([HOLD, HOLD]))
    finally:
        envs.close()
    for index, seed in enumerate((3, 4)):
        alone = AnnealingEnv(drawn(), annealing=FILM)
        alone.reset(seed=seed)
        observation, reward, *_ = alone.step(HOLD)
        assert rewards[index] == pytest.approx(reward)
        assert same({name: each[index] for name, each in seen.items()}, observation)


def test_what_is_observed_tells_film_target_and_process_apart():
    env = made()
    observation, _ = env.reset(seed=0, options={"target": 0})
    goal = env.targets[0]
    np.testing.assert_allclose(observation["target"], goal.numbers, rtol=1e-6)
    np.testing.assert_allclose(
        observation["difference"], goal.numbers - observation["film"][:5], atol=1e-6
    )
    after, *_ = env.step(HOLD)
    assert after["process"][0] == pytest.approx(0.4)
    assert after["process"][1] == pytest.approx(1 / FILM.intervals)
    assert after["process"][2] == pytest.approx((goal.phi - 0.5) / 0.15)


def test_frames_are_seen_as_gray_levels():
    env = made(observe="frame")
    env.reset(seed=0, options={"target": 1})
    after, *_ = env.step(HOLD)
    np.testing.assert_array_equal(after["film"][0], env.film.gray)
    np.testing.assert_array_equal(after["target"][0] == 255, env.targets[1].frame)


def test_a_picture_shows_the_film_above_its_target():
    env = made(render_mode="rgb_array")
    env.reset(seed=0, options={"target": 0})
    env.step(HOLD)
    picture = env.render()
    height = FILM.shape[0]
    np.testing.assert_array_equal(picture[:height, :, 0], env.film.gray)
    np.testing.assert_array_equal(picture[height + 4 : 2 * height + 4, :, 1] == 255,
                                  env.targets[0].frame)  # fmt: skip
    assert made().render() is None


def test_the_agents_of_stable_baselines_take_it():
    from stable_baselines3.common.env_checker import check_env as check

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(made())


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"reward": "beauty"}, "descriptors, embedding, likelihood-ratio"),
        ({"reward": "embedding"}, "need a model"),
        ({"time_cost": -1.0}, "time_cost"),
        ({"render_mode": "human"}, "rgb_array"),
        ({"last_step": 9}, "last_step"),
    ],
)
def test_settings_that_are_not_accepted_are_named(settings, word):
    with pytest.raises(ConfigError, match=word):
        made(**settings)


def test_a_frame_is_needed_to_be_seen():
    from morph.annealing import targets

    thin = targets.of_descriptors({"fraction": 0.55, "length": 6.0}, FILM)
    assert AnnealingEnv([thin], annealing=FILM).reset(seed=0)[1]["distance"] > 0
    with pytest.raises(MorphError, match="of_frame"):
        AnnealingEnv([thin], annealing=FILM, observe="frame")


def test_a_target_that_is_not_there_is_refused():
    with pytest.raises(ConfigError, match="0 to 1"):
        made().reset(options={"target": 2})


def test_morph_alone_needs_no_gymnasium_and_says_which_file_brings_it():
    script = (
        "import sys; sys.modules['gymnasium'] = None\n"
        "import morph\n"
        "try:\n    import morph.annealing\n"
        "except morph.MorphError as err:\n    print(err)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "pip install -r requirements-environment.txt" in ran.stdout
