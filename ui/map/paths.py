"""The trajectories whose paths are drawn over the map: searched by name, kept in the link."""

import streamlit as st

from analysis.map_points import MapPoints
from charts.map.layers import MOST_CHOSEN

_LINK = "paths"


def choose(points: MapPoints, dataset_id: int) -> list[int]:
    """Trajectories of the map, in the order in which they were chosen; at most eight."""
    key = f"map_paths_{dataset_id}"
    on_map = set(points.trajectory_ids.tolist())
    names = {each: name for each, name in points.names.items() if each in on_map}
    if key not in st.session_state:
        st.session_state[key] = _asked(names)
    st.session_state[key] = [each for each in st.session_state[key] if each in names]
    chosen = st.multiselect(
        "Paths",
        list(names),
        format_func=names.__getitem__,
        max_selections=MOST_CHOSEN,
        placeholder="Find a trajectory by name",
        key=key,
        persist_state="session",
        help="Each chosen trajectory is drawn as a line with arrows in the direction of time.",
    )
    wanted = ",".join(map(str, chosen))
    if st.query_params.get(_LINK, "") != wanted:
        if wanted:
            st.query_params[_LINK] = wanted
        else:
            st.query_params.pop(_LINK, None)
    return chosen


def _asked(names: dict[int, str]) -> list[int]:
    """The link's trajectories, those that the map has."""
    parts = st.query_params.get(_LINK, "").split(",")
    ids = [int(each) for each in parts if each.isascii() and each.isdigit() and len(each) < 18]
    return [each for each in dict.fromkeys(ids) if each in names][:MOST_CHOSEN]
