"""Cached maps: points, chart specs, overlaps and density contours."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from jaxtyping import Bool, Float, Float32

from analysis import map_file
from analysis import thumbnails as thumbnail_file
from morphcore.types import Latents, Projection
from store import projections
from store.db import open_store

if TYPE_CHECKING:
    import pandas as pd

    from analysis.map_filters import Filters
    from analysis.map_points import MapPoints
    from charts.palette import Theme
    from morphcore.embedding.density_contours import ContourSegments
    from store.attached import Attachment
from ui.cached.rows import HOUR, frame_table


@st.cache_data(ttl=HOUR, max_entries=8, show_spinner=False)
def map_points(store: Path, projection_id: int) -> Projection:
    """A stored map's points."""
    with open_store(store) as db:
        return projections.points(db, projection_id)


@st.cache_data(ttl=HOUR, max_entries=16, show_spinner="Placing frames on the map…")
def placed(
    projection_id: int,
    attachment: "Attachment",
    _means: Float32[np.ndarray, "frames latent"],
    _latents: Latents,
    _projection: Projection,
) -> Float32[np.ndarray, "frames 2"]:
    """The positions of an attached data set's frames on a map, as by `place_on_map`."""
    from morphcore.embedding import out_of_sample

    return out_of_sample.place_all(_means, _latents, _projection)


@st.cache_data(ttl=HOUR, max_entries=8, show_spinner="Comparing neighbourhoods…")
def overlap(
    key: tuple[int, int, int],
    _first: Float[np.ndarray, "frames dims"],
    _second: Float[np.ndarray, "frames others"],
) -> Float32[np.ndarray, " frames"]:
    """The overlap of each frame's neighbourhoods in two spaces; `key`: two maps, and how many."""
    from morphcore.embedding import neighbourhood_overlap

    return neighbourhood_overlap.overlap(_first, _second)


@st.cache_data(ttl=HOUR, max_entries=16, show_spinner=False)
def contours(
    projection_id: int, filters: "Filters", _coords: Float32[np.ndarray, "points 2"]
) -> "ContourSegments":
    """Lines of equal density of the points of a map that its filters leave."""
    from morphcore.embedding import density_contours  # imports scipy

    return density_contours.contours(_coords)


@st.cache_data(ttl=HOUR, max_entries=16, show_spinner=False)
def map_spec(_points: "MapPoints", key: tuple[int, int, int], *, theme: "Theme") -> dict[str, Any]:
    """A map's chart without its rows: building it by Altair takes longer than a click may.

    `key` is the map, how many points it has, and the sum of the ids of frames of other data sets.
    """
    from charts.map import spec  # with Altair, which no other page needs

    return spec.spec(_points, theme=theme)


@st.cache_data(ttl=HOUR, max_entries=16, show_spinner=False)
def map_rows(
    _points: "MapPoints", _shown: Bool[np.ndarray, " points"], key: tuple[int, int, int, int]
) -> "pd.DataFrame":
    """The rows of a map's chart; `key` as that of `map_spec`, and a checksum of what is shown."""
    from analysis.map_points import subset
    from charts.map import rows

    return rows.rows(subset(_points, _shown), np.flatnonzero(_shown))


@st.cache_data(ttl=HOUR, max_entries=8, show_spinner=False)
def points_file(key: tuple[int, int, int], _points: "MapPoints") -> bytes:
    """A map's points as a file for the browser; `key` as that of `map_spec`."""
    return map_file.encode(_points)


@st.cache_data(ttl=HOUR, max_entries=4, show_spinner=False)
def thumbnails(store: Path, dataset_id: int, frames: int) -> bytes:
    """The thumbnails of a data set as a file for the browser; `frames` is its present number."""
    ids = frame_table(store, dataset_id, frames).frame_ids
    with open_store(store) as db:
        return thumbnail_file.load(db, ids)
