"""The script for the history: in every HTML document that is served, and in nothing else."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ui import history

PAGE = "<!doctype html><html><head><title>Morph</title></head></html>"


def document(request: Request) -> Response:
    if "if-none-match" in request.headers:
        return Response(status_code=304)
    return HTMLResponse(PAGE, headers={"ETag": "of the page alone"})


def in_parts(_request: Request) -> Response:
    return StreamingResponse(iter([PAGE[:20], PAGE[20:]]), media_type="text/html")


def data(_request: Request) -> Response:
    return JSONResponse({"html": PAGE})


def missing(_request: Request) -> Response:
    return HTMLResponse(PAGE, 404)


@pytest.fixture
def client() -> TestClient:
    routes = [Route(f"/{each.__name__}", each) for each in (document, in_parts, data, missing)]
    return TestClient(
        Starlette(routes=routes, middleware=[history.middleware()]),
        headers={"Accept": "text/html", "Accept-Encoding": "gzip"},
    )


@pytest.mark.parametrize("path", ["/document", "/in_parts"])
def test_a_document_has_the_script_first(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.text.startswith("<!doctype html><html><head><script>")
    assert "history.pushState = " in answer.text
    assert answer.text.endswith("</script><title>Morph</title></head></html>")


def test_what_a_browser_has_kept_without_the_script_is_not_used(client: TestClient) -> None:
    answer = client.get("/document", headers={"If-None-Match": "of the page alone"})
    assert (answer.status_code, "etag" in answer.headers) == (200, False)
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize("path", ["/data", "/missing"])
def test_all_else_is_as_it_was(client: TestClient, path: str) -> None:
    assert "pushState" not in client.get(path).text


def test_a_request_for_no_document_is_left_alone(client: TestClient) -> None:
    answer = client.get("/document", headers={"Accept": "*/*"})
    assert answer.text == PAGE
    assert answer.headers["etag"] == "of the page alone"
