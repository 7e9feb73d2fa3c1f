"""How it is asked who comes in: not at all on loopback, else by a token, a login or a proxy."""

import ipaddress
import os
from typing import Literal

import streamlit as st

from morphcore.errors import MorphError

Way = Literal["open", "token", "login", "proxy"]
_CHOICES: tuple[Way, ...] = ("token", "login", "proxy")


class AccessError(MorphError):
    """The app may not be served as it is asked for; the message says what is accepted."""


def current() -> Way:
    """The way of this server, by its address and `MORPH_ACCESS`.

    Raises:
        AccessError: if `MORPH_ACCESS` is none of the ways.
    """
    return chosen(st.get_option("server.address"), os.environ.get("MORPH_ACCESS", ""))


def chosen(address: str | None, wanted: str) -> Way:
    """The way for an address: what is wanted, else open on loopback and a token anywhere else.

    >>> chosen("127.0.0.1", ""), chosen("0.0.0.0", ""), chosen("127.0.0.1", "proxy")
    ('open', 'token', 'proxy')

    Raises:
        AccessError: if `wanted` is none of the ways.
    """
    for way in _CHOICES:
        if wanted == way:
            return way
    if wanted:
        raise AccessError(f"MORPH_ACCESS is {wanted!r}; accepted are {', '.join(_CHOICES)}.")
    return "open" if is_loopback(address) else "token"


def is_loopback(address: str | None) -> bool:
    """Whether only this machine reaches an address; None, Streamlit's default, is every address.

    >>> [is_loopback(address) for address in ("127.0.0.1", "::1", "localhost", "::", None)]
    [True, True, True, False, False]
    """
    if address == "localhost":
        return True
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return False  # a name may stand for any address
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback
