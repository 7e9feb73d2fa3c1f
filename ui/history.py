"""Scripts at the head of each HTML document: for the history, and for the keyboard's first stop.

One entry of the browser's history for each thing that somebody does, so that Back goes back:
Streamlit pushes an entry for every change of the address that a script makes, those with which a
page fills in what it shows among them, and has no way to replace one. `history.js` has; it must be
there before the first of them, so this middleware puts it into the page that Streamlit serves.
`skip.js` adds a button that leads past the navigation to the page's main picture.
"""

from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEAD = b"<head>"
_SCRIPT = b"".join(
    (Path(__file__).parent / name).read_bytes() for name in ("history.js", "skip.js")
)
# With these, what comes back may be a part, compressed, or a word that nothing has changed.
_UNWANTED = frozenset({b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"})


def middleware() -> Middleware:
    """What `app.py` gives its server, behind the gate."""
    return Middleware(OneEntryAnAct)


class OneEntryAnAct:
    """ASGI middleware that puts the script at the head of each HTML document."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self.app(scope, receive, send)
            return
        headers = [pair for pair in scope["headers"] if pair[0] not in _UNWANTED]
        await self.app({**scope, "headers": headers}, receive, _Sender(send))


class _Sender:
    """Sends a response on; an HTML document when it is whole, with the script in it."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.start: Message | None = None  # of a document that is not whole yet
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_document(message):
            self.start = message
        elif message["type"] == "http.response.body" and self.start is not None:
            self.body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_document(self.start)
        else:
            await self.send(message)

    async def _send_document(self, start: Message) -> None:
        with_script = _HEAD + b"<script>" + _SCRIPT + b"</script>"
        body = self.body.replace(_HEAD, with_script, 1)
        headers = MutableHeaders(raw=list(start["headers"]))
        for name in ("etag", "last-modified"):  # of the document without the script
            del headers[name]
        if "content-length" in headers and self.body:
            headers["content-length"] = str(len(body))
        self.start = None
        await self.send({**start, "headers": headers.raw})
        await self.send({"type": "http.response.body", "body": body})


def _is_document(start: Message) -> bool:
    content_type = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] == 200 and content_type.startswith("text/html")
