"""Picker of the trajectories whose paths are drawn over the map, in the link as `?paths=ID,ID`."""

import streamlit as st

from analysis.map_points import MapPoints
from charts.map.layers import MOST_CHOSEN
from ui import links

_LINK = "paths"


def choose(points: MapPoints, dataset_id: int) -> list[int]:
    """Choose trajectories of the map, at most eight; their ids in the order of choice."""
    key = f"map_paths_{dataset_id}"
    on_map = set(points.trajectory_ids.tolist())
    names = {
        trajectory_id: name
        for trajectory_id, name in points.names.items()
        if trajectory_id in on_map
    }
    if key not in st.session_state or links.went_back():
        linked = [id_ for id_ in dict.fromkeys(links.ids_param(_LINK)) if id_ in names]
        st.session_state[key] = linked[:MOST_CHOSEN]
    st.session_state[key] = [id_ for id_ in st.session_state[key] if id_ in names]
    count = len(st.session_state[key])
    with st.popover(f"Paths ({count})" if count else "Paths", icon=":material/timeline:"):
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
    if chosen:
        links.set_params({_LINK: chosen})
    elif links.text_param(_LINK):
        links.drop_params(_LINK)
    return chosen
