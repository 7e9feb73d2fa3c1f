"""Looks before an import: each is taken once, in a thread of the server, and kept for a while.

A look at thousands of frames takes its time; meanwhile the page's script must end, so that the
person can stop it or change an option. `Looking` is what the page asks again and again.
"""

import json
import logging
import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from morphcore import memory_short
from morphcore.errors import MorphError
from morphcore.readers.look import ImportLook
from morphcore.readers.options import ImportOptions

_HOUR = 3600
_ABANDONED_SECONDS = 180.0  # a browser asks for a hidden tab once a minute at least
_MARKED_FILES = 50_000  # of a folder, at most, by which a change is recognised


class _Stopped(BaseException):
    """Leaves a look that nobody wants any more; no reader may take it for a bad file."""


@dataclass
class Looking:
    """A look that is under way, or its end: a look, or the sentence that says why there is none."""

    path: Path
    options: ImportOptions
    is_upload: bool = False  # then the limits of uploads hold
    share: float = 0.0  # of the work that is done
    look: ImportLook | None = None
    refusal: str = ""
    stopped: bool = False
    started: float = field(default_factory=time.monotonic)
    _asked: float = field(default_factory=time.monotonic)
    _ended: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float) -> bool:
        """Wait for its end up to so long; whether it has ended."""
        self._asked = time.monotonic()
        return self._ended.wait(seconds)

    def stop(self) -> None:
        """End it at its next step; it then counts as stopped."""
        self.stopped = True

    @property
    def seconds_left(self) -> float | None:
        """An estimate of the time left in seconds; None at its beginning."""
        spent = time.monotonic() - self.started
        if spent < 2 or self.share < 0.02:
            return None
        return spent * (1 - self.share) / self.share

    def run(self) -> None:
        """Take the look, in this thread."""
        # With its libraries: not before it is needed.
        from morphcore.readers.limits import DEFAULT_LIMITS, UPLOAD_LIMITS
        from morphcore.readers.read import look

        try:
            limits = UPLOAD_LIMITS if self.is_upload else DEFAULT_LIMITS
            self.look = look(self.path, self.options, progress=self._progress, limits=limits)
        except _Stopped:
            self.stopped = True
        except MorphError as err:
            self.refusal = str(err)
        except Exception as err:  # our own mistake; whatever it was, the page must show it
            if memory_short.is_short(err):  # or not our mistake at all
                self.refusal = memory_short.SENTENCE
                return
            logging.getLogger(__name__).exception("a look at %s failed", self.path)
            self.refusal = f"Something went wrong inside Morph ({type(err).__name__}: {err})."
        finally:
            self._ended.set()

    def _progress(self, share: float) -> None:
        self.share = share
        if self.stopped or time.monotonic() - self._asked > _ABANDONED_SECONDS:
            raise _Stopped


def looking(path: Path, mark: str, options: ImportOptions, *, is_upload: bool = False) -> Looking:
    """The look at a path with these options, begun if it is not; `mark` is that of the path now.

    One that was stopped is begun again.
    """
    key = (path, mark, json.dumps(options.as_json(), sort_keys=True), is_upload)
    known = _looking(*key)
    if known.stopped:
        _looking.clear(*key)
        known = _looking(*key)
    return known


@st.cache_resource(ttl=_HOUR, max_entries=24, show_spinner=False)
def _looking(path: Path, mark: str, options: str, is_upload: bool) -> Looking:
    begun = Looking(path, ImportOptions.from_json(json.loads(options)), is_upload)
    threading.Thread(target=begun.run, daemon=True, name="look").start()
    return begun


def mark(path: Path) -> str:
    """A text that changes when a file or what lies in a folder changes: names, sizes and times."""
    try:
        if not path.is_dir():
            facts = path.stat()
            return f"{facts.st_size} {facts.st_mtime_ns}"
        files, size, newest = 0, 0, path.stat().st_mtime_ns
        for folder, _, names in os.walk(path):
            for name in names:
                facts = os.stat(os.path.join(folder, name), follow_symlinks=False)
                files, size = files + 1, size + facts.st_size
                newest = max(newest, facts.st_mtime_ns)
            if files > _MARKED_FILES:
                break
        return f"{files} {size} {newest}"
    except OSError:
        return ""
