"""The frame player: plays a trajectory in the browser at up to 60 frames/s.

A Streamlit component without a build step: `player.js` and `player_curves.js` draw what is sent
once, so that playing, scrubbing and stepping ask nothing of the server. It reports the frame shown
only when it rests.
"""

import base64
import zlib
from dataclasses import asdict
from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import UInt8

from ui import series as over_time
from ui.series import Series

KEY = "frame_player"  # one for all trajectories: another key would tear it down and flicker

_HERE = Path(__file__).parent
_HTML = """
<div class="player" tabindex="0" role="group">
  <div class="screen">
    <canvas width="400" height="100" role="img"></canvas>
    <span class="badge" hidden>not yet separated: one colour everywhere</span>
  </div>
  <input class="scrub" type="range" min="0" step="1" aria-label="Frame">
  <div class="controls"></div>
  <div class="strip" role="group" aria-label="Frames spread evenly over the trajectory"></div>
  <div class="charts"></div>
</div>
"""

_JS = "\n".join(
    (_HERE / each).read_text(encoding="utf-8") for each in ("player.js", "player_curves.js")
)

_mount = st.components.v2.component(
    "frame_player",
    html=_HTML,
    css=(_HERE / "player.css").read_text(encoding="utf-8"),
    js=_JS,
)


def encode(packed: UInt8[np.ndarray, "time 5000"]) -> str:
    """Packed frames as text: each but the first as its difference (XOR) from the one before.

    Frames change little from one to the next, so differences deflate well, even at the fastest
    setting. Raw bytes are deflated in zlib's format and written as base64.
    """
    changes = packed.copy()
    changes[1:] ^= packed[:-1]
    return base64.b64encode(zlib.compress(changes.tobytes(), 1)).decode("ascii")


def show(
    series: Series, packed: UInt8[np.ndarray, "time 5000"], *, name: str, start: int, visit: int
) -> int:
    """Place the player; returns the index of the frame where it rests now.

    Under another `visit` it begins anew at frame `start`; under the same the user's place is kept.
    """
    data = {
        "name": name,
        "visit": visit,
        "bits": encode(packed),
        "start": start,
        "frameIds": series.frame_ids,
        "uniform": series.uniform,
        "counters": over_time.counters(series),
        "strip": [
            {"index": at, "label": over_time.when(series, at)}
            for at in over_time.filmstrip(len(series.time))
        ],
        "time": {
            "label": over_time.time_label(series),
            "values": series.time,
            "linear": asdict(over_time.time_axis(series, log=False)),
            "log": asdict(over_time.time_axis(series, log=True)),
        },
        "curves": [
            asdict(over_time.fraction_curve(series)),
            asdict(over_time.length_curve(series)),
        ],
        "logByDefault": series.log_by_default,
    }
    rest = _mount(key=KEY, data=data, on_rest_change=_nothing).rest
    if not rest or rest["visit"] != visit:  # what it reported was of another trajectory
        return start
    return min(max(int(rest["index"]), 0), len(series.time) - 1)


def is_open() -> bool:
    """Whether the player was on the page in the last run; if not, it will begin anew."""
    return KEY in st.session_state


def _nothing() -> None:
    """Streamlit reports a component's state only where a callback is named."""
