"""Time slider of the map: moves the trajectories' heads and plays, in the browser alone.

A Streamlit component without a build step, which sets the charts' signal `now`.
"""

from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import Float64

from morphcore.frames import evenly
from morphcore.types import TimeUnit

KEY = "map_time"
CHARTS = ".st-key-map_charts"  # the container of the charts that get the signals
MOMENTS = 400  # more of them than this are thinned out

_HERE = Path(__file__).parent
_HTML = """
<div class="time" role="group" aria-label="Time: the newest frame of each trajectory">
  <button class="play"></button>
  <input type="range" min="0" step="1" value="0" aria-label="Time">
  <output></output>
  <button class="off" aria-label="No time" title="Show all frames alike again" hidden></button>
  <select aria-label="Speed" title="Moments a second"></select>
</div>
"""

_mount = st.components.v2.component(
    "map_time",
    html=_HTML,
    css=(_HERE / "time_slider.css").read_text(encoding="utf-8"),
    js=(_HERE / "time_slider.js").read_text(encoding="utf-8"),
)


def moments(times: Float64[np.ndarray, " points"]) -> list[float]:
    """The known distinct times, rising; of more than `MOMENTS`, evenly spaced ones."""
    distinct = np.unique(times[np.isfinite(times)])
    spaced: list[float] = distinct[evenly(len(distinct), MOMENTS, ends=True)].tolist()
    return spaced


def show(times: list[float], *, time_unit: TimeUnit) -> None:
    """Show the slider under the charts."""
    _mount(key=KEY, data={"times": times, "unit": time_unit, "charts": CHARTS}, height=44)
