"""python examples/annealing.py FOLDER [EPISODES]: anneal a film towards a frame, and picture it."""

import sys
from pathlib import Path

import numpy as np

from morph.annealing import picture, plans, targets
from morph.annealing.environment import AnnealingEnv
from morph.annealing.schedule import Annealing

folder, episodes = Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 100
film = Annealing(shape=(64, 128), intervals=10, first_step=8, last_step=60)
wanted = targets.random_target(np.random.default_rng(2), film)
env = AnnealingEnv([wanted], annealing=film, render_mode="rgb_array")
plan = plans.cross_entropy(env, 0, episodes=episodes, seed=0, population=(episodes - 4) // 4)
episode = plans.play(env, plan, seed=1)
picture.write_film(folder / "annealing.gif", episode.pictures)
picture.write_strip(folder / "annealing.png", episode.films[1:], wanted.frame, episode.words[1:])
print(f"From {episode.infos[0]['distance']:.2f} to {episode.last['distance']:.2f}.")
