"""A model as the judge of an annealing: its distance, its unit, its ratio."""

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import morph
from morph.annealing import embedded, targets
from morph.annealing.embedded import EmbeddedView
from morph.annealing.environment import AnnealingEnv
from morph.annealing.schedule import Annealing
from morphcore import frames as framing
from morphcore.config import ConfigError
from morphcore.errors import MorphError
from morphcore.simulation import annealing
from tests.factory import Made

FILM = Annealing(shape=(64, 128), intervals=2, first_step=3, last_step=16)
HOLD = np.array([-0.2, -1.0], dtype=np.float32)


@pytest.fixture
def env(interface: Made) -> AnnealingEnv:
    model = morph.Store(interface.path).model()
    return AnnealingEnv([wanted()], annealing=FILM, reward="embedding", observe="embedding",
                        model=model)  # fmt: skip


def wanted() -> targets.Target:
    film = annealing.mixed(0.5, np.random.default_rng(2), FILM.shape)
    return targets.of_frame(annealing.hold(film, 2.9, 16).gray, FILM, phi=0.5)


def test_the_embedding_is_seen_and_rewarded(env):
    check_env(env, skip_render_check=True)
    _, first = env.reset(seed=0)
    after, reward, *_, info = env.step(HOLD)
    view = EmbeddedView(env.judge.model)
    film, goal = view.look(framing.binarise(env.film.gray)), view.look(env.targets[0].frame)
    apart = float(np.linalg.norm(film.mean[0] - goal.mean[0])) / np.sqrt(2 * view.axes)
    assert info["potential"] == pytest.approx(-apart)
    share = info["step"] / FILM.last_step
    assert reward == pytest.approx(info["potential"] - first["potential"] - 0.05 * share)
    np.testing.assert_allclose(after["target"], embedded.squeezed(goal), rtol=1e-5)


def test_the_ratio_is_the_lowest_until_something_has_separated(env):
    by_ratio = AnnealingEnv([wanted()], annealing=FILM, reward="likelihood-ratio",
                            model=env.judge.model)  # fmt: skip
    _, first = by_ratio.reset(seed=0)
    view = EmbeddedView(env.judge.model, ratio=True)
    assert first["potential"] == view.least_ratio < 0
    for _ in range(FILM.intervals):
        *_, info = by_ratio.step(HOLD)
    assert targets.is_separated(by_ratio.film)
    film, goal = (
        view.look(framing.binarise(by_ratio.film.gray)),
        view.look(by_ratio.targets[0].frame),
    )
    assert info["potential"] == pytest.approx(view.log_ratio(film, goal))


def test_models_and_targets_that_cannot_serve_are_refused(env):
    numbers = targets.of_descriptors({"fraction": 0.5}, FILM)
    with pytest.raises(MorphError, match="of_frame"):
        AnnealingEnv([numbers], annealing=FILM, reward="embedding", model=env.judge.model)
    with pytest.raises(ConfigError, match="need a model"):
        AnnealingEnv([wanted()], annealing=FILM, observe="embedding")
