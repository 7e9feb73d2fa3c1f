"""The login from outside, with a provider of OpenID Connect in this process."""

import http.cookiejar
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlparse

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests import intruders
from tests.intruders import KINDS, Served, serving
from ui.access import login
from ui.access.way import AccessError

USER = "Ada@Lab.example"
KEY = RSAKey.generate_key(2048, parameters={"kid": "1", "use": "sig", "alg": "RS256"})


class Provider(BaseHTTPRequestHandler):
    """Logs everybody in at once, as `who`."""

    who: ClassVar[dict[str, Any]] = {}
    nonces: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:
        url = urlparse(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        here = f"http://127.0.0.1:{self.server.server_address[1]}"
        if url.path == "/authorize":
            self.nonces["code"] = asked["nonce"]
            back = urlencode({"code": "code", "state": asked["state"]})
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{back}")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif url.path == "/jwks":
            self._json({"keys": [KEY.as_dict(private=False)]})
        else:
            names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            paths = ("authorize", "token", "jwks")
            ends = {name: f"{here}/{path}" for name, path in zip(names, paths, strict=True)}
            self._json(
                {
                    "issuer": here,
                    "response_types_supported": ["code"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                    **ends,
                }
            )

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        now = int(time.time())
        claims = {
            "iss": f"http://127.0.0.1:{self.server.server_address[1]}",
            "aud": "morph",
            "sub": "1",
            "iat": now,
            "exp": now + 600,
            "nonce": self.nonces["code"],
            **self.who,
        }
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, KEY)
        self._json({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def _json(self, value: dict[str, Any]) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def secrets(folder: Path, port: int, metadata: str, cookie_secret: str = "s" * 32) -> Path:
    path = folder / "secrets.toml"
    path.write_text(
        f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
        f'cookie_secret = "{cookie_secret}"\nclient_id = "morph"\nclient_secret = "secret"\n'
        f'server_metadata_url = "{metadata}/.well-known/openid-configuration"\n'
    )
    return path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    provider = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    port = intruders.free_port()
    path = secrets(folder, port, f"http://127.0.0.1:{provider.server_address[1]}")
    options = ["--server.address=0.0.0.0", f"--secrets.files={path}"]
    asks = {"MORPH_ACCESS": "login", "MORPH_USERS": "ada@lab.example, bea@lab.example"}
    with serving(folder, options, asks, port=port) as app:
        yield app
    provider.shutdown()
    provider.server_close()


def visit(served: Served, **who: Any) -> tuple[int, str, dict[str, str]]:
    """The status and text of the first page for somebody, logged in; and the cookies of then."""
    Provider.who = who
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    browser.addheaders = [("Accept", "text/html")]
    try:
        answer = browser.open(f"http://127.0.0.1:{served.port}/", timeout=30)
    except urllib.error.HTTPError as err:
        answer = err
    with answer:
        text = answer.read().decode()
    header = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
    return answer.status, text, {"Cookie": header}


def test_who_is_listed_comes_in_and_reaches_everything(served: Served) -> None:
    status, text, cookie = visit(served, email=USER, email_verified=True)
    assert status == 200
    assert "/static/" in text
    assert served.handshake(cookie)
    assert all(
        served.ask(asked, cookie).status != 401
        for kind, asked in KINDS.items()
        if kind not in ("login", "logout", "callback")
    )


@pytest.mark.parametrize(
    "who",
    [
        {"email": "eve@lab.example"},
        {"email": "ada@lab.example.evil.example"},
        {"email": USER, "email_verified": False},
        {"email": USER, "email_verified": "false"},
        {"name": USER},
    ],
    ids=str,
)
def test_who_is_not_listed_or_not_verified_stays_out(served: Served, who: dict[str, Any]) -> None:
    status, text, cookie = visit(served, **who)
    assert status == 403
    assert "is not among the users of this Morph" in text
    assert not served.handshake(cookie)
    assert served.ask(KINDS["health"], cookie).status == 403


def test_without_a_login_all_but_the_login_is_closed(served: Served) -> None:
    for kind, asked in KINDS.items():
        if kind not in ("login", "logout", "callback"):
            assert served.ask(asked).status == 401
    assert not served.handshake()
    first = served.ask(KINDS["page"], {"Accept": "text/html"})
    assert first.status == 303
    assert (first.getheader("Location") or "").startswith("/auth/login?provider=")


def test_a_forged_or_changed_cookie_does_not_count(served: Served) -> None:
    _, _, cookie = visit(served, email=USER)
    assert served.ask(KINDS["health"], cookie).status == 200
    name, _, value = cookie["Cookie"].split("; ")[0].partition("=")
    assert name == "_streamlit_user"
    for wrong in (value[:-2] + "xx", "e30.aaaa.bbbb", ""):
        assert served.ask(KINDS["health"], {"Cookie": f"{name}={wrong}"}).status == 401
        assert not served.handshake({"Cookie": f"{name}={wrong}"})


@pytest.mark.parametrize("listed", ["", " , ", "ada", "ada@lab.example,bea"])
def test_users_are_addresses(listed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MORPH_USERS", listed)
    with pytest.raises(AccessError, match="MORPH_USERS"):
        login.users()
