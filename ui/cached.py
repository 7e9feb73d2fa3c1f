"""The only caches of the pages: thin wrappers over the store, keyed by what cannot change.

What grows while a job works (a data set's frames, a run's latents) takes the size that it has now
as part of its key, so that a page sees the new rows without asking for the old ones again.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from jaxtyping import Bool, Float, Float32, Float64, Int64, UInt8

from jobs import latent_path as latent_paths
from jobs import latent_space, pair, reconstructions, side_by_side, time_alignment
from jobs import measured as measured_by
from jobs import samples_from_z as samples
from jobs import two_point_space as by_two_point
from jobs.latent_path import LatentPath
from jobs.latent_space import Space
from jobs.measured import Measured
from jobs.pair import Asked, Yardstick
from jobs.reconstructions import Reconstruction
from jobs.samples_from_z import Comparison
from jobs.side_by_side import Answers
from jobs.time_alignment import TimeAlignment
from jobs.two_point_space import TwoPointSpace
from morphcore import frames as framing
from morphcore.config import ProjectionMethod, Schedule, SimulationConfig
from morphcore.types import Descriptors, Latents, Projection, ReconNats, TimeUnit
from morphcore.zoo_config import ZOO_CELLS, ZOO_FIRST_STEP
from store import (
    descriptors,
    evaluations,
    latents,
    projections,
    recon_nats,
    runs,
    trajectories,
)
from store.db import default_path, open_store
from store.runs import Checkpoint
from store.trajectories import FrameTable, TrajectoryInfo

if TYPE_CHECKING:
    from morphcore.density import Contours
    from morphcore.models.base import Model
    from ui.map_chart import Drag
    from ui.map_colour import Colour
    from ui.map_filter import Filters
    from ui.map_layers import Theme
    from ui.map_points import Area, MapPoints

_HOUR = 3600


def store_path() -> Path:
    """The store that this server shows."""
    return default_path()


@st.cache_data(ttl=_HOUR, max_entries=512, show_spinner=False)
def png(store: Path, frame_id: int) -> bytes:
    """A frame's gray picture as a PNG file."""
    with open_store(store) as db:
        return trajectories.png(db, frame_id)


@st.cache_data(ttl=_HOUR, max_entries=512, show_spinner=False)
def gray(store: Path, frame_id: int) -> UInt8[np.ndarray, "100 400"]:
    """A frame's gray picture."""
    with open_store(store) as db:
        return trajectories.frame(db, frame_id)


@st.cache_data(max_entries=512, show_spinner=False)
def time_steps(chi: float, frames: int, schedule: Schedule, last_step: int) -> int:
    """How many time steps simulating a trajectory takes; phi does not matter."""
    from morphcore.simulation import cost  # imports scipy

    return cost(
        SimulationConfig(phi=0.5, chi=chi, frames=frames, schedule=schedule, last_step=last_step)
    )


@st.cache_data(max_entries=512, show_spinner=False)
def zoo_time_steps(place: int, frames: int, schedule: Schedule, last_step: int) -> int:
    """How long simulating the cell at this place of the zoo takes, in time steps."""
    from morphcore import zoo  # imports scipy

    cell = ZOO_CELLS[place]
    config = SimulationConfig(
        phi=cell.phi,
        chi=cell.chi,
        frames=frames,
        schedule=schedule,
        first_step=ZOO_FIRST_STEP,
        last_step=last_step,
    )
    return zoo.cost(config, cell)


@st.cache_data(ttl=_HOUR, max_entries=64, show_spinner=False)
def trajectory_bits(store: Path, trajectory_id: int) -> UInt8[np.ndarray, "time 5000"]:
    """A trajectory's binary frames, packed, in time order."""
    with open_store(store) as db:
        return trajectories.packed_bits(db, trajectories.frame_ids_of(db, trajectory_id))


@st.cache_data(ttl=_HOUR, max_entries=8, show_spinner=False)
def trajectory_list(store: Path, dataset_id: int, frames: int) -> list[TrajectoryInfo]:
    """A data set's trajectories; `frames` is how many frames it has now."""
    with open_store(store) as db:
        return trajectories.trajectories(db, dataset_id)


@st.cache_data(ttl=_HOUR, max_entries=8, show_spinner=False)
def frame_table(store: Path, dataset_id: int, frames: int) -> FrameTable:
    """The facts of a data set's frames; `frames` is how many it has now."""
    with open_store(store) as db:
        return trajectories.frame_table(db, dataset_id)


@st.cache_data(ttl=_HOUR, max_entries=8, show_spinner=False)
def descriptors_of(store: Path, dataset_id: int, frames: int) -> Descriptors:
    """The descriptors of a data set's frames; `frames` is how many it has now."""
    with open_store(store) as db:
        return descriptors.of_dataset(db, dataset_id)


@st.cache_data(ttl=_HOUR, max_entries=8, show_spinner=False)
def held_out(store: Path, run_id: int) -> Int64[np.ndarray, " frames"]:
    """The frames that a run is judged on."""
    with open_store(store) as db:
        return runs.split(db, run_id).held_out


@st.cache_data(ttl=_HOUR, max_entries=8, show_spinner=False)
def map_points(store: Path, projection_id: int) -> Projection:
    """A stored map's points."""
    with open_store(store) as db:
        return projections.points(db, projection_id)


@st.cache_data(ttl=_HOUR, max_entries=4, show_spinner=False)
def latents_of(store: Path, checkpoint_id: int, count: int) -> Latents:
    """A checkpoint's latents; `count` is how many there are now."""
    with open_store(store) as db:
        return latents.of_checkpoint(db, checkpoint_id)


@st.cache_data(ttl=_HOUR, max_entries=4, show_spinner=False)
def nats_of(store: Path, checkpoint_id: int, count: int) -> ReconNats:
    """What frames' reconstructions cost a checkpoint; `count` is for how many that is known now."""
    with open_store(store) as db:
        return recon_nats.of_checkpoint(db, checkpoint_id)


@st.cache_data(ttl=_HOUR, max_entries=8, show_spinner="Comparing neighbourhoods…")
def overlap(
    key: tuple[int, int, int],
    _first: Float[np.ndarray, "frames dims"],
    _second: Float[np.ndarray, "frames others"],
) -> Float32[np.ndarray, " frames"]:
    """How much of each frame's neighbourhood two spaces share; `key`: two maps, and how many."""
    from morphcore import neighbourhoods  # imports scipy

    nearest = [neighbourhoods.nearest_others(each) for each in (_first, _second)]
    shared: np.ndarray = neighbourhoods.jaccard(nearest[0], nearest[1])
    return shared


@st.cache_data(ttl=_HOUR, max_entries=16, show_spinner=False)
def contours(
    projection_id: int, filters: "Filters", _coords: Float32[np.ndarray, "points 2"]
) -> "Contours":
    """Lines of equal density of the points of a map that its filters leave."""
    from morphcore import density  # imports scipy

    return density.contours(_coords)


@st.cache_data(ttl=_HOUR, max_entries=32, show_spinner=False)
def map_spec(
    _points: "MapPoints",
    _colour: "Colour",
    key: tuple[int, int, str, int],
    *,
    method: ProjectionMethod,
    drag: "Drag",
    theme: "Theme",
    frame_id: int | None,
    zoom: "Area | None",
    area: "Area | None",
    empty_places: bool,
    contours: bool,
) -> dict[str, Any]:
    """A map's chart without its rows: Altair takes longer to build it than a click may take.

    `key` is the map, how many points it has, its colouring and how much of that is known.
    """
    from ui import map_chart  # with Altair, which no other page needs

    return map_chart.spec(
        _points,
        method=method,
        colour=_colour,
        drag=drag,
        theme=theme,
        frame_id=frame_id,
        zoom=zoom,
        area=area,
        empty_places=empty_places,
        contours=contours,
    )


@st.cache_data(ttl=_HOUR, max_entries=4, show_spinner=False)
def space(store: Path, run_id: int, checkpoint_id: int, count: int) -> Space:
    """What queries of a run are answered from; `count` is how many latents there are now."""
    return latent_space.space(store, run_id)


def place(store: Path, space: Space, asked: Asked) -> Latents:
    """A frame's posterior; that of a frame that is not stored is kept by its pixels.

    Raises:
        JobError: if the model is needed and missing, or the frame is one colour everywhere.
    """
    known = None if asked.frame_id is None else latent_space.stored(space, asked.frame_id)
    if known is not None:
        return known
    file = latent_space.checkpoint_file(store, space.checkpoint)
    return _posterior(file, space.checkpoint.sha256, framing.pack(asked.bits))


@st.cache_data(ttl=_HOUR, max_entries=64, show_spinner=False)
def _posterior(file: Path, sha256: str, packed: UInt8[np.ndarray, " 5000"]) -> Latents:
    return latent_space.posterior(model(file, sha256), framing.unpack(packed))


def yardstick(store: Path, space: Space) -> Yardstick:
    """What differences are measured by; anew when the run was judged again."""
    with open_store(store) as db:
        found = evaluations.newest_whole(db, space.checkpoint.id)
    judged = 0 if found is None else found.id
    return _yardstick(space, store, space.checkpoint.id, len(space.uniform), judged)


@st.cache_data(ttl=_HOUR, max_entries=8, show_spinner=False)
def _yardstick(
    _space: Space, store: Path, checkpoint_id: int, count: int, judged: int
) -> Yardstick:
    return pair.yardstick(store, _space)


def measured(store: Path, space: Space, names: tuple[str, ...]) -> Measured:
    """A run's frames by some of their descriptors."""
    return _measured(space, store, space.run.dataset_id, len(space.uniform), names)


@st.cache_data(ttl=_HOUR, max_entries=8, show_spinner=False)
def _measured(
    _space: Space, store: Path, dataset_id: int, count: int, names: tuple[str, ...]
) -> Measured:
    return measured_by.measured(store, _space, names)


def two_point_space(store: Path, space: Space) -> TwoPointSpace:
    """A run's frames by their two-point statistics; seconds, the first time."""
    return _two_point_space(space, store, space.run.id, space.checkpoint.id, len(space.uniform))


@st.cache_data(max_entries=4, show_spinner=False)
def _two_point_space(
    _space: Space, store: Path, run_id: int, checkpoint_id: int, count: int
) -> TwoPointSpace:
    return by_two_point.two_point_space(store, _space)


@st.cache_data(ttl=_HOUR, max_entries=256, show_spinner=False)
def decoded(
    file: Path, sha256: str, z: Float32[np.ndarray, " latent"], seed: int
) -> Float32[np.ndarray, "100 400"]:
    """The probability of white, pixel by pixel, at a place in a model's latent space."""
    of = model(file, sha256)
    from morphcore import encoding  # with torch, which the model has brought

    picture: np.ndarray = encoding.decode(of, z[None].astype(np.float32), seed=seed)[0]
    return picture


@st.cache_data(ttl=_HOUR, max_entries=64, show_spinner=False)
def given_back(
    file: Path, sha256: str, packed: UInt8[np.ndarray, " 5000"]
) -> Float32[np.ndarray, "100 400"]:
    """The probability of white, pixel by pixel, of a frame as a model gives it back."""
    of = model(file, sha256)
    from morphcore import encoding  # with torch, which the model has brought

    picture: np.ndarray = encoding.reconstruct(of, packed[None])[0]
    return picture


@st.cache_data(ttl=_HOUR, max_entries=8, show_spinner="Decoding 48 held-out frames…")
def samples_from_z(_space: Space, store: Path, checkpoint_id: int, seed: int) -> Comparison:
    """Held-out frames beside samples decoded from their z."""
    of = model(latent_space.checkpoint_file(store, _space.checkpoint), _space.checkpoint.sha256)
    return samples.compare(store, _space, of, seed=seed)


def latent_path(store: Path, space: Space, trajectory_id: int, time_unit: TimeUnit) -> LatentPath:
    """A trajectory's way through a run's latent space, with its speed."""
    count = len(space.uniform)
    return _latent_path(space, store, space.checkpoint.id, count, trajectory_id, time_unit)


@st.cache_data(ttl=_HOUR, max_entries=64, show_spinner=False)
def _latent_path(
    _space: Space,
    store: Path,
    checkpoint_id: int,
    count: int,
    trajectory_id: int,
    time_unit: TimeUnit,
) -> LatentPath:
    return latent_paths.of_trajectory(_space, trajectory_id, time_unit)


def aligned(store: Path, space: Space, a: int, b: int) -> TimeAlignment | None:
    """Two trajectories aligned by a run's latents; None where one has no separated frame."""
    same_within = yardstick(store, space).same_within
    return _aligned(space, store, space.checkpoint.id, len(space.uniform), a, b, same_within)


@st.cache_data(ttl=_HOUR, max_entries=32, show_spinner=False)
def _aligned(
    _space: Space,
    store: Path,
    checkpoint_id: int,
    count: int,
    a: int,
    b: int,
    same_within: float,
) -> TimeAlignment | None:
    return time_alignment.align(_space, a, b, same_within=same_within)


@st.cache_data(ttl=_HOUR, max_entries=128, show_spinner=False)
def two_point(
    bits: Bool[np.ndarray, "100 400"], periodic: bool
) -> Float64[np.ndarray, "rows columns"]:
    """A frame's two-point covariance at all lags up to 80 px."""
    from morphcore.two_point import covariance  # imports scipy

    whole: np.ndarray = covariance(bits[None], periodic=periodic)[0]
    return whole


@st.cache_data(ttl=_HOUR, max_entries=32, show_spinner=False)
def answers(store: Path, run_id: int, checkpoint_id: int, count: int, seed: int) -> list[Answers]:
    """Random queries with their neighbours by embedding; `count` is how many latents there are."""
    return side_by_side.answers(store, run_id, seed=seed)


@st.cache_data(ttl=_HOUR, max_entries=16, show_spinner="Reconstructing…")
def reconstructed(
    store: Path, run_id: int, checkpoint: Checkpoint, seed: int
) -> list[Reconstruction]:
    """The best, the middle and the worst of some held-out frames, as the model gives them back."""
    of = model(latent_space.checkpoint_file(store, checkpoint), checkpoint.sha256)
    return reconstructions.reconstructions(store, run_id, of, seed=seed)


@st.cache_resource(ttl=_HOUR, max_entries=2, show_spinner="Loading the model…")
def model(file: Path, sha256: str) -> "Model":
    """The model of a checkpoint. The first one takes seconds: torch is loaded with it."""
    return latent_space.load_model(file, sha256)
