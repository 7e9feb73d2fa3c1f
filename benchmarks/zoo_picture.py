"""The families of the zoo side by side at equal white fraction and L, and their overlap.

Every cell is simulated once. For each pair of f and L the picture shows the binary frame of each
family that comes nearest; printed are the ranges of f and L by family, and the seconds that
simulating took.

    python -m benchmarks.zoo_picture zoo.png
"""

import argparse
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float32, Float64
from PIL import Image, ImageDraw

from morphcore.config import SimulationConfig
from morphcore.descriptors import measure
from morphcore.frames import binarise
from morphcore.simulation import variants
from morphcore.simulation.cells import FAMILIES, ZOO_CELLS, ZOO_FIRST_STEP, ZOO_LAST_STEP, ZooCell
from morphcore.types import FRAME_HEIGHT, FRAME_WIDTH

FRAMES = 25  # a cell
TARGETS = ((0.50, 14.0), (0.57, 14.0), (0.63, 14.0), (0.55, 20.0))  # f, and L in px
ONE_F, ONE_L = 0.01, 0.05  # so much of f is as far off as that share of L
GAP, WORDS = 6, 14  # px: between frames, and the height of a line of words


class SimulatedCell(NamedTuple):
    """A simulated cell: its binary frames, their f and L in px, and the seconds it took."""

    cell: ZooCell
    bits: Bool[np.ndarray, "time 100 400"]
    fraction: Float32[np.ndarray, " time"]
    length: Float32[np.ndarray, " time"]
    seconds: float


def simulate(cell: ZooCell, seed: int) -> SimulatedCell:
    """Simulate one trajectory of a cell with the zoo's steps."""
    config = SimulationConfig(
        phi=cell.phi,
        chi=cell.chi,
        frames=FRAMES,
        first_step=ZOO_FIRST_STEP,
        last_step=ZOO_LAST_STEP,
    )
    began = time.perf_counter()
    bits = binarise(variants.simulate(config, cell, np.random.default_rng(seed)).array)
    seconds = time.perf_counter() - began
    return SimulatedCell(cell, bits, measure.fraction(bits), measure.domain_length(bits), seconds)


def picture(simulated: list[SimulatedCell]) -> Image.Image:
    """Draw frames: a row a family, a column a pair of f and L."""
    row = FRAME_HEIGHT + WORDS + GAP
    sheet = Image.new(
        "L", (len(TARGETS) * (FRAME_WIDTH + GAP) + GAP, WORDS + len(FAMILIES) * row), 200
    )
    draw = ImageDraw.Draw(sheet)
    for column, (fraction, length) in enumerate(TARGETS):
        x = GAP + column * (FRAME_WIDTH + GAP)
        draw.text((x, 1), f"f = {fraction:.2f}, L = {length:.0f} px", fill=0)
        for line, family in enumerate(FAMILIES):
            match, index = nearest(simulated, family, fraction, length)
            y = WORDS + line * row
            f, size = match.fraction[index], match.length[index]
            draw.text((x, y + 1), f"{match.cell.name}: f {f:.3f}, L {size:.1f}", fill=0)
            frame = Image.fromarray(match.bits[index].astype(np.uint8) * 255)
            sheet.paste(frame, (x, y + WORDS))
    return sheet


def nearest(
    simulated: list[SimulatedCell], family: str, fraction: float, length: float
) -> tuple[SimulatedCell, int]:
    """The frame of a family that is nearest in f and L."""
    own = [member for member in simulated if member.cell.family == family]
    away = [
        np.hypot((member.fraction - fraction) / ONE_F, np.log(member.length / length) / ONE_L)
        for member in own
    ]
    best = min(range(len(own)), key=lambda row: float(away[row].min()))
    return own[best], int(away[best].argmin())


def _range(values: Float64[np.ndarray, " frames"], digits: int) -> str:
    low, middle, high = np.percentile(values, [5, 50, 95])
    return f"{low:.{digits}f} to {high:.{digits}f} (median {middle:.{digits}f})"


def main() -> None:
    """Simulate, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, metavar="PNG")
    out: Path = parser.parse_args().out
    simulated = [simulate(cell, seed) for seed, cell in enumerate(ZOO_CELLS)]
    print(f"{'family':14} {'f, 5 to 95 %':34} {'L in px':34} {'L by quarter of log time':28} s")
    for family in FAMILIES:
        own = [member for member in simulated if member.cell.family == family]
        quarters = np.array_split(np.stack([member.length for member in own]), 4, axis=1)
        medians = " ".join(f"{np.median(quarter):6.1f}" for quarter in quarters)
        fractions = np.concatenate([member.fraction for member in own]).astype(np.float64)
        lengths = np.concatenate([member.length for member in own]).astype(np.float64)
        seconds = sum(member.seconds for member in own)
        print(
            f"{family:14} {_range(fractions, 3):34} {_range(lengths, 1):34} {medians:28}"
            f" {seconds:.0f}"
        )
    picture(simulated).save(out)


if __name__ == "__main__":
    main()
