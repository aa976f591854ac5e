"""Whatever a field holds, interactions and Vertex answer with what is wrong, never that they failed."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from wired import SKETCHING, Wired, picture, wired

from mutoscope.dialects.interactions.asking import FIELDS as INTERACTIONS
from mutoscope.dialects.vertex.asking import FIELDS as VERTEX

pytestmark = pytest.mark.slow

VALUES: tuple[Any, ...] = (
    True, 7, -1, 1e300, 2**70, "", "x", "8s", [], {}, [None], [[]], {"a": 1}, [{"a": []}], "gs://",
)  # fmt: skip
PNG = base64.b64encode(picture(64, 36)).decode()
PLACE = "/v1/publishers/google/models/veo-3.1-generate-001"


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    place: Path = tmp_path_factory.mktemp("house")
    with wired(place, SKETCHING) as made:
        yield made


def placed(body: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """The body with a value at a path such as "instances[].prompt"."""
    within, *rest = name.split(".")
    if not rest:
        return body | {within: value}
    inner = body.get(within.removesuffix("[]"), [{}] if within.endswith("[]") else {})
    if within.endswith("[]"):
        return body | {within[:-2]: [placed(inner[0], ".".join(rest), value)]}
    return body | {within: placed(inner, ".".join(rest), value)}


@pytest.mark.parametrize("name", INTERACTIONS)
def test_interactions(wire: Wired, name: str) -> None:
    image = {"type": "image", "data": PNG}
    body = {"model": "gemini-omni-1.1-flash", "input": [image, "pan left"], "background": True}
    for value in VALUES:
        if (name, value) in (("background", "x"), ("stream", True), ("stream", 7)):
            continue
        sent = placed(body, name, value)
        if name == "stream":
            sent["model"] = None  # else it would wait for its film
        answer = wire.client.post("/v1/interactions", json=sent)
        assert answer.status_code in (200, 400, 403, 404), (name, value, answer.text)
        assert answer.status_code == 200 or answer.json()["error"]["message"]


@pytest.mark.parametrize("name", VERTEX)
def test_vertex(wire: Wired, name: str) -> None:
    body = {"instances": [{"prompt": "pan left", "image": {"bytesBase64Encoded": PNG}}]}
    for value in VALUES:
        answer = wire.client.post(f"{PLACE}:predictLongRunning", json=placed(body, name, value))
        assert answer.status_code in (200, 400, 403, 404), (name, value, answer.text)
        assert answer.status_code == 200 or answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'"x"', b"{}", b"\xff", b'{"input": 1}']
)
def test_a_body_that_is_none(wire: Wired, content: bytes) -> None:
    for place in (
        "/v1/interactions",
        f"{PLACE}:predictLongRunning",
        f"{PLACE}:fetchPredictOperation",
    ):
        answer = wire.client.post(
            place, content=content, headers={"content-type": "application/json"}
        )
        assert answer.status_code == 400, (place, answer.text)


@pytest.mark.parametrize(
    "content",
    [
        {"type": "image"}, {"type": "image", "data": 7}, {"type": "image", "data": "!"}, {"type": "image", "uri": []},
        {"type": "image", "uri": "files/"}, {"type": "image", "uri": "ftp://x"}, {"type": 7}, {}, 7, None, [[]],
        {"type": "text"}, {"type": "text", "text": 7}, {"type": "video", "data": PNG}, {"type": "document", "data": PNG},
        {"type": "image", "uri": "files/" + "0" * 48}, {"content": 7}, {"content": [7]}, {"type": "user_input"},
    ],
)  # fmt: skip
def test_content_that_is_none(wire: Wired, content: Any) -> None:
    for given in ([content, "x"], content, [{"type": "user_input", "content": [content]}]):
        answer = wire.client.post(
            "/v1/interactions",
            json={"model": "gemini-omni-1.1-flash", "input": given, "background": True},
        )
        assert answer.status_code in (200, 400, 403, 404), (given, answer.text)
