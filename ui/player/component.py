"""The frame player: plays one film or several together in the browser, at up to 60 frames/s.

A Streamlit component without a build step: `player*.js` draw what is sent once, so that playing,
scrubbing and stepping ask nothing of the server. It reports what is shown only when it rests.
"""

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import UInt8

from analysis import series as trajectory_series
from analysis.playback_sync import PlaybackSync
from analysis.series import Series
from charts.trajectory import Chart
from morphcore.frames import evenly

# One for all trajectories, one for several together: another key would tear it down and flicker.
ONE, SEVERAL = "frame_player", "frame_player_together"

STRIP = 10  # frames of the strip below the player
_HERE = Path(__file__).parent
_HTML = """
<div class="player" tabindex="0" role="group">
  <div class="screens"></div>
  <input class="scrub" type="range" min="0" step="1" aria-label="Frame">
  <div class="controls"></div>
  <div class="strip" role="group" aria-label="Frames spread evenly over the trajectory"></div>
  <div class="events"></div>
  <div class="charts"></div>
</div>
"""

_JS = "\n".join(
    (_HERE / each).read_text(encoding="utf-8")
    for each in ("player.js", "parts.js", "frames.js", "curves.js")
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


@dataclass(frozen=True, kw_only=True)
class PlayerTrack:
    """One film of those that are shown."""

    name: str
    colour: str | None  # None: the page's accent
    series: Series
    packed: UInt8[np.ndarray, "time 5000"]


@dataclass(frozen=True)
class Rest:
    """Where the player rests."""

    position: int  # of the common slider
    places: tuple[int, ...]  # of each film's frame


def show_one(
    film: PlayerTrack,
    charts: Sequence[Chart],
    events: object,
    *,
    start: int,
    visit: int,
    version: str,
) -> int:
    """Place the player of one film; returns the place of the frame where it rests now.

    Under another `visit` it begins anew at frame `start`; under the same the user's place is kept,
    and under another `version` the charts are drawn anew.
    """
    count = len(film.series.time)
    data = {
        "name": film.name,
        "films": [_track(film)],
        "places": [list(range(count))],
        "words": trajectory_series.counters(film.series),
        "link": {"name": "frame", "values": film.series.frame_ids},
        "start": [start],
        "at": start,
        "strip": [
            {"index": at, "label": trajectory_series.when(film.series, at)}
            for at in evenly(count, STRIP, ends=True).tolist()
        ],
        "events": events,
        "charts": [asdict(each) for each in charts],
        "logByDefault": film.series.log_by_default,
    }
    rest = _mounted(ONE, data, visit, version)
    if rest is None:
        return start
    return min(max(rest.position, 0), count - 1)


def show_together(
    films: Sequence[PlayerTrack],
    sync: PlaybackSync | None,
    charts: Sequence[Chart],
    *,
    start: Rest,
    visit: int,
    version: str,
) -> Rest:
    """Place the player of several films; returns where it rests now.

    Without a `sync` each film has a slider of its own. Visit and version as of one film.
    """
    shown = [_track(each) for each in films]
    if sync is not None:
        for each, span, sent in zip(films, sync.spans, shown, strict=True):
            first, last = (trajectory_series.when(each.series, at) for at in (0, -1))
            sent |= {"span": span, "spanWords": [f"begins at {first}", f"ends at {last}"]}
    data = {
        "name": ", ".join(each.name for each in films),
        "films": shown,
        "places": None if sync is None else sync.places,
        "words": None if sync is None else sync.words,
        "link": {"name": "at", "values": None if sync is None else sync.values},
        "start": start.places,
        "at": start.position,
        "strip": [],
        "events": None,
        "charts": [asdict(each) for each in charts],
        "logByDefault": any(each.series.log_by_default for each in films),
    }
    rest = _mounted(SEVERAL, data, visit, version)
    if rest is None or len(rest.places) != len(films):
        return start
    ends = [len(each.series.time) - 1 for each in films]
    return Rest(
        rest.position,
        tuple(min(max(at, 0), end) for at, end in zip(rest.places, ends, strict=True)),
    )


def is_open(key: str) -> bool:
    """Whether the player was on the page in the last run; if not, it will begin anew."""
    return key in st.session_state


def _mounted(key: str, data: Mapping[str, object], visit: int, version: str) -> Rest | None:
    sent = {**data, "visit": visit, "version": version}
    rest = _mount(key=key, data=sent, on_rest_change=_nothing).rest
    if not rest or rest["visit"] != visit:  # what it reported was of other films
        return None
    return Rest(int(rest["position"]), tuple(int(each) for each in rest["indices"]))


def _track(film: PlayerTrack) -> dict[str, object]:
    return {
        "name": film.name,
        "colour": film.colour,
        "bits": encode(film.packed),
        "unseparated": film.series.unseparated,
        "counters": trajectory_series.counters(film.series),
    }


def _nothing() -> None:
    """Streamlit reports a component's state only where a callback is named."""
