"""Tightness of the bound: python -m benchmarks.bound --store PATH --run R

For some held-out frames, evenly spaced: -ELBO as it is reported, and the importance-weighted
estimate of -log p(x) from ever more draws, which is a bound, too, and tighter. Prints nats per
frame, and the ratio of the tightest to the reported one: it is at most 1 where -ELBO is a bound.
"""

import argparse
import json
from pathlib import Path

import torch

from benchmarks.trained import model_and_frames
from morphcore.models.elbo import iwae_bound
from morphcore.training import dataset

DRAWS = (1, 4, 16, 64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--run", type=int, required=True)
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    run, model, packed = model_and_frames(options.store, options.run, "held_out", options.frames)
    (batch,) = dataset.on_device(packed, torch.device("cpu")).groups
    x, geometry = dataset.model_input(batch), batch.geometry
    generator = torch.Generator().manual_seed(options.seed)
    with torch.no_grad():
        reported = sum(term.mean().item() for term in model.terms(x, geometry, generator))
        drawn = torch.stack(
            [model.neg_log_weight(x, geometry, generator) for _ in range(max(DRAWS))]
        )
    estimates = {str(k): iwae_bound(drawn[:k]).mean().item() for k in DRAWS}
    print(
        json.dumps(
            {
                "run": run.name,
                "frames": options.frames,
                "neg_elbo_nats": round(reported, 1),
                "importance_weighted_nats_by_draws": {k: round(v, 1) for k, v in estimates.items()},
                "ratio": round(estimates[str(max(DRAWS))] / reported, 4),
            }
        )
    )


if __name__ == "__main__":
    main()
