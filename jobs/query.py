"""What a page and the command line ask of an indexed run: the nearest frames; how near two are.

No queued job: an answer takes milliseconds once the model is loaded, and a stored frame's needs no
model at all, since its latents are stored.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from jobs.context import JobError
from jobs.latent_space import (
    CONSTANT,
    Space,
    checkpoint_file,
    encode,
    load_model,
    neighbours,
    space,
    stored_mean,
    table,
)
from morphcore import frames as framing
from morphcore import similarity
from morphcore.types import BinaryFrame, Descriptors
from store import descriptors, trajectories
from store.db import open_store

STORED = "frame:"  # what a target begins with that is no file


@dataclass(frozen=True)
class _Target:
    """A frame that is asked about: a stored one has an id, a file has none."""

    bits: BinaryFrame
    frame_id: int | None


def query(
    store: Path,
    run_id: int,
    target: str,
    k: int,
    *,
    same_trajectory: bool = False,
    one_per_trajectory: bool = False,
) -> list[dict[str, Any]]:
    """The `k` stored frames of a run's data set that are nearest to a file or to `frame:ID`.

    Raises:
        JobError: if the run is not indexed, or the target is no frame or one colour everywhere.
        UnknownRun, UnknownFrame: if there is none of that number.
    """
    if k < 1:
        raise JobError(f"k is {k}; accepted is 1 or more")
    asked, where = _target(store, target), space(store, run_id)
    found = neighbours(
        where,
        _mean(store, where, asked),
        k,
        frame_id=asked.frame_id,
        same_trajectory=same_trajectory,
        one_per_trajectory=one_per_trajectory,
    )
    return table(where, found)


def compare(store: Path, run_id: int, a: str, b: str) -> dict[str, Any]:
    """How near two frames (files or `frame:ID`) are to a run's model, and in what they differ.

    `delta_sigma` is b - a in standard deviations over the separated frames of the run's data set,
    on the scale of `descriptors.standard_set`: lengths as logarithms, for instance;
    a file's domain length leaves out the seam between its last and first column.

    Raises:
        JobError: if the run is not indexed, or one is no frame or one colour everywhere.
        UnknownRun, UnknownFrame: if there is none of that number.
    """
    where = space(store, run_id)
    both = [_target(store, each) for each in (a, b)]
    first, second = (_mean(store, where, each) for each in both)
    distance = float(np.linalg.norm(first - second))
    from morphcore.descriptors import DESCRIPTOR_NAMES, standard_set

    with open_store(store) as db:
        known = descriptors.of_dataset(db, where.run.dataset_id)
    separated = np.isin(known.frame_ids, where.latents.frame_ids[~where.uniform])
    sigmas = np.nanstd(standard_set(known)[separated], axis=0)
    of_a, of_b = (_measured(store, each) for each in both)
    deltas = (standard_set(of_b) - standard_set(of_a))[0]
    compared = {}
    for name, sigma, delta in zip(DESCRIPTOR_NAMES, sigmas, deltas, strict=True):
        one, other = (float(getattr(each, name)[0]) for each in (of_a, of_b))
        in_sigmas = float(delta / sigma) if sigma > 0 else None
        compared[name] = {"a": one, "b": other, "delta_sigma": in_sigmas}
    return {
        "distance": distance,
        "percentile": similarity.percentile(distance, where.pairs),
        "descriptors": compared,
    }


def _target(store: Path, target: str) -> _Target:
    if target.startswith(STORED):
        number = target.removeprefix(STORED)
        if not number.isdecimal():
            raise JobError(
                f"{target!r} names no frame; accepted is frame:17 or the like, or a file."
            )
        with open_store(store) as db:
            packed = trajectories.packed_bits(db, np.array([int(number)], dtype=np.int64))
        asked = _Target(framing.unpack(packed[0]), int(number))
    else:
        from morphcore.readers.found import ImportPathError, UnreadableFrame
        from morphcore.readers.read import frame_file

        file = Path(target)
        try:
            asked = _Target(framing.binarise(frame_file(file, file.name)), None)
        except ImportPathError as err:
            raise JobError(f"{err} Accepted is a file, or a stored frame as frame:17.") from err
        except UnreadableFrame as err:
            raise JobError(f"{target} cannot be read. {err}") from err
    if framing.is_uniform(asked.bits):
        raise JobError(f"{target}: {CONSTANT[0].lower()}{CONSTANT[1:]}")
    return asked


def _mean(store: Path, space: Space, asked: _Target) -> Float32[np.ndarray, " latent"]:
    """From the store where it is there, else with the model."""
    stored = None if asked.frame_id is None else stored_mean(space, asked.frame_id)
    if stored is not None:
        return stored
    file = checkpoint_file(store, space.checkpoint)
    return encode(load_model(file, space.checkpoint.sha256), asked.bits)


def _measured(store: Path, asked: _Target) -> Descriptors:
    from morphcore.descriptors import measure

    periodic = False
    if asked.frame_id is not None:
        with open_store(store) as db:
            periodic = trajectories.frame_info(db, asked.frame_id).trajectory.periodic
    return measure(np.array([0], dtype=np.int64), asked.bits[None], periodic=periodic)
