"""What the line of separation leaves out: python -m benchmarks.contrast --store PATH --dataset NAME

By chi: frames, those of two colours (which once counted as separated), those whose contrast
is at least each of some lines; and, by contrast, how far the area fraction of the binary frames is
from the lever rule's (median over frames of phi > 0.5): what the line is reasoned from.
"""

import argparse
import json
from itertools import pairwise
from pathlib import Path

import numpy as np

from morphcore.descriptors.contrast import SEPARATED_FROM, binodal
from store import datasets, descriptors, trajectories
from store.db import open_store

LINES = (0.15, 0.3, 0.5, SEPARATED_FROM, 0.7)
BINS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--dataset", required=True)
    options = parser.parse_args()
    with open_store(options.store) as db:
        dataset = datasets.dataset(db, options.dataset)
        table = trajectories.frame_table(db, dataset.id)
        measured = descriptors.of_dataset(db, dataset.id)
        infos = {info.id: info for info in trajectories.trajectories(db, dataset.id)}
    owners = [infos[owner] for owner in table.trajectory_ids.tolist()]
    chi = np.array([np.nan if info.chi is None else info.chi for info in owners])
    phi = np.array([np.nan if info.phi is None else info.phi for info in owners])
    two_colours = (measured.fraction > 0) & (measured.fraction < 1)
    by_chi = {}
    for value in np.unique(chi[np.isfinite(chi)]).tolist():
        own = chi == value
        by_chi[f"{value:g}"] = {
            "frames": int(own.sum()),
            "two colours": int((own & two_colours).sum()),
            **{f"from {line:g}": int((own & (measured.contrast >= line)).sum()) for line in LINES},
        }
    m = np.array([binodal(value) if np.isfinite(value) else np.nan for value in chi])
    f = np.clip(0.5 + (phi - 0.5) / np.where(m > 0, m, np.nan), 0, 1)
    apart = np.abs(measured.fraction - f)
    off = {}
    for low, high in pairwise(BINS):
        own = two_colours & (measured.contrast >= low) & (measured.contrast < high)
        own &= (phi > 0.5) & np.isfinite(apart)
        if own.any():
            off[f"{low:g} to {high:g}"] = round(float(np.median(apart[own])), 3)
    answer = {
        "frames": len(chi),
        "two colours": int(two_colours.sum()),
        "separated": int((~table.unseparated).sum()),
        "by chi": by_chi,
        "area fraction off the lever rule": off,
    }
    print(json.dumps(answer, indent=2))


if __name__ == "__main__":
    main()
