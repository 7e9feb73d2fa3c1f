"""The gate before all that is served: pages, WebSocket, uploads, media, components and health.

It is the outermost ASGI middleware, so that nothing of Streamlit sees a request that is not let in.
"""

from typing import Protocol
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.access.way import is_loopback

_POLICY_VIOLATION = 1008  # of RFC 6455
# Nothing of a page that turns away is kept, framed, or sent on in a Referer.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Morph</title>
<meta name="viewport" content="width=device-width">
<style>body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 20vh auto; max-width: 34rem;
padding: 0 1rem; color-scheme: light dark }} input, button {{ font: inherit; padding: .3rem .6rem }}
</style><h1>Morph</h1>{}</html>"""


class Guard(Protocol):
    """Who is let in."""

    def admits(self, connection: HTTPConnection) -> bool:
        """Whether who asks is known; a WebSocket is then let in."""

    def answer(self, request: Request) -> Response | None:
        """The guard's own answer to a request; None: it is let in."""


class Gate:
    """ASGI middleware that lets through what its guard admits, and nothing else."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self.app = app
        self.guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            answer = self.guard.answer(Request(scope))
            await (answer or self.app)(scope, receive, send)
        elif scope["type"] == "websocket" and self._admits(HTTPConnection(scope)):
            await self.app(scope, receive, send)
        else:  # closed before it is accepted: the handshake fails with 403
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})

    def _admits(self, connection: HTTPConnection) -> bool:
        return self.guard.admits(connection) and (
            isinstance(self.guard, ProxyGuard) or _is_own_page(connection)
        )


def _is_own_page(connection: HTTPConnection) -> bool:
    """Whether no page but one of this very host and port asks.

    Browsers send cookies to all ports of a host, and Streamlit lets in pages of any port of it. A
    proxy may give another Host, so there it is the proxy's to ask.
    """
    origin = connection.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == connection.headers.get("host")


class LoopbackGuard:
    """Lets in whoever reaches the loopback address, however the server was started.

    `uvicorn app:app --host 0.0.0.0` binds wider than Streamlit's options say; what arrives at
    another address of this machine is therefore turned away.
    """

    def admits(self, connection: HTTPConnection) -> bool:
        server = connection.scope.get("server")
        return server is not None and is_loopback(server[0])

    def answer(self, request: Request) -> Response | None:
        if self.admits(request):
            return None
        return turned_away("<p>This server answers to its own machine alone.</p>")


class ProxyGuard:
    """Lets everybody in: a proxy in front has asked already."""

    def admits(self, connection: HTTPConnection) -> bool:  # noqa: ARG002
        return True

    def answer(self, request: Request) -> Response | None:  # noqa: ARG002
        return None


def turned_away(body: str, status: int = 401) -> Response:
    """A small page, HTML in its body, that says why somebody is not let in."""
    headers = HEADERS if status != 401 else {**HEADERS, "WWW-Authenticate": "Morph"}
    return HTMLResponse(_PAGE.format(body), status, headers)
