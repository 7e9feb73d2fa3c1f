"""The app as a process, bound wider than loopback, and requests from outside its page."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

ROOT = Path(__file__).resolve().parents[1]
STREAM = "/_stcore/stream"
_BODY = b"--b\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\nx\r\n--b--\r\n"
_FORM = {"Content-Type": "multipart/form-data; boundary=b"}
_JSON = {"Content-Type": "application/json"}


class Asked(NamedTuple):
    """A request over HTTP."""

    method: str
    path: str
    headers: Mapping[str, str] = {}
    body: bytes | None = None


# Everything that Streamlit serves, by what it is; the WebSocket is `handshake`.
KINDS: dict[str, Asked] = {
    "page": Asked("GET", "/"),
    "link": Asked("GET", "/map?run=1"),
    "health": Asked("GET", "/_stcore/health"),
    "script health": Asked("GET", "/_stcore/script-health-check"),
    "host config": Asked("GET", "/_stcore/host-config"),
    "metrics": Asked("GET", "/_stcore/metrics"),
    "static": Asked("GET", "/static/index.js"),
    "app static": Asked("GET", "/app/static/x.png"),
    "media": Asked("GET", "/media/0123456789abcdef.png"),
    "upload": Asked("PUT", "/_stcore/upload_file/session/file", _FORM, _BODY),
    "delete upload": Asked("DELETE", "/_stcore/upload_file/session/file"),
    "upload options": Asked("OPTIONS", "/_stcore/upload_file/session/file"),
    "component": Asked("GET", "/component/streamlit_drawable_canvas.st_canvas/index.html"),
    "component v2": Asked("GET", "/_stcore/bidi-components/player/player.js"),
    "agent": Asked("POST", "/_stcore/agent/interact", _JSON, b"{}"),
    "agent schema": Asked("GET", "/_stcore/agent/openapi.json"),
    "stream by HTTP": Asked("GET", STREAM),
    "login": Asked("GET", "/auth/login"),
    "logout": Asked("GET", "/auth/logout"),
    "callback": Asked("GET", "/oauth2callback?code=1&state=1"),
    "head": Asked("HEAD", "/"),
    "post": Asked("POST", "/", _JSON, b"{}"),
    "dots": Asked("GET", "/static/../_stcore/health"),
    "quoted dots": Asked("GET", "/%2e%2e/_stcore/health"),
    "two slashes": Asked("GET", "//_stcore/health"),
}


@dataclass
class Served:
    """A running app; `said` is what it printed."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    host: str = "127.0.0.1"

    @property
    def said(self) -> str:
        return self.log.read_text()

    @property
    def token(self) -> str:
        """The token of the link that was printed; empty where there is none."""
        found = re.search(r"\?token=(\S+)", self.said)
        return found[1] if found else ""

    def ask(
        self, asked: Asked, headers: Mapping[str, str] | None = None
    ) -> http.client.HTTPResponse:
        """Its answer, read to the end; redirects are not followed."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
        try:
            every = {**asked.headers, **(headers or {})}
            connection.request(asked.method, asked.path, asked.body, every)
            answer = connection.getresponse()
            answer.text = answer.read().decode("utf-8", "replace")  # type: ignore[attr-defined]
            return answer
        finally:
            connection.close()

    def handshake(self, headers: Mapping[str, str] | None = None) -> bool:
        """Whether a WebSocket is opened; a Host among the headers is in place of the usual one."""
        more = dict(headers or {})
        named = more.pop("Host", f"{self.host}:{self.port}")
        try:
            with connect(
                f"ws://{named}{STREAM}",
                sock=socket.create_connection((self.host, self.port), 20),
                additional_headers=more,
                subprotocols=["streamlit"],  # type: ignore[list-item]
                open_timeout=20,
            ):
                return True
        except (WebSocketException, OSError):
            return False

    def cookie(self, token: str | None = None) -> str:
        """The cookie, as a header's value, that the link sets."""
        answer = self.ask(Asked("GET", f"/?token={token or self.token}"))
        return (answer.getheader("Set-Cookie") or "").split(";")[0]


def turned_away(answer: http.client.HTTPResponse) -> bool:
    """Whether the gate itself answered, and not Streamlit behind it."""
    return answer.status == 401 and answer.getheader("WWW-Authenticate") == "Morph"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    folder: Path,
    arguments: Sequence[str] = ("--server.address=0.0.0.0",),
    environment: Mapping[str, str] | None = None,
    *,
    root: Path = ROOT,
    port: int | None = None,
) -> Iterator[Served]:
    """`streamlit run app.py` with these options; ended as Ctrl-C would."""
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    log = folder / "said.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, f"--server.port={port}", *arguments],
            cwd=root,
            env=surroundings(folder, environment),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    served = Served(process, port, log)
    try:
        wait(served)
        yield served
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def surroundings(folder: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of an app: a store of its own, no way of access but what is given."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MORPH_")}
    return {**ours, "MORPH_STORE": str(folder / "morph.sqlite"), **(more or {})}


def wait(served: Served) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if served.process.poll() is not None:
            raise RuntimeError(f"the app ended: {served.said}")
        try:
            served.ask(KINDS["health"])
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    raise TimeoutError("the app did not answer within 60 s")
