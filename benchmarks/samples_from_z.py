"""Samples decoded from z alone against their frames, beside twins and random frames.

    python -m benchmarks.samples_from_z data/morph.sqlite 1

Printed are medians over held-out frames of |delta f|, |delta ln L| and the two-point error, and how
much farther off a sample is than a twin (another realisation of the same physics at that time).
"""

import argparse
from pathlib import Path

from analysis import latent_space, prior_samples
from store import checkpoint_files


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("run", type=int)
    parser.add_argument("--frames", type=int, default=200)
    options = parser.parse_args()
    space = latent_space.load_latent_space(options.store, options.run)
    file = checkpoint_files.path_of(options.store, space.checkpoint)
    model = latent_space.load_model(file, space.checkpoint.sha256)
    result = prior_samples.compare(options.store, space, model, seed=0, frames=options.frames)
    print(f"{result.frames} held-out frames   |df|    |dlnL|  two-point error")
    rows = {"samples from z": result.samples, "twins": result.twins, "random frames": result.random}
    for name, errors in rows.items():
        if errors is not None:
            figures = (errors.abs_fraction, errors.abs_log_length, errors.two_point_error)
            print(f"{name:18}", *(f"{figure:10.4f}" for figure in figures))
    if result.twins is not None:
        ratio = result.samples.two_point_error / result.twins.two_point_error
        print(f"two-point error of samples over that of twins: {ratio:.2f}")


if __name__ == "__main__":
    main()
