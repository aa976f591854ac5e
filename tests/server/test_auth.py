"""Who is let in: through the whole front, with a client that speaks to it in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from small_house import small_house
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from mutoscope.config import Server, Settings
from mutoscope.dialects.all import dialect
from mutoscope.server.app import build
from mutoscope.server.auth import loopback
from mutoscope.server.house import House


async def who(request: Request) -> Response:
    caller = request.state.caller
    return JSONResponse([caller.project, caller.key_id, caller.link, caller.reads])


PATHS = (
    "/v1/videos/{video_id}",
    "/v1/files",
    "/v1/webhook_endpoints",
    "/v1/videos/{video_id}/content",
)


def routes(house: House) -> list[Route]:
    """In place of the dialect's own."""
    return [Route(path, who, methods=["GET", "POST", "DELETE"]) for path in PATHS]


@contextmanager
def client(
    folder: Path, base: str = "http://127.0.0.1:8640", **server: object
) -> Iterator[tuple[TestClient, House]]:
    settings = Settings(server=Server(**server))  # type: ignore[arg-type]
    with small_house(folder, settings) as house:
        spoken = replace(dialect("openai"), routes=(__name__,))
        app = build(house, rooms=(), dialects=(spoken,))
        yield TestClient(app, base_url=base), house


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def test_a_keyless_loopback_server_takes_any_key_and_none(tmp_path: Path) -> None:
    with client(tmp_path) as (http, _):
        for headers in ({}, bearer("anything"), {"authorization": "Basic x"}):
            answer = http.get("/v1/files", headers=headers)
            assert answer.json() == ["default", None, False, "default"]


def test_the_first_key_closes_the_door(tmp_path: Path) -> None:
    with client(tmp_path) as (http, house):
        secret, key = house.keys.create(project="films")
        house.keys._any = (0.0, False)
        answer = http.get("/v1/files")
        assert answer.status_code == 401
        error = answer.json()["error"]
        assert error["code"] == "invalid_api_key"
        assert "didn't provide an API key" in error["message"]
        assert error["hint"]
        wrong = http.get("/v1/files", headers=bearer("muto_guess-guess"))
        assert wrong.status_code == 401
        assert "guess" not in wrong.text
        right = http.get("/v1/files", headers=bearer(secret))
        assert right.json() == ["films", key.id, False, "films"]
        assert http.get("/v1/files", headers={"api-key": secret}).status_code == 200
        assert http.get("/healthz").status_code == 200
        assert http.get("/readyz").status_code == 200
        assert http.get("/metrics").status_code == 401


def test_a_refused_body_is_not_read(tmp_path: Path) -> None:
    with client(tmp_path) as (http, house):
        house.keys.create()
        answer = http.post("/v1/files", content=b"x" * 1000)
        assert answer.status_code == 401
        assert house.intake.received == 0


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        (
            (),
            {"GET /v1/videos/a", "POST /v1/videos/a", "GET /v1/files", "GET /v1/webhook_endpoints"},
        ),
        (("videos:read",), {"GET /v1/videos/a"}),
        (("videos",), {"GET /v1/videos/a", "POST /v1/videos/a"}),
        (("files:read", "webhooks:read"), {"GET /v1/files", "GET /v1/webhook_endpoints"}),
    ],
)
def test_scopes_are_by_room_and_verb(
    tmp_path: Path, scopes: tuple[str, ...], allowed: set[str]
) -> None:
    with client(tmp_path) as (http, house):
        secret, _ = house.keys.create(scopes=scopes)
        for call in (
            "GET /v1/videos/a",
            "POST /v1/videos/a",
            "GET /v1/files",
            "GET /v1/webhook_endpoints",
        ):
            method, path = call.split()
            answer = http.request(method, path, headers=bearer(secret))
            assert answer.status_code == (200 if call in allowed else 403), call
            if call not in allowed:
                assert "scope" in answer.json()["error"]["message"]


def test_a_key_has_its_requests_a_minute(tmp_path: Path) -> None:
    with client(tmp_path) as (http, house):
        secret, _ = house.keys.create(requests_per_minute=3)
        other, _ = house.keys.create(requests_per_minute=3)
        left = []
        for _ in range(3):
            answer = http.get("/v1/files", headers=bearer(secret))
            assert answer.status_code == 200
            left.append(answer.headers["x-ratelimit-remaining-requests"])
        assert left == ["2", "1", "0"]
        refused = http.get("/v1/files", headers=bearer(secret))
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 20
        assert 0 < int(refused.headers["retry-after-ms"]) <= 20_000
        assert refused.json()["error"]["code"] == "rate_limit_exceeded"
        assert http.get("/v1/files", headers=bearer(other)).status_code == 200


def test_a_signed_link_opens_its_one_thing_without_a_key(tmp_path: Path) -> None:
    with client(tmp_path) as (http, house):
        house.keys.create()
        link = house.links.sign("/v1/videos/a/content?variant=thumbnail", seconds=60)
        assert http.get(link).json() == ["", None, True, None]
        assert http.get(link.replace("/a/", "/b/")).status_code == 401
        assert http.get(link.replace("thumbnail", "video")).status_code == 401
        assert http.delete(link).status_code == 401


def test_every_answer_has_a_request_id(tmp_path: Path) -> None:
    with client(tmp_path) as (http, _):
        ids = {
            http.get(path).headers["x-request-id"] for path in ("/healthz", "/none", "/v1/files")
        }
        assert len(ids) == 3
        assert all(one.startswith("req_") for one in ids)
        given = http.get("/healthz", headers={"x-request-id": "my-trace.1"})
        assert given.headers["x-request-id"] == "my-trace.1"
        for odd in ("a b", "x" * 200, "a;b", '"', ""):
            answer = http.get("/healthz", headers={"x-request-id": odd})
            assert answer.headers["x-request-id"] != odd


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("127.3.2.1", True), ("0.0.0.0", False),
     ("::", False), ("192.168.1.5", False), ("films.example", False)],
)  # fmt: skip
def test_loopback(host: str, own: bool) -> None:
    assert loopback(host) is own
