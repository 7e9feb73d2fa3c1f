"""Untrained features of frames: pixels, oriented gradients, an untrained network."""

from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float32, Float64, Int64, UInt8

from morphcore.frames import PackedFrames
from morphcore.scattering.transform import AT_ONCE, FEATURES, scattering
from morphcore.training import data_parallel, devices

HOG_CELLS = (5, 20)  # rows and columns of cells: of 20 px at 100 x 400
CHANNELS = (16, 32, 64)  # of the untrained network, each stage at half the resolution
BATCH = 8  # frames whose stages fit into a processor's cache, or nearly


@dataclass(frozen=True)
class Pixels:
    """Frames of one size as vectors of zeros and ones times `scale`, unpacked when asked for."""

    packed: UInt8[np.ndarray, "frames bytes"]
    scale: Float32[np.ndarray, " pixels"]

    def __len__(self) -> int:
        return len(self.packed)

    def __getitem__(
        self, which: slice | Int64[np.ndarray, " n"], /
    ) -> Float32[np.ndarray, "n pixels"]:
        bits = np.unpackbits(self.packed[which], axis=-1, count=len(self.scale))
        scaled: np.ndarray = np.multiply(bits, self.scale, dtype=np.float32)
        return scaled


def pixels(bits: Bool[np.ndarray, "frames h w"]) -> Float32[np.ndarray, "frames pixels"]:
    """Every pixel, 0 or 1, row by row."""
    return bits.reshape(len(bits), -1).astype(np.float32)


def pixel_deviation(frames: PackedFrames) -> Float64[np.ndarray, " pixels"]:
    """The standard deviation of every pixel over frames."""
    white = np.zeros(frames.pixels)
    for begin in range(0, len(frames), 1024):
        chunk = frames.packed[begin : begin + 1024]
        white += np.unpackbits(chunk, axis=-1, count=frames.pixels).sum(axis=0)
    share = white / len(frames)
    deviation: np.ndarray = np.sqrt(share * (1 - share))
    return deviation


def hog(bits: Bool[np.ndarray, "frames h w"]) -> Float32[np.ndarray, "frames 400"]:
    """Histograms of oriented gradients in 5 x 20 cells, of 20 px at 100 x 400.

    Of a frame of another size, whole cells are taken from its middle.

    Central differences of a binary frame have four directions only (0, 45, 90 and 135 degrees),
    so four bins hold all that the usual nine would. Blocks of cells are not normalised: contrast
    is the same everywhere here, and the amount of edge measures how fine the domains are (with
    blocks, R2 of log L fell from .98 to .66).

    Source: N. Dalal and B. Triggs, Histograms of oriented gradients for human detection, 2005.
    """
    white = bits.astype(np.int8)
    along, across = np.zeros_like(white), np.zeros_like(white)
    along[:, :, 1:-1] = white[:, :, 2:] - white[:, :, :-2]
    across[:, 1:-1] = white[:, 2:] - white[:, :-2]
    product = along * across
    strengths = (
        (along != 0) & (across == 0),
        product > 0,
        (along == 0) & (across != 0),
        product < 0,
    )
    count = len(bits)
    rows, columns = HOG_CELLS
    tall, wide = bits.shape[1] // rows, bits.shape[2] // columns  # px, of a cell
    top, left = (bits.shape[1] - rows * tall) // 2, (bits.shape[2] - columns * wide) // 2
    cells = np.empty((count, rows, columns, len(strengths)), dtype=np.float32)
    for direction, mask in enumerate(strengths):
        length = np.float32(1.0 if direction % 2 == 0 else np.sqrt(2))
        whole = mask[:, top : top + rows * tall, left : left + columns * wide]
        blocks = whole.reshape(count, rows, tall, columns, wide)
        cells[..., direction] = length * blocks.sum(axis=(2, 4))
    return cells.reshape(count, -1)


def scattered(frames: PackedFrames) -> Float32[np.ndarray, "frames 178"]:
    """Wavelet scattering (`morphcore.scattering.transform`), on as many cores as there are."""
    tasks = []
    for periodic, periodic_y in product((True, False), repeat=2):
        rows = np.flatnonzero((frames.periodic == periodic) & (frames.periodic_y == periodic_y))
        tasks += [
            (rows[at : at + AT_ONCE], periodic, periodic_y) for at in range(0, len(rows), AT_ONCE)
        ]

    def measure(task: tuple[Int64[np.ndarray, " chunk"], bool, bool]) -> np.ndarray:
        rows, periodic, periodic_y = task
        return scattering(frames[rows].bits(), periodic=periodic, periodic_y=periodic_y)

    out = np.empty((len(frames), FEATURES), dtype=np.float32)
    done = data_parallel.parallel_map(measure, tasks, count=devices.cores())
    for (rows, _, _), features in zip(tasks, done, strict=True):
        out[rows] = features
    return out


class UntrainedNetwork:
    """Three convolutions with random weights; means and deviations of their outputs over position.

    Periodic along the film, so that it hardly knows where anything is.
    """

    def __init__(self, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        sizes = (1, *CHANNELS)
        self.weights = [
            torch.randn((out, into, 5, 5), generator=generator) * (2 / (into * 25)) ** 0.5
            for into, out in pairwise(sizes)
        ]

    def __call__(self, bits: Bool[np.ndarray, "frames h w"]) -> Float32[np.ndarray, "frames 224"]:
        """The pooled outputs of every stage."""
        parts = [bits[at : at + BATCH] for at in range(0, len(bits), BATCH)]
        return np.concatenate(
            list(data_parallel.parallel_map(self._pooled, parts, count=devices.cores()))
        )

    def _pooled(self, bits: Bool[np.ndarray, "frames h w"]) -> Float32[np.ndarray, "frames 224"]:
        h = torch.from_numpy(bits.astype(np.float32))[:, None] - 0.5  # [frames, 1, h, w]
        pooled = []
        with torch.no_grad():
            for weight in self.weights:
                h = F.pad(h, (2, 2, 0, 0), mode="circular")
                h = F.pad(h, (0, 0, 2, 2), mode="replicate")
                h = F.relu(F.conv2d(h, weight, stride=2))
                mean = h.mean(dim=(2, 3))
                spread = h.square().mean(dim=(2, 3)) - mean.square()  # faster than torch's own
                pooled += [mean, spread.clamp(min=0).sqrt()]
        out: np.ndarray = torch.cat(pooled, dim=1).numpy()
        return out
