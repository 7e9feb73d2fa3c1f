"""A token as Jupyter has it: in a link that is opened once, then in a cookie."""

import hashlib
import hmac
import os
import secrets
from urllib.parse import quote, urlencode

from starlette.datastructures import URL
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from ui.access.gate import HEADERS, turned_away
from ui.access.way import AccessError

SHORTEST = 20  # characters of a token that the owner chose
PARAMETER = "token"
_DAYS = 30 * 24 * 3600  # seconds that a cookie lasts
_ASK = """<p>This Morph asks who comes in. Open the link that its server printed when it started, or
paste the token of that link.</p>
<form method="get"><input type="password" name="token" aria-label="Token" autofocus>
<button>Come in</button></form>"""


def given() -> str | None:
    """The token that the owner chose by `MORPH_TOKEN`, if any.

    Raises:
        AccessError: if it is too short, or holds what a link cannot carry unchanged.
    """
    token = os.environ.get("MORPH_TOKEN")
    if not token:
        return None
    if len(token) < SHORTEST or not (token.isascii() and token.isprintable()) or " " in token:
        raise AccessError(
            f"MORPH_TOKEN must have {SHORTEST} characters or more, of ASCII and without spaces."
        )
    return token


def made() -> str:
    """A token of 256 random bits, new at each call."""
    return secrets.token_urlsafe(32)


class TokenGuard:
    """Lets in whoever has the token's cookie, which its link sets."""

    def __init__(self, token: str) -> None:
        self._token = token
        # Not the token itself: who reads a cookie cannot pass the link on. Equal after a restart.
        self._cookie = _of(token, b"morph cookie")
        # Browsers share cookies among the ports of a host, where another Morph may serve.
        self._name = f"morph_access_{_of(token, b'morph cookie name')[:12]}"

    def admits(self, connection: HTTPConnection) -> bool:
        return _equal(connection.cookies.get(self._name), self._cookie)

    def answer(self, request: Request) -> Response | None:
        """A cookie for whoever brings the token; the question for whoever has neither."""
        if request.method == "GET" and _equal(request.query_params.get(PARAMETER), self._token):
            return self._welcome(request)
        return None if self.admits(request) else turned_away(_ASK)

    def _welcome(self, request: Request) -> Response:
        """The cookie, and the same address without the token, which a history would keep."""
        rest = [pair for pair in request.query_params.multi_items() if pair[0] != PARAMETER]
        # One slash and quoted: two, or a backslash, would lead to another machine.
        path = "/" + quote(request.url.path.lstrip("/"))
        response = RedirectResponse(path + ("?" + urlencode(rest) if rest else ""), 303, HEADERS)
        response.set_cookie(
            self._name,
            self._cookie,
            max_age=_DAYS,
            httponly=True,
            samesite="lax",  # "strict" would not be sent by the first click in a mail
            secure=URL(scope=request.scope).scheme == "https",
        )
        return response


def _of(token: str, label: bytes) -> str:
    return hmac.new(token.encode(), label, hashlib.sha256).hexdigest()


def _equal(one: str | None, other: str) -> bool:
    """Compare in a time that does not tell how much is right."""
    return one is not None and hmac.compare_digest(
        one.encode("utf-8", "surrogatepass"), other.encode()
    )
