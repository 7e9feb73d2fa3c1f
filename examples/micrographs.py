"""python examples/micrographs.py FOLDER STORE: which simulated films are my micrographs like?"""

import math
import sys
from pathlib import Path

import morph

pictures = sorted(Path(sys.argv[1]).glob("*.png"))
model = morph.Store(sys.argv[2]).model()
films = model.latents().groupby("trajectory")[["phi", "chi"]].first()
for picture in pictures:
    near = model.nearest(picture, k=1).matches[0]
    phi, chi = films.loc[near.trajectory]
    print(f"{picture.name}: phi {phi:.2f}, chi {chi:.1f}, step {near.time:,}")
result = model.compare(pictures[0], pictures[-1])
print(f"The first and the last are {result.distance:.2f} apart.")
if ratio := result.ratio:
    low, likely, high = (math.exp(each) for each in (ratio.low, ratio.value, ratio.high))
    print(f"One process is {likely:.2g} times as probable ({low:.2g} to {high:.2g}).")
