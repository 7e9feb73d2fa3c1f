"""Streamlit's login by OpenID Connect, asked for before anything is served, and who may use it."""

import html
import json
import os
from urllib.parse import urlencode

import streamlit as st
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

# Streamlit offers its login to scripts alone; a gate needs what these parts know of a request.
from streamlit.auth_util import encode_provider_token, validate_auth_credentials
from streamlit.errors import StreamlitAuthError, StreamlitMissingAuthlibError
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

from ui.access.gate import HEADERS, turned_away
from ui.access.way import AccessError

SHORTEST_SECRET = 32  # characters; who guesses it signs cookies of their own
_UNGATED = ("auth/login", "auth/logout", "oauth2callback")


def users() -> frozenset[str]:
    """The e-mail addresses that `MORPH_USERS` lists, in small letters.

    Raises:
        AccessError: if there are none.
    """
    named = os.environ.get("MORPH_USERS", "").split(",")
    found = frozenset(name.strip().casefold() for name in named if name.strip())
    if not found or not all("@" in name for name in found):
        raise AccessError(
            "A login needs the users who may come in: set MORPH_USERS to their e-mail addresses, "
            "with commas between them."
        )
    return found


def provider() -> str:
    """The name of the one provider in Streamlit's secrets; "default" for one without a name.

    Raises:
        AccessError: if `[auth]` is missing, incomplete, or has several providers.
    """
    auth = dict(st.secrets.get("auth", {})) if st.secrets.load_if_toml_exists() else {}
    named = [name for name, value in auth.items() if "client_id" in _table(value)]
    name = "default" if "client_id" in auth or not named else named[0]
    if len(named) + ("client_id" in auth) > 1:
        raise AccessError("A login needs one provider: [auth] in secrets.toml has several.")
    try:
        validate_auth_credentials(name)
        encode_provider_token(name)
    except (StreamlitAuthError, StreamlitMissingAuthlibError) as err:
        raise AccessError(f"The login cannot be used: {' '.join(str(err).split())}") from err
    if len(str(auth["cookie_secret"])) < SHORTEST_SECRET:
        raise AccessError(
            f"The cookie_secret of [auth] must have {SHORTEST_SECRET} characters or more."
        )
    return name


class LoginGuard:
    """Lets in who has logged in and is listed; others are sent to the login."""

    def __init__(self, users: frozenset[str], provider: str) -> None:
        self._users = users
        self._provider = provider

    def admits(self, connection: HTTPConnection) -> bool:
        return _email(connection) in self._users

    def answer(self, request: Request) -> Response | None:
        """The login for strangers, a refusal for who is not listed; the login itself is open."""
        base = f"/{st.get_option('server.baseUrlPath').strip('/')}/".replace("//", "/")
        if request.method == "GET" and request.scope["path"] in {base + path for path in _UNGATED}:
            return None
        email = _email(request)
        if email in self._users:
            return None
        if email is not None:
            who = html.escape(email) or "An account without a verified e-mail address"
            return turned_away(
                f"<p>{who} is not among the users of this Morph.</p>"
                f'<p><a href="{base}auth/logout">Log in as somebody else</a></p>',
                403,
            )
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            token = encode_provider_token(self._provider)
            to = f"{base}auth/login?{urlencode({'provider': token})}"
            return RedirectResponse(to, 303, HEADERS)
        return turned_away("<p>Log in first.</p>")


def _email(connection: HTTPConnection) -> str | None:
    """The verified address of who has logged in, in small letters; None where nobody has."""
    signed = _get_signed_cookie_with_chunks(connection.cookies, USER_COOKIE_NAME)
    try:
        user = json.loads(signed or b"{}")
    except ValueError:
        return None
    if user.get("is_logged_in") is not True:
        return None
    # Some providers leave out whether they have verified an address, none that they have not.
    verified = str(user.get("email_verified", True)).casefold() == "true"
    return str(user.get("email") or "").casefold() if verified else ""


def _table(value: object) -> dict[str, object]:
    return dict(value) if hasattr(value, "keys") else {}  # type: ignore[call-overload]
