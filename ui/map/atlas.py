"""Files that the browser gets once and keeps: a map's points with facts, and thumbnails.

With them it finds the frame under the pointer, draws it and goes from point to point by itself.
"""

from pathlib import Path

import streamlit as st

from analysis.map_points import MapPoints
from ui import media
from ui.cached import maps as cached_maps

_mount = st.components.v2.component(
    "map_thumbnails",
    html="<span></span>",
    js=(
        (Path(__file__).parent / "atlas.js").read_text(encoding="utf-8")
        + "\nexport default ({ data }) => data.urls.forEach(loadThumbnails);"
    ),
)


def points_file(map_id: int, points: MapPoints) -> str:
    """The address of the file of a map's points."""
    attached = int(points.frame_ids[~points.own].sum())
    content = cached_maps.points_file((map_id, len(points), attached), points)
    return media.address(content, f"map_points_{map_id}")


def send_thumbnails(store: Path, datasets: list[tuple[int, int]]) -> None:
    """Have the browser fetch the thumbnails of data sets, given as ids and counts of frames.

    To be called when all else of the page is there: the first time takes seconds.
    """
    urls = [
        media.address(
            cached_maps.thumbnails(store, dataset_id, frames), f"map_thumbnails_{dataset_id}"
        )
        for dataset_id, frames in datasets
    ]
    with st.container(key="map_thumbnails_box"):
        _mount(key="map_thumbnails", data={"urls": urls}, height=1)
