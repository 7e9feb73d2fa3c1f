"""The gate from outside: a real server, and whatever it serves, with and without the cookie."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from tests import intruders
from tests.intruders import KINDS, ROOT, STREAM, Asked, Served, serving, turned_away


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as app:
        yield app


@pytest.fixture(scope="module")
def right(served: Served) -> dict[str, str]:
    return {"Cookie": served.cookie()}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_answers_without_a_cookie_or_with_a_wrong_one(
    kind: str, served: Served, right: Mapping[str, str]
) -> None:
    wrong = right["Cookie"][:-1] + ("1" if right["Cookie"][-1] == "0" else "0")
    assert turned_away(served.ask(KINDS[kind]))
    assert turned_away(served.ask(KINDS[kind], {"Cookie": wrong}))
    assert not turned_away(served.ask(KINDS[kind], right))


def test_no_websocket_opens_without_a_cookie_or_with_a_wrong_one(
    served: Served, right: Mapping[str, str]
) -> None:
    assert not served.handshake()
    assert not served.handshake({"Cookie": right["Cookie"][:-1]})
    assert served.handshake(right)


def test_the_server_answers_to_any_name_but_to_no_foreign_page(
    served: Served, right: Mapping[str, str]
) -> None:
    named = {**right, "Host": "lab.example:8501"}
    assert served.handshake({**named, "Origin": "http://lab.example:8501"})
    assert not served.handshake({**named, "Origin": "http://elsewhere.example"})
    # Streamlit itself would let in any port of this machine, and browsers send the cookie to all.
    for own in ("127.0.0.1", "localhost"):
        here = {**right, "Host": f"{own}:{served.port}"}
        assert served.handshake({**here, "Origin": f"http://{own}:{served.port}"})
        assert not served.handshake({**here, "Origin": f"http://{own}:9"})


def test_with_the_cookie_a_page_its_files_and_an_upload_come_through(
    served: Served, right: Mapping[str, str]
) -> None:
    page = served.ask(KINDS["page"], right)
    (script, *_) = re.findall(r'src="\.?(/static/[^"]+\.js)"', page.text)
    assert served.ask(Asked("GET", script), right).status == 200
    assert turned_away(served.ask(Asked("GET", script)))
    found = served.ask(KINDS["health"], right).getheader("Set-Cookie") or ""
    xsrf = re.match(r"(_streamlit_xsrf)=([^;]+)", found)
    assert xsrf is not None
    both = {"Cookie": f"{right['Cookie']}; {xsrf[0]}"}
    with connect(
        f"ws://127.0.0.1:{served.port}{STREAM}",
        additional_headers=both,
        subprotocols=["streamlit", xsrf[2].strip('"')],
        max_size=None,
    ) as stream:
        asked = BackMsg()
        asked.rerun_script.query_string = ""
        stream.send(asked.SerializeToString())
        session = ""
        while not session:
            got = ForwardMsg.FromString(stream.recv(30))
            session = got.new_session.initialize.session_id
        upload = KINDS["upload"]._replace(path=f"/_stcore/upload_file/{session}/0")
        own = {**both, "X-Xsrftoken": xsrf[2].strip('"')}
        assert served.ask(upload, own).status == 204
        without = {**own, "Cookie": xsrf[0]}
        assert turned_away(served.ask(upload, without))
        assert turned_away(served.ask(upload._replace(method="DELETE", body=None), without))


def test_the_link_is_printed_once(served: Served) -> None:
    assert served.said.count(served.token) == 1
    assert "may read, change and delete" in served.said


def test_a_trusted_proxy_has_asked_already(tmp_path: Path) -> None:
    with serving(tmp_path, environment={"MORPH_ACCESS": "proxy"}) as app:
        assert app.ask(KINDS["health"]).status == 200
        assert app.handshake()
        assert app.token == ""


def test_the_owner_s_token_counts_on_loopback_too_and_is_not_printed(tmp_path: Path) -> None:
    chosen = "correct-horse-battery-staple"
    with serving(tmp_path, (), {"MORPH_ACCESS": "token", "MORPH_TOKEN": chosen}) as app:
        assert turned_away(app.ask(KINDS["health"]))
        assert not app.handshake()
        assert app.ask(KINDS["health"], {"Cookie": app.cookie(chosen)}).status == 200
        assert chosen not in app.said


def test_loopback_is_open_whatever_the_server_and_closed_at_other_addresses(tmp_path: Path) -> None:
    """`uvicorn app:app` binds as it is told, whatever Streamlit's options say."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # sends nothing; chooses the address to send from
            own = probe.getsockname()[0]
    except OSError:
        own = "127.0.0.1"
    if own.startswith("127."):
        pytest.skip("this machine has no address but loopback")
    port = intruders.free_port()
    command = [sys.executable, "-m", "uvicorn", "app:app", "--host", "0.0.0.0", "--port", str(port)]
    log = tmp_path / "said.log"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            command, cwd=ROOT, env=intruders.surroundings(tmp_path), stdout=out, stderr=out
        ) as process,
    ):
        try:
            app = Served(process, port, log)
            intruders.wait(app)
            assert app.ask(KINDS["health"]).status == 200
            assert app.handshake()
            outside = Served(process, port, log, host=own)
            assert all(turned_away(outside.ask(asked)) for asked in KINDS.values())
            assert not outside.handshake()
        finally:
            process.terminate()


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"MORPH_ACCESS": "nobody"}, "accepted are token, login, proxy"),
        ({"MORPH_TOKEN": "short"}, "20 characters or more"),
        ({"MORPH_ACCESS": "login"}, "set MORPH_USERS to their e-mail addresses"),
        ({"MORPH_ACCESS": "login", "MORPH_USERS": "a@lab.example"}, "The login cannot be used"),
    ],
)
def test_it_does_not_start_without_somebody_who_asks(
    environment: Mapping[str, str], sentence: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"),
            *("--server.address=0.0.0.0", f"--server.port={intruders.free_port()}"),
        ],
        cwd=ROOT,
        env=intruders.surroundings(tmp_path, environment),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
