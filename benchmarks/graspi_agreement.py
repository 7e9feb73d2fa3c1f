"""Our descriptors against GraSPI's published ones: python -m benchmarks.graspi_agreement FOLDER

FOLDER holds texts and `graspi-descriptors/`. Both sides see the same picture: the text in its own
size, electrodes included, walls all around. For each frame ours, theirs and the difference of

ABS_f_D          share of donor: the zeros
STAT_CC_D, _A    components of donor and acceptor, joined over edges and corners
CT_f_conn_D_An   share of donor joined to the anode, of acceptor (A_Ca) to the cathode
DISS_f10_D       share of donor within 10 px of the interface

The last differs by up to .004: we measure in a straight line, GraSPI along paths of pixel steps of
1 and sqrt(2) from the interface. All others agree to the six digits that are published.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from morphcore.descriptors import measure, topology

Measure = Callable[[Bool[np.ndarray, "h w"]], float]

ANODE, CATHODE = -1, 0  # rows: the donor's electrode lies below, where the zeros are
OURS: Mapping[str, Measure] = {
    "ABS_f_D": lambda donor: float(donor.mean()),
    "STAT_CC_D": lambda donor: topology.label(donor, periodic=False)[1],
    "STAT_CC_A": lambda donor: topology.label(~donor, periodic=False)[1],
    "CT_f_conn_D_An": lambda donor: topology.reaching(donor, ANODE, periodic=False),
    "CT_f_conn_A_Ca": lambda donor: topology.reaching(~donor, CATHODE, periodic=False),
    "DISS_f10_D": lambda donor: measure.near_interface(donor, 10.0, periodic=False),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    logs = sorted((folder / "graspi-descriptors").glob("descriptors.*.log"))
    if not logs:
        sys.exit(f"{folder} has no graspi-descriptors/descriptors.*.log")
    largest = dict.fromkeys(OURS, 0.0)
    for log in logs:
        name = log.name.removeprefix("descriptors.").removesuffix(".log")
        theirs = dict(line.split() for line in log.read_text().splitlines() if line.strip())
        donor = _picture(folder / f"{name}.txt")
        cells = []
        for key, ours in OURS.items():
            measured, published = ours(donor), float(theirs[key])
            largest[key] = max(largest[key], abs(measured - published))
            cells.append(f"{key} {measured:.6g} {published:.6g} {measured - published:+.4g}")
        print(name, *cells, sep="  ")
    print(
        "largest difference:", *(f"{key} {value:.4g}" for key, value in largest.items()), sep="  "
    )


def _picture(file: Path) -> Bool[np.ndarray, "h w"]:
    header, _, values = file.read_text().partition("\n")
    width, height = (int(word) for word in header.split()[:2])
    return np.array(values.split(), dtype=np.float64).reshape(height, width) < 0.5


if __name__ == "__main__":
    main()
