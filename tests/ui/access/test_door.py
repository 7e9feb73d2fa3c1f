"""The start of the app: what is said, what is opened, and which names it answers to."""

import asyncio
from collections.abc import Iterator

import pytest
from streamlit import config

from ui.access import door, token


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The links that a browser is asked to open, by a server that `streamlit run` began."""
    links: list[str] = []
    monkeypatch.setattr(config, "_server_mode", door._BY_STREAMLIT)
    monkeypatch.setattr("webbrowser.open", links.append)
    monkeypatch.setattr(door, "_link_parameters", {})
    options = ("server.headless", "server.allowedHosts", "server.address")
    before = {name: config.get_option(name) for name in options}
    config.set_option("server.headless", False)
    yield links
    for name, value in before.items():
        config.set_option(name, value)


def start() -> None:
    async def once() -> None:
        async with door.announce(None):
            pass

    asyncio.run(once())


def test_a_link_without_a_token_is_opened(opened: list[str]) -> None:
    start()
    assert len(opened) == 1


def test_a_link_with_a_token_is_said_and_never_in_the_words_of_a_command(
    opened: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    door._link_parameters[token.PARAMETER] = secret = token.made()
    start()
    assert opened == []
    assert f"?token={secret}" in capsys.readouterr().out


def test_another_server_is_not_told_of_at_an_address_that_is_not_its_own(
    opened: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(config, "_server_mode", "asgi-server")
    start()
    assert opened == []
    assert "http" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("address", "way", "any_name"),
    [("127.0.0.1", "proxy", False), ("0.0.0.0", "proxy", True), ("0.0.0.0", "token", True)],
)
@pytest.mark.usefixtures("opened")
def test_a_foreign_name_is_answered_only_where_somebody_asks_who_comes(
    address: str, way: str, any_name: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MORPH_ACCESS", way)
    config.set_option("server.address", address)
    config.set_option("server.allowedHosts", ["localhost", "127.0.0.1"])
    door.middleware()
    assert (config.get_option("server.allowedHosts") == []) is any_name
