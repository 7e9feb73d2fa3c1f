"""Frame player: plays one trajectory or several together in the browser, at up to 60 frames/s.

A Streamlit component without a build step: the `.js` files draw what is sent once, so that playing,
scrubbing and stepping ask nothing of the server. It reports its position only when it rests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from analysis import series as trajectory_series
from analysis.film import Film
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
    (_HERE / file).read_text(encoding="utf-8")
    for file in ("player.js", "parts.js", "frames.js", "curves.js")
)

_mount = st.components.v2.component(
    "frame_player",
    html=_HTML,
    css=(_HERE / "player.css").read_text(encoding="utf-8"),
    js=_JS,
)


@dataclass(frozen=True, kw_only=True)
class PlayerTrack:
    """One trajectory in the player: its name, its values over time and its frames."""

    name: str
    colour: str | None  # None: the page's accent
    series: Series
    film: Film


@dataclass(frozen=True)
class Rest:
    """The position at which the player rests."""

    position: int  # of the common slider
    indices: tuple[int, ...]  # of each trajectory's frame


def show_one(
    track: PlayerTrack,
    charts: Sequence[Chart],
    events: object,
    *,
    start: int,
    visit: int,
    version: str,
) -> int:
    """Show the player of one trajectory; returns the index of the frame at which it rests now.

    Under another `visit` it begins anew at frame `start`; under the same the user's position is
    kept, and under another `version` the charts are drawn anew.
    """
    count = len(track.series.time)
    data = {
        "name": track.name,
        "films": [_payload(track)],
        "places": [list(range(count))],
        "words": trajectory_series.counters(track.series),
        "link": {"name": "frame", "values": track.series.frame_ids},
        "start": [start],
        "at": start,
        "strip": [
            {"index": index, "label": trajectory_series.when(track.series, index)}
            for index in evenly(count, STRIP, ends=True).tolist()
        ],
        "events": events,
        "charts": [asdict(chart) for chart in charts],
        "logByDefault": track.series.log_by_default,
    }
    rest = _mounted(ONE, data, visit, version)
    if rest is None:
        return start
    return min(max(rest.position, 0), count - 1)


def show_together(
    tracks: Sequence[PlayerTrack],
    sync: PlaybackSync | None,
    charts: Sequence[Chart],
    *,
    start: Rest,
    visit: int,
    version: str,
) -> Rest:
    """Show the player of several trajectories; returns the position at which it rests now.

    Without a `sync` each has a slider of its own. `visit` and `version` as of `show_one`.
    """
    payloads = [_payload(track) for track in tracks]
    if sync is not None:
        for track, span, payload in zip(tracks, sync.spans, payloads, strict=True):
            first, last = (trajectory_series.when(track.series, end) for end in (0, -1))
            payload |= {"span": span, "spanWords": [f"begins at {first}", f"ends at {last}"]}
    data = {
        "name": ", ".join(track.name for track in tracks),
        "films": payloads,
        "places": None if sync is None else sync.indices,
        "words": None if sync is None else sync.words,
        "link": {"name": "at", "values": None if sync is None else sync.values},
        "start": start.indices,
        "at": start.position,
        "strip": [],
        "events": None,
        "charts": [asdict(chart) for chart in charts],
        "logByDefault": any(track.series.log_by_default for track in tracks),
    }
    rest = _mounted(SEVERAL, data, visit, version)
    if rest is None or len(rest.indices) != len(tracks):
        return start
    lasts = [len(track.series.time) - 1 for track in tracks]
    return Rest(
        rest.position,
        tuple(min(max(index, 0), last) for index, last in zip(rest.indices, lasts, strict=True)),
    )


def is_open(key: str) -> bool:
    """Whether the player was on the page before this run; if not, it begins anew."""
    return key in st.session_state


def _mounted(key: str, data: Mapping[str, object], visit: int, version: str) -> Rest | None:
    sent = {**data, "visit": visit, "version": version}
    rest = _mount(key=key, data=sent, on_rest_change=_nothing).rest
    if not rest or rest["visit"] != visit:  # what it reported was of other trajectories
        return None
    return Rest(int(rest["position"]), tuple(int(index) for index in rest["indices"]))


def _payload(track: PlayerTrack) -> dict[str, object]:
    return {
        "name": track.name,
        "colour": track.colour,
        "frames": track.film.frames,
        "ranges": track.film.ranges,
        "height": track.film.shape[0],
        "width": track.film.shape[1],
        "unseparated": unseparated(track.series),
        "counters": trajectory_series.counters(track.series),
    }


def unseparated(series: Series) -> list[str]:
    """What the player says of frames that have not separated; nothing of the others."""
    contrasts = series.contrast or [None] * len(series.unseparated)
    return [
        ""
        if not unseparated
        else "not yet separated"
        if contrast is None
        else f"not yet separated: contrast {contrast:.2f} of 1"
        for unseparated, contrast in zip(series.unseparated, contrasts, strict=True)
    ]


def _nothing() -> None:
    """Streamlit reports a component's state only where a callback is named."""
