"""The trajectories whose paths are drawn over the map: searched by name, kept in the link."""

import streamlit as st

from analysis.map_points import MapPoints
from charts.map.layers import MOST_CHOSEN
from ui import links

_LINK = "paths"


def choose(points: MapPoints, dataset_id: int) -> list[int]:
    """Trajectories of the map, in the order in which they were chosen; at most eight."""
    key = f"map_paths_{dataset_id}"
    on_map = set(points.trajectory_ids.tolist())
    names = {each: name for each, name in points.names.items() if each in on_map}
    if key not in st.session_state:
        asked = [each for each in dict.fromkeys(links.ids_param(_LINK)) if each in names]
        st.session_state[key] = asked[:MOST_CHOSEN]
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
    if chosen:
        links.set_params({_LINK: chosen})
    elif links.text_param(_LINK):
        links.drop_params(_LINK)
    return chosen
