"""A stored trajectory's movie and filmstrip, for the page and for the command line."""

from collections.abc import Sequence
from pathlib import Path

from sqlite_utils import Database

from exports import movie
from exports.movie import Kind
from morphcore import times
from morphcore.errors import MorphError
from morphcore.frames import evenly
from morphcore.types import GrayFrame
from store import datasets, trajectories
from store.db import open_store
from store.trajectories import TrajectoryInfo

STRIP = 6  # frames where none are chosen


def movie_of(store: Path, trajectory_id: int, *, kind: Kind, rate: int) -> bytes:
    """Encode all frames of a trajectory, or 300 of them, as a movie file."""
    with open_store(store) as db:
        count = len(trajectories.frame_ids_of(db, trajectory_id))
        frames, words = _frames(
            db, trajectory_id, evenly(count, movie.MOST_FRAMES, ends=True).tolist()
        )
    return movie.movie(frames, words, kind=kind, rate=rate)


def strip_of(store: Path, trajectory_id: int, indices: Sequence[int]) -> bytes:
    """Draw the frames at these indices of a trajectory, from 0, as one PNG file, in time order."""
    with open_store(store) as db:
        return movie.filmstrip(*_frames(db, trajectory_id, sorted(set(indices))))


def render(
    store: Path,
    what: str,
    suffix: str,
    *,
    dataset: str | None,
    trajectory: str | None,
    rate: int = 20,
    frames: str | None = None,
) -> tuple[bytes, int]:
    """Render the file of `export --what movie|strip` with this suffix; its bytes and frame count.

    Raises:
        MorphError: if something is missing or does not fit.
    """
    if dataset is None or trajectory is None:
        raise MorphError(
            f"A {what} is of one trajectory; say which with --dataset NAME --trajectory NAME."
        )
    with open_store(store) as db:
        infos = trajectories.trajectories(db, datasets.dataset(db, dataset).id)
    info = next((candidate for candidate in infos if candidate.name == trajectory), None)
    if info is None:
        raise MorphError(f"{dataset} has no trajectory named {trajectory!r}.")
    if what == "movie":
        kind: Kind
        if suffix == ".mp4":
            kind = "mp4"
        elif suffix == ".gif":
            kind = "gif"
        else:
            raise MorphError("A movie's file ends in .mp4 or .gif.")
        if rate not in movie.RATES:
            raise MorphError(f"--rate is one of {', '.join(map(str, movie.RATES))} frames/s.")
        made = movie_of(store, info.id, kind=kind, rate=rate)
        return made, min(info.frame_count, movie.MOST_FRAMES)
    if suffix != ".png":
        raise MorphError("A filmstrip's file ends in .png.")
    indices = _parse_indices(frames, info)
    return strip_of(store, info.id, indices), len(indices)


def _parse_indices(text: str | None, info: TrajectoryInfo) -> list[int]:
    if text is None:
        chosen: list[int] = evenly(info.frame_count, STRIP, ends=True).tolist()
        return chosen
    try:
        indices = sorted({int(part) for part in text.split(",")})
    except ValueError:
        raise MorphError("--frames are indices from 0, like 0,20,254.") from None
    if indices[0] < 0 or indices[-1] >= info.frame_count:
        raise MorphError(f"{info.name} has frames 0 to {info.frame_count - 1}.")
    if len(indices) > movie.MOST_IN_STRIP:
        raise MorphError(f"A filmstrip has at most {movie.MOST_IN_STRIP} frames.")
    return indices


def _frames(
    db: Database, trajectory_id: int, indices: Sequence[int]
) -> tuple[list[GrayFrame], list[str]]:
    """Gray frames and the caption of each."""
    ids = trajectories.frame_ids_of(db, trajectory_id)
    infos = [trajectories.frame_info(db, int(ids[index])) for index in indices]
    words = [times.when(info.time, info.trajectory.time_unit) for info in infos]
    return [trajectories.frame(db, info.frame_id) for info in infos], words
