"""HDF5 files: each data set of two or three dimensions, as large as a picture, is a trajectory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from morphcore.progress import Progress, part
from morphcore.readers import grayscale
from morphcore.readers.limits import ReadLimits
from morphcore.readers.results import Stack, UnreadableFrame
from morphcore.types import Rejection

_BLOCK_VALUES = 50_000_000  # read at once: chunks may span many frames


def read(
    path: Path, shown: str, progress: Progress, limits: ReadLimits
) -> Iterator[Stack | Rejection]:
    """Read the trajectories of a file; `shown` is its name in rejections.

    phi and chi are taken from attributes of the data set, else of the groups around it.

    Raises:
        UnreadableFrame: if it is no HDF5 file, or holds no such data set.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            names = _names(file)
            if not names:
                raise UnreadableFrame(
                    "It holds no data set of frames; accepted are [height, width] and"
                    " [time, height, width]."
                )
            for number, name in enumerate(names):
                within = part(progress, number / len(names), (number + 1) / len(names))
                try:
                    dataset = file[name]
                    frames = grayscale.grays(_values(dataset, limits), within, limits)
                    yield Stack(
                        frames, part=name if len(names) > 1 else "", params=_params(dataset)
                    )
                except UnreadableFrame as err:
                    yield Rejection(f"{shown}/{name}", str(err))
    except (OSError, RuntimeError, KeyError) as err:
        raise UnreadableFrame("It is not an HDF5 file, or it is cut off or damaged.") from err


def _names(file: Any) -> list[str]:
    import h5py

    names: list[str] = []

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and item.shape and grayscale.is_image_like(item.shape):
            names.append(name)

    file.visititems(visit)  # does not follow links out of the file
    return names


def _values(dataset: Any, limits: ReadLimits) -> grayscale.Values3D:
    if dataset.external or dataset.is_virtual:
        raise UnreadableFrame(
            "Its values lie in other files; accepted are data sets with their values inside."
        )
    shape = tuple(int(side) for side in dataset.shape)
    grayscale.check_shape(shape, limits)

    def frames() -> Iterator[grayscale.Values]:
        try:
            if len(shape) == 2:
                yield np.asarray(dataset[()])
                return
            in_chunk = dataset.chunks[0] if dataset.chunks else 1
            block = max(1, min(in_chunk, _BLOCK_VALUES // (shape[1] * shape[2])))
            for start in range(0, shape[0], block):
                yield from np.asarray(dataset[start : start + block])
        except (OSError, RuntimeError) as err:
            raise UnreadableFrame("Its values are damaged or cut off.") from err

    return grayscale.Values3D(shape, dataset.dtype, frames)


def _params(dataset: Any) -> dict[str, float]:
    params: dict[str, float] = {}
    node = dataset
    while True:
        for name in ("phi", "chi"):
            value = np.asarray(node.attrs.get(name, np.nan))
            if name not in params and value.size == 1 and value.dtype.kind in "iuf":
                number = float(value.reshape(()))
                if np.isfinite(number):
                    params[name] = number
        if node.name == "/":
            return params
        node = node.parent
