"""The token: its link, its cookie, and who has neither."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from ui.access import token
from ui.access.gate import Gate, Guard, LoopbackGuard
from ui.access.token import TokenGuard
from ui.access.way import AccessError

TOKEN = token.made()


class Visitor:
    """A browser without a page: it keeps cookies, and follows no redirect."""

    def __init__(self, base_url: str = "http://lab:8501", guard: Guard | None = None) -> None:
        app = Starlette(
            routes=[Route("/{path:path}", lambda _: PlainTextResponse("inside"))],
            middleware=[Middleware(Gate, guard=guard or TokenGuard(TOKEN))],
        )
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base_url)

    def get(self, url: str, cookie: str | None = None) -> httpx.Response:
        headers = {} if cookie is None else {"Cookie": cookie}
        return asyncio.run(self.client.get(url, headers=headers))

    def post(self, url: str) -> httpx.Response:
        return asyncio.run(self.client.post(url))


def cookie_of(answer: httpx.Response) -> str:
    return answer.headers["set-cookie"].split(";")[0]


def test_two_tokens_are_never_the_same_and_have_256_bits() -> None:
    made = {token.made() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(each) == 43 for each in made)  # 32 bytes in base64


def test_the_link_sets_a_cookie_and_leaves_the_token_out_of_the_address() -> None:
    visitor = Visitor()
    answer = visitor.get(f"/map?run=3&token={TOKEN}&tab=%C3%A9")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/map?run=3&tab=%C3%A9"
    assert answer.headers["referrer-policy"] == "no-referrer"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert TOKEN not in cookie
    assert visitor.get("/map").text == "inside"


def test_over_https_the_cookie_is_sent_over_https_alone() -> None:
    assert "Secure" in Visitor("https://lab").get(f"/?token={TOKEN}").headers["set-cookie"]


@pytest.mark.parametrize("path", ["//elsewhere.example/", "/\\elsewhere.example", "/%5Celsewhere"])
def test_the_link_leads_to_no_other_machine(path: str) -> None:
    to = Visitor().get(f"http://lab:8501{path}?token={TOKEN}").headers["location"]
    assert to.startswith("/")
    assert to[1] not in "/\\"


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "x",
        pytest.param(TOKEN[:-1], id="cut short"),
        pytest.param(TOKEN + "x", id="longer"),
        pytest.param(TOKEN.swapcase(), id="other case"),
        "é" * 43,
        "%00",
        "%ED%A0%80",
    ],
)
def test_a_wrong_token_lets_nobody_in(wrong: str) -> None:
    answer = Visitor().get(f"/?token={wrong}")
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "inside" not in answer.text


def test_the_token_itself_is_no_cookie_and_counts_in_no_other_method() -> None:
    name = cookie_of(Visitor().get(f"/?token={TOKEN}")).partition("=")[0]
    assert Visitor().get("/", f"{name}={TOKEN}").status_code == 401
    assert Visitor().post(f"/?token={TOKEN}").status_code == 401


def test_a_cookie_of_another_token_does_not_count() -> None:
    cookie = cookie_of(Visitor().get(f"/?token={TOKEN}"))
    assert Visitor(guard=TokenGuard(token.made())).get("/", cookie).status_code == 401


def test_two_servers_of_one_host_do_not_take_each_others_cookie() -> None:
    names = set()
    for secret in (TOKEN, token.made()):
        answer = Visitor(guard=TokenGuard(secret)).get(f"/?token={secret}")
        names.add(cookie_of(answer).partition("=")[0])
    assert len(names) == 2


def test_after_a_restart_with_the_owner_s_token_the_cookie_still_counts() -> None:
    cookie = cookie_of(Visitor().get(f"/?token={TOKEN}"))
    assert Visitor(guard=TokenGuard(TOKEN)).get("/", cookie).text == "inside"


@pytest.mark.parametrize("chosen", ["short", "with spaces in it, though long", "é" * 30, "x" * 19])
def test_a_poor_token_of_the_owner_s_is_refused(
    chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MORPH_TOKEN", chosen)
    with pytest.raises(AccessError, match="20 characters or more"):
        token.given()


def test_a_good_token_of_the_owner_s_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MORPH_TOKEN", "x" * 20)
    assert token.given() == "x" * 20
    monkeypatch.delenv("MORPH_TOKEN")
    assert token.given() is None


@pytest.mark.parametrize(
    ("host", "status"), [("127.0.0.1", 200), ("[::1]", 200), ("192.168.0.7", 401), ("lab", 401)]
)
def test_without_a_token_only_the_loopback_address_answers(host: str, status: int) -> None:
    # Here the address that was reached is the one of the URL, as uvicorn gives that of the socket.
    visitor = Visitor(f"http://{host}:8501", LoopbackGuard())
    assert visitor.get("/").status_code == status
