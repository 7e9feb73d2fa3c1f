"""Training speed in frames per second, against the plain way, in one run on the same frames.

Plain: float32 frames kept unpacked in memory (8 times as much as a bit a pixel, times 4), a torch
DataLoader that augments frame by frame in Python (torch.roll, torch.flip) and stacks them. Ours:
packed bits, unpacked and augmented a batch at a time in one gather. The step is the same.

    python -m benchmarks.training [--frames 640] [--batch 64]
"""

import argparse
import time
from collections.abc import Callable, Iterator
from typing import cast

import numpy as np
import torch
from jaxtyping import Float
from scipy.ndimage import gaussian_filter
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from morphcore.config import TrainConfig
from morphcore.frames import PackedFrames
from morphcore.models.base import Model
from morphcore.models.geometry import SIMULATED
from morphcore.training import dataset, devices
from morphcore.training.dataset import FrameDataset
from morphcore.training.state import start
from morphcore.types import FRAME_SHAPE, FRAME_WIDTH

ROUNDS = 3  # ours and plain take turns; the median of each counts


class PlainFrames(Dataset[Tensor]):
    """Frames as floats, augmented one by one."""

    def __init__(self, unpacked: Float[Tensor, "frames 1 100 400"]) -> None:
        self.unpacked = unpacked

    def __len__(self) -> int:
        return len(self.unpacked)

    def __getitem__(self, index: int) -> Float[Tensor, "1 100 400"]:
        frame = self.unpacked[index]
        if torch.rand(()) < 0.5:
            frame = frame.flip(-1)
        return frame.roll(int(torch.randint(0, FRAME_WIDTH, ())), dims=-1)


def main() -> None:
    """Print frames per second of both, with and without the training step, and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--frames", type=int, default=640)
    parser.add_argument("--batch", type=int, default=TrainConfig().batch)
    options = parser.parse_args()
    devices.leave_room_for_the_page()
    device = devices.best_device()
    bits = some_frames(options.frames)
    packed = dataset.on_device(PackedFrames.of(bits), device)
    unpacked = torch.from_numpy(bits.astype(np.float32))[:, None]
    loader = DataLoader(PlainFrames(unpacked), batch_size=options.batch, shuffle=True)

    def ours() -> Iterator[Tensor]:
        return _packed_batches(packed, options.batch)

    def plain() -> Iterator[Tensor]:
        return (cast(Tensor, batch).to(device) for batch in loader)

    print(f"{devices.describe(device)}, {len(bits):,} frames, batches of {options.batch}")
    megabytes = packed.groups[0].packed.nbytes / 1e6, unpacked.nbytes / 1e6
    print("in memory: packed {:.1f} MB, plain {:.1f} MB".format(*megabytes))
    _compare("batches alone", ours, plain, len(bits), lambda x: x)
    state = start(TrainConfig(), device)
    generator = torch.Generator().manual_seed(0)

    def step(x: Tensor) -> None:
        _step(state.model, state.optimiser, x, generator)

    _compare("with the training step", ours, plain, len(bits), step)


def _compare(
    what: str,
    ours: Callable[[], Iterator[Tensor]],
    plain: Callable[[], Iterator[Tensor]],
    count: int,
    use: Callable[[Tensor], object],
) -> None:
    # On a CPU, time of this process: the machine's other work does not count.
    clock = time.perf_counter if torch.cuda.is_available() else time.process_time
    speeds: dict[str, list[float]] = {"ours": [], "plain": []}
    for _ in range(ROUNDS):
        for name, batches in (("ours", ours), ("plain", plain)):
            begun = clock()
            for x in batches():
                use(x)
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            speeds[name].append(count / (clock() - begun))
    fast, slow = np.median(speeds["ours"]), np.median(speeds["plain"])
    print(f"{what}: ours {fast:,.0f}, plain {slow:,.0f} frames/s: ratio {fast / slow:.2f}")


def _packed_batches(data: FrameDataset, batch: int) -> Iterator[Tensor]:
    generator = torch.Generator().manual_seed(0)
    order = torch.randperm(len(data), generator=generator)
    for chosen in torch.split(order, batch):
        yield dataset.training_batch(data, chosen, generator, mirror=True, roll=True)[0]


def _step(
    model: Model, optimiser: torch.optim.Optimizer, x: Tensor, generator: torch.Generator
) -> None:
    terms = model.terms(x, SIMULATED, generator)
    optimiser.zero_grad(set_to_none=True)
    (terms.recon_nats + terms.kl_nats).mean().backward()  # type: ignore[no-untyped-call]
    optimiser.step()


def some_frames(count: int) -> np.ndarray:
    """Binarise smoothed noise at one half: black and white as frames, as hard to compress."""
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((count, *FRAME_SHAPE), dtype=np.float32)
    smooth: np.ndarray = gaussian_filter(noise, (0, 4, 4), mode=("nearest", "nearest", "wrap"))
    return smooth >= 0


if __name__ == "__main__":
    main()
