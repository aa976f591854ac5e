"""Pages in the owner's browser, and names that strangers let resolve to loopback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_auth import client

ALLOWED = {
    "by address": {"host": "127.0.0.1:8640"},
    "by name": {"host": "localhost:8640"},
    "by IPv6": {"host": "[::1]:8640"},
    "through a tunnel": {"host": "localhost:9000"},
    "its own page": {"host": "localhost:8640", "origin": "http://localhost:8640"},
    "an allowed page": {"host": "localhost:8640", "origin": "https://studio.example"},
    "an allowed name": {"host": "films.lan:8640"},
    "a browser's address line": {
        "host": "localhost", "sec-fetch-site": "none", "sec-fetch-mode": "navigate",
    },
    "a link that was clicked": {
        "host": "localhost", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate",
    },
    "a program": {"host": "127.0.0.1"},
}  # fmt: skip
REFUSED = {
    "a stranger's name": ({"host": "evil.example:8640"}, "host_not_allowed"),
    "a name that looks like an address": ({"host": "127.0.0.1.evil.example"}, "host_not_allowed"),
    "no name": ({"host": ""}, "host_not_allowed"),
    "a broken name": ({"host": "[::1"}, "host_not_allowed"),
    "an address outside": ({"host": "192.168.0.7:8640"}, "host_not_allowed"),
    "another page": ({"host": "localhost", "origin": "https://evil.example"}, "origin_not_allowed"),
    "another port's page": (
        {"host": "localhost:8640", "origin": "http://localhost:3000"}, "origin_not_allowed",
    ),
    "a page without origin": ({"host": "localhost", "origin": "null"}, "origin_not_allowed"),
    "a picture in another page": (
        {"host": "localhost", "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
        "origin_not_allowed",
    ),
    "a proxy": ({"host": "localhost", "x-forwarded-for": "203.0.113.9"}, "key_needed"),
}  # fmt: skip
SERVER: dict[str, Any] = {
    "allowed_hosts": ("films.lan",),
    "allowed_origins": ("https://studio.example",),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_the_owner_is_let_in(tmp_path: Path, name: str) -> None:
    with client(tmp_path, **SERVER) as (http, _):
        assert http.get("/v1/files", headers=ALLOWED[name]).status_code == 200


@pytest.mark.parametrize("name", REFUSED)
def test_strangers_are_not(tmp_path: Path, name: str) -> None:
    headers, code = REFUSED[name]
    with client(tmp_path, **SERVER) as (http, _):
        for method in ("GET", "POST"):
            answer = http.request(method, "/v1/files", headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, code)
            assert "access-control-allow-origin" not in answer.headers


def test_a_page_may_not_even_ask(tmp_path: Path) -> None:
    asked = {"host": "localhost", "access-control-request-method": "POST"}
    with client(tmp_path, **SERVER) as (http, _):
        answer = http.options("/v1/files", headers=asked | {"origin": "https://evil.example"})
        assert answer.status_code == 403
        answer = http.options("/v1/files", headers=asked | {"origin": "https://studio.example"})
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == "https://studio.example"
        answer = http.get(
            "/v1/files", headers={"host": "localhost", "origin": "https://studio.example"}
        )
        assert answer.headers["access-control-allow-origin"] == "https://studio.example"
        assert "x-request-id" in answer.headers["access-control-expose-headers"]


def test_a_form_on_another_page_cannot_post(tmp_path: Path) -> None:
    """Without a preflight: a form's encodings are sent by any page at once, with its Origin."""
    with client(tmp_path) as (http, house):
        answer = http.post(
            "/v1/files",
            data={"a": "b"},
            headers={"host": "localhost:8640", "origin": "https://evil.example"},
        )
        assert answer.status_code == 403
        assert house.intake.received == 0


def test_with_a_key_names_and_pages_do_not_matter(tmp_path: Path) -> None:
    with client(tmp_path) as (http, house):
        secret, _ = house.keys.create()
        headers = {
            "host": "films.example", "origin": "https://elsewhere.example",
            "x-forwarded-for": "203.0.113.9", "authorization": f"Bearer {secret}",
        }  # fmt: skip
        answer = http.get("/v1/files", headers=headers)
        assert answer.status_code == 200
        assert "access-control-allow-origin" not in answer.headers


def test_a_signed_link_plays_in_another_page(tmp_path: Path) -> None:
    with client(tmp_path) as (http, house):
        link = house.links.sign("/v1/videos/a/content", seconds=60)
        headers = {"host": "localhost", "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
        assert http.get(link, headers=headers).status_code == 200
