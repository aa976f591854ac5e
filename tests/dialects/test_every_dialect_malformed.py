"""Whatever a request holds, every dialect answers with a 4xx in its vendor's own form, or takes it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from wired import SKETCHING, Wired, data_url, wired

from mutoscope.dialects.all import NAMES, dialect

IMAGE = data_url(64, 64)
BARE = IMAGE.partition(",")[2]
#: A dialect → where a body of its first table goes, and one that is right.
RIGHT: dict[str, tuple[str, dict[str, Any]]] = {
    "azure": (
        "/openai/v1/video/generations/jobs",
        {"prompt": "a", "model": "sora", "width": 480, "height": 480, "n_seconds": 1},
    ),
    "relay": ("/v1/sora/generate", {"prompt": "a"}),
    "runway": (
        "/v1/image_to_video",
        {"model": "gen4_turbo", "promptImage": IMAGE, "promptText": "a", "ratio": "1280:720"},
    ),
    "luma": (
        "/dream-machine/v1/generations/video",
        {"model": "ray-2", "prompt": "a"},
    ),
    "luma_agents": (
        "/v1/generations",
        {"model": "ray-3.2", "prompt": "a", "type": "video"},
    ),
    "gemini": (
        "/v1beta/models/veo-3.1-generate-preview:predictLongRunning",
        {"instances": [{"prompt": "a", "image": {"bytesBase64Encoded": BARE, "mimeType": "image/png"}}], "parameters": {}},
    ),
    "vertex": (
        "/v1/publishers/google/models/veo-3.1-generate-001:predictLongRunning",
        {"instances": [{"prompt": "a", "image": {"bytesBase64Encoded": BARE, "mimeType": "image/png"}}], "parameters": {}},
    ),
    "interactions": (
        "/v1beta/interactions",
        {"model": "gemini-omni-1.2-flash", "input": "a", "background": True},
    ),
}  # fmt: skip
ODD: tuple[Any, ...] = (
    0, -1, 1e300, 2**70, True, "", " ", "x" * 5000, "\u0000", "-", "9" * 400, "NaN", [], [[]], [1, "a"], {}, {"": ""},
    {"url": 7}, [{"uri": []}], "data:", "data:image/png;base64,!", "http://", "gs://b/o", "files/../x", [None],
)  # fmt: skip
#: Fields that are left alone: without them an interaction is waited for, and nothing films here.
KEPT = ("background", "stream")
HEADERS = {"x-runway-version": "2024-11-06", "api-version": "preview"}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    with wired(tmp_path_factory.mktemp("here"), SKETCHING) as made:
        yield made


def put(body: Any, path: str, value: Any) -> Any:
    """The body with another value at a path of a table; what is not there is made."""
    step, _, rest = path.partition(".")
    name, several = step.removesuffix("[]"), step.endswith("[]")
    if not rest and not several:
        return {**body, name: value}
    inner = body.get(name)
    if several:
        first = inner[0] if isinstance(inner, list) and inner and isinstance(inner[0], dict) else {}
        return {**body, name: [put(first, rest, value) if rest else value]}
    return {**body, name: put(inner if isinstance(inner, dict) else {}, rest, value)}


def bodies(name: str) -> Iterator[Any]:
    """One thing wrong at a time."""
    module, _, table = next(iter(dialect(name).tables.values())).partition(":")
    right = RIGHT[name][1]
    for field in getattr(import_module(module), table):
        if field in KEPT:
            continue
        for value in ODD:
            yield put(right, field, value)
    for field in set(right) - set(KEPT):
        yield {key: value for key, value in right.items() if key != field}


def test_every_dialect_is_tried() -> None:
    assert set(RIGHT) == set(NAMES) - {"openai"}  # which has a room of its own for this


@pytest.mark.slow
@pytest.mark.parametrize("name", RIGHT)
def test_a_wrong_value_is_refused_or_taken_and_never_breaks_the_server(
    here: Wired, name: str
) -> None:
    path = RIGHT[name][0]
    spoken = dialect(name)
    refused = 0
    for body in bodies(name):
        answer = here.client.post(spoken.prefix + path, json=body, headers=HEADERS)
        assert answer.status_code < 500, (body, answer.text)
        if answer.status_code >= 400:
            refused += 1
            assert "Traceback" not in answer.text
            assert answer.headers["content-type"].startswith("application/json"), body
    assert refused > 20


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("raw", [b"", b"[]", b'"x"', b"{", b"\xff\xfe", b"null", b"7"])
def test_a_body_that_is_no_object_is_refused(here: Wired, name: str, raw: bytes) -> None:
    spoken = dialect(name)
    headers = {**HEADERS, "content-type": "application/json"}
    answer = here.client.post(spoken.prefix + RIGHT[name][0], content=raw, headers=headers)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()


@pytest.mark.parametrize("name", RIGHT)
def test_what_the_malformed_bodies_are_made_of_is_right(here: Wired, name: str) -> None:
    spoken = dialect(name)
    answer = here.client.post(spoken.prefix + RIGHT[name][0], json=RIGHT[name][1], headers=HEADERS)
    assert answer.status_code in (200, 201), answer.text
