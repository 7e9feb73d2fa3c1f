"""How it is asked who comes in."""

import pytest

from ui.access.way import AccessError, Way, chosen, is_loopback


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "::ffff:127.0.0.1"]
)
def test_on_loopback_nobody_is_asked(address: str) -> None:
    assert is_loopback(address)
    assert chosen(address, "") == "open"


@pytest.mark.parametrize(
    "address", [None, "", "0.0.0.0", "::", "192.168.0.7", "lab.example", "localhost.example"]
)
def test_anywhere_else_a_token_is_asked_for(address: str | None) -> None:
    assert not is_loopback(address)
    assert chosen(address, "") == "token"


@pytest.mark.parametrize("way", ["token", "login", "proxy"])
@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_what_the_owner_wants_holds_everywhere(way: Way, address: str) -> None:
    assert chosen(address, way) == way


@pytest.mark.parametrize("wanted", ["open", "none", "Token", " token"])
def test_another_way_is_refused(wanted: str) -> None:
    with pytest.raises(AccessError, match="accepted are token, login, proxy"):
        chosen("127.0.0.1", wanted)
