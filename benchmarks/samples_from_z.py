"""Samples decoded from z alone against their frames, beside twins and random frames.

    python -m benchmarks.samples_from_z data/morph.sqlite 1

Printed are medians over held-out frames of |delta f|, |delta ln L| and the two-point error, and how
much farther off a sample is than a twin (another realisation of the same physics at that time).
"""

import argparse
from pathlib import Path

from analysis import latent_space, prior_samples


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("store", type=Path)
    options.add_argument("run", type=int)
    options.add_argument("--frames", type=int, default=200)
    given = options.parse_args()
    space = latent_space.load_latent_space(given.store, given.run)
    file = latent_space.checkpoint_file(given.store, space.checkpoint)
    model = latent_space.load_model(file, space.checkpoint.sha256)
    found = prior_samples.compare(given.store, space, model, seed=0, frames=given.frames)
    print(f"{found.frames} held-out frames   |df|    |dlnL|  two-point error")
    rows = {"samples from z": found.samples, "twins": found.twins, "random frames": found.random}
    for name, each in rows.items():
        if each is not None:
            figures = (each.abs_fraction, each.abs_log_length, each.two_point_error)
            print(f"{name:18}", *(f"{figure:10.4f}" for figure in figures))
    if found.twins is not None:
        ratio = found.samples.two_point_error / found.twins.two_point_error
        print(f"two-point error of samples over that of twins: {ratio:.2f}")


if __name__ == "__main__":
    main()
