"""The door of the app: its gate as middleware, and what is said and opened at the start."""

import sys
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import streamlit as st
from starlette.middleware import Middleware
from streamlit import config

from morphcore.errors import MorphError
from ui.access import token, way
from ui.access.gate import Gate, Guard, LoopbackGuard, ProxyGuard

_OWN_HOSTS = ["localhost", "127.0.0.1"]  # in .streamlit/config.toml
_BY_STREAMLIT = "starlette-app"  # as `streamlit run` calls itself
_UNUSABLE = 2  # exit status, as of a command that is misused

_built = False
_link_parameters: dict[str, str] = {}


def middleware() -> list[Middleware]:
    """The gate for the way in which this server asks; where it cannot be, the process ends.

    A sentence on standard error then says what is accepted.
    """
    global _built
    try:
        guard = _guard(way.current())
    except MorphError as err:
        print(f"Morph does not start: {err}", file=sys.stderr, flush=True)
        raise SystemExit(_UNUSABLE) from err
    _built = True
    return [Middleware(Gate, guard=guard)]


def stands() -> bool:
    """Whether this process serves through the gate, or only to its own machine."""
    return _built or way.current() == "open"


@asynccontextmanager
async def announce(_app: object) -> AsyncIterator[None]:
    """Say where the app is, with the token if one was made, and open it in a desktop's browser."""
    if config._server_mode != _BY_STREAMLIT:  # where else it serves, Streamlit's options do not say
        if _link_parameters:
            print(f"\n  Morph asks for ?{urlencode(_link_parameters)}\n", flush=True)
        yield
        return
    link = _link()
    print(f"\n  Morph: {link}\n", flush=True)
    if _link_parameters:
        print(
            "  Whoever has this link may read, change and delete all that Morph holds. From another"
            "\n  machine, put this one's name in place of 127.0.0.1.\n",
            flush=True,
        )
    # A browser is started by a command, whose words every account of the machine can read.
    if not st.get_option("server.headless") and not _link_parameters:
        webbrowser.open(link)
    yield


def _guard(chosen: way.Way) -> Guard:
    if chosen == "open":
        return LoopbackGuard()
    # A cookie belongs to one host name, so that a foreign name for this address brings none; behind
    # a proxy on this machine nobody asks for one. What config.toml accepts is for loopback; what
    # was chosen otherwise stays.
    asked = chosen != "proxy" or not way.is_loopback(st.get_option("server.address"))
    if asked and st.get_option("server.allowedHosts") == _OWN_HOSTS:
        config.set_option("server.allowedHosts", [])
    if chosen == "proxy":
        return ProxyGuard()
    if chosen == "login":
        from ui.access import login  # its libraries are for those who use it

        return login.LoginGuard(login.users(), login.provider())
    secret = token.given()
    if secret is None:
        secret = token.made()
        _link_parameters[token.PARAMETER] = secret
    return token.TokenGuard(secret)


def _link() -> str:
    """The address of the app, with the token that was made for this start."""
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    address = st.get_option("server.address")
    everywhere = address in (None, "", "0.0.0.0", "::")
    host = "127.0.0.1" if everywhere else f"[{address}]" if ":" in address else address
    base = st.get_option("server.baseUrlPath").strip("/")
    path = f"/{base}/" if base else "/"
    query = f"?{urlencode(_link_parameters)}" if _link_parameters else ""
    return f"{scheme}://{host}:{st.get_option('server.port')}{path}{query}"
