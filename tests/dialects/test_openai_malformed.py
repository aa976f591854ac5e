"""Requests that are no requests, one by one, at the routes: each gets a 4xx in the service's form, fast.

Bodies that are broken as bodies (bounds, encodings, slow senders) are the server's: tests/server.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from test_openai_asking import BAD
from wired import FILM, Wired, data_url, picture, wired

from mutoscope.server.body import Upload

PNG = picture(64, 64)
PATIENCE = 5.0  # seconds that any refusal may take where everything else is at work, too
ERROR = {"message", "type", "param", "code"}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    with wired(tmp_path_factory.mktemp("here")) as made:
        yield made


def refused(answer: Any) -> dict[str, Any]:
    """The error of a 4xx in the service's form."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text)
    assert answer.headers["content-type"] == "application/json"
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) >= ERROR
    assert error["message"]
    assert "Traceback" not in answer.text
    assert "/tmp" not in error["message"]
    return error


def with_ids(value: Any) -> Any:
    """The table's uploads cannot go into JSON: the same picture as a data URL."""
    return {"image_url": data_url(64, 64)} if isinstance(value, Upload) else value


@pytest.mark.parametrize(("given", "field"), [(row[1], row[2]) for row in BAD], ids=[row[0] for row in BAD])  # fmt: skip
def test_a_create_that_will_not_do(here: Wired, given: dict[str, Any], field: str) -> None:
    body = {"prompt": "a cat"} | {name: with_ids(value) for name, value in given.items()}
    if body["prompt"] is None:
        del body["prompt"]
    begun = time.perf_counter()
    error = refused(here.client.post("/v1/videos", json=body))
    assert time.perf_counter() - begun < PATIENCE
    assert error["param"] in (field, None)


JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
RAW: list[tuple[str, str, str, dict[str, Any]]] = [
    ("no body", "POST", "/v1/videos", {}),
    ("no JSON", "POST", "/v1/videos", {"content": b"{", "headers": JSON}),
    ("a list", "POST", "/v1/videos", {"content": b"[]", "headers": JSON}),
    ("text", "POST", "/v1/videos", {"content": b'"cat"', "headers": JSON}),
    ("null", "POST", "/v1/videos", {"content": b"null", "headers": JSON}),
    ("no UTF-8", "POST", "/v1/videos", {"content": b'{"prompt": "\xff"}', "headers": JSON}),
    ("half a surrogate", "POST", "/v1/videos", {"content": b'{"prompt": "\\ud800"}', "headers": JSON}),
    ("a NUL", "POST", "/v1/videos", {"content": b'{"prompt": "a\\u0000b"}', "headers": JSON}),
    ("no number of JSON", "POST", "/v1/videos", {"content": b'{"prompt": "a", "seconds": NaN}', "headers": JSON}),
    ("a name twice", "POST", "/v1/videos", {"content": b'{"prompt": "a", "prompt": "b"}', "headers": JSON}),
    ("nested without end", "POST", "/v1/videos", {"content": b'{"a":' * 50_000, "headers": JSON}),
    ("a number without end", "POST", "/v1/videos", {"content": b'{"seed": ' + b"9" * 5000 + b"}", "headers": JSON}),
    ("a form without prompt", "POST", "/v1/videos", {"content": b"seconds=4", "headers": FORM}),
    ("a form with a name twice", "POST", "/v1/videos", {"content": b"prompt=a&prompt=b", "headers": FORM}),
    ("a form with broken brackets", "POST", "/v1/videos", {"content": b"prompt=a&x[=b", "headers": FORM}),
    ("a form with deep brackets", "POST", "/v1/videos", {"content": b"a" + b"[b]" * 100 + b"=c", "headers": FORM}),
    ("another type of body", "POST", "/v1/videos", {"content": b"<a/>", "headers": {"content-type": "text/xml"}}),
    ("multipart without boundary", "POST", "/v1/videos", {"content": b"--", "headers": {"content-type": "multipart/form-data"}}),
    ("multipart cut short", "POST", "/v1/videos", {"content": b'--b\r\nContent-Disposition: form-data; name="prompt"\r\n\r\na', "headers": {"content-type": "multipart/form-data; boundary=b"}}),
    ("a prompt as a file", "POST", "/v1/videos", {"files": {"prompt": ("a.txt", b"a cat")}}),
    ("a size as a file", "POST", "/v1/videos", {"data": {"prompt": "a"}, "files": {"size": ("a", b"1280x720")}}),
    ("a film as the picture", "POST", "/v1/videos", {"data": {"prompt": "a"}, "files": {"input_reference": ("a", FILM)}}),
    ("an empty picture", "POST", "/v1/videos", {"data": {"prompt": "a"}, "files": {"input_reference": ("a", b"")}}),
    ("text as the picture", "POST", "/v1/videos", {"data": {"prompt": "a"}, "files": {"input_reference": ("a.png", b"hello")}}),
    ("an SVG as the picture", "POST", "/v1/videos", {"data": {"prompt": "a"}, "files": {"input_reference": ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")}}),
    ("half a PNG", "POST", "/v1/videos", {"data": {"prompt": "a"}, "files": {"input_reference": ("a.png", PNG[:30])}}),
    ("a PNG that claims too much", "POST", "/v1/videos", {"data": {"prompt": "a"}, "files": {"input_reference": ("a.png", PNG[:16] + b"\x7f\xff\xff\xff\x7f\xff\xff\xff" + PNG[24:])}}),
    ("two pictures by two names", "POST", "/v1/videos", {"data": {"prompt": "a", "image_url": "https://e.org"}, "files": {"input_reference": ("a.png", PNG)}}),
    ("a data URL of nothing", "POST", "/v1/videos", {"json": {"prompt": "a", "image_url": "data:image/png;base64,"}}),
    ("a data URL that is broken", "POST", "/v1/videos", {"json": {"prompt": "a", "image_url": "data:image/png;base64,@@@@"}}),
    ("a data URL of text", "POST", "/v1/videos", {"json": {"prompt": "a", "image_url": "data:text/plain,hello"}}),
    ("a data URL without comma", "POST", "/v1/videos", {"json": {"prompt": "a", "image_url": "data:image/png;base64"}}),
    ("a size of odd sides", "POST", "/v1/videos", {"json": {"prompt": "a", "size": "641x481", "image_data": data_url(64, 64)}}),
    ("a size too large for its engine", "POST", "/v1/videos", {"json": {"prompt": "a", "size": "16000x16000", "image_data": data_url(64, 64)}}),
    ("a day of film", "POST", "/v1/videos", {"json": {"prompt": "a", "seconds": 86_400, "image_data": data_url(64, 64)}}),
    ("two days of film", "POST", "/v1/videos", {"json": {"prompt": "a", "seconds": 172_800, "image_data": data_url(64, 64)}}),
    ("a million frames a second", "POST", "/v1/videos", {"json": {"prompt": "a", "fps": 1e6, "image_data": data_url(64, 64)}}),
    ("a seed below zero", "POST", "/v1/videos", {"json": {"prompt": "a", "seed": -7, "image_data": data_url(64, 64)}}),
    ("a frame beyond the last", "POST", "/v1/videos", {"json": {"prompt": "a", "frame_index": 10_000, "image_data": data_url(64, 64)}}),
    ("a pad that is no colour", "POST", "/v1/videos", {"json": {"prompt": "a", "pad_colour": "mauve", "image_data": data_url(64, 64)}}),
    ("the first frame twice", "POST", "/v1/videos", {"json": {"prompt": "a", "frame_index": -1, "image_data": data_url(64, 64), "last_frame": {"image_url": data_url(64, 64)}}}),
    ("a model without a name", "POST", "/v1/videos", {"json": {"prompt": "a", "model": "", "image_data": data_url(64, 64)}}),
    ("a model of many letters", "POST", "/v1/videos", {"json": {"prompt": "a", "model": "a" * 5000, "image_data": data_url(64, 64)}}),
    ("an unknown character", "POST", "/v1/videos", {"json": {"prompt": "a", "characters": [{"id": "char_none"}], "image_data": data_url(64, 64)}}),
    ("a remix of nothing", "POST", "/v1/videos", {"json": {"prompt": "a", "remix_video_id": "video_none"}}),
    ("a remix without words", "POST", "/v1/videos/video_none/remix", {"json": {}}),
    ("an edit without film", "POST", "/v1/videos/edits", {"json": {"prompt": "a"}}),
    ("an edit of a picture", "POST", "/v1/videos/edits", {"data": {"prompt": "a"}, "files": {"video": ("a.png", PNG)}}),
    ("an edit of nothing", "POST", "/v1/videos/edits", {"json": {"prompt": "a", "video": {"id": "video_none"}}}),
    ("an extension without length", "POST", "/v1/videos/extensions", {"json": {"prompt": "a", "video": {"id": "video_none"}}}),
    ("an extension backwards", "POST", "/v1/videos/extensions", {"json": {"prompt": "a", "seconds": -4, "video": {"id": "video_none"}}}),
    ("an endless id", "GET", "/v1/videos/" + "a" * 5000, {}),
    ("an id with a path in it", "GET", "/v1/videos/..%2f..%2fetc%2fpasswd", {}),
    ("an id with a NUL", "GET", "/v1/videos/video%00", {}),
    ("an id that is no text", "GET", "/v1/videos/%ff%fe", {}),
    ("an unknown variant", "GET", "/v1/videos/video_none/content?variant=../../x", {}),
    ("a list without measure", "GET", "/v1/videos?limit=1000000000000", {}),
    ("a list from nowhere", "GET", "/v1/videos?after=%27%3B%20DROP%20TABLE%20jobs", {}),
    ("an unknown method", "PATCH", "/v1/videos", {}),
    ("a method of one's own", "BREW", "/v1/videos/video_none", {}),
    ("a file without content", "POST", "/v1/files", {"data": {"purpose": "vision"}}),
    ("a file without purpose", "POST", "/v1/files", {"files": {"file": ("a.png", PNG)}}),
    ("an unknown file", "GET", "/v1/files/file-none/content", {}),
    ("a batch of nothing", "POST", "/v1/batches", {"json": {}}),
    ("a batch of another kind", "POST", "/v1/batches", {"json": {"input_file_id": "file-none", "endpoint": "/v1/embeddings", "completion_window": "24h"}}),
    ("an unknown batch", "POST", "/v1/batches/batch_none/cancel", {}),
    ("an unknown model", "GET", "/v1/models/none", {}),
    ("a key that is none", "POST", "/v1/videos", {"json": {"prompt": "a"}, "headers": {"idempotency-key": "a" * 300}}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "given"), [row[1:] for row in RAW], ids=[row[0] for row in RAW])  # fmt: skip
def test_a_request_that_is_none(here: Wired, method: str, path: str, given: dict[str, Any]) -> None:
    begun = time.perf_counter()
    refused(here.client.request(method, path, **given))
    assert time.perf_counter() - begun < PATIENCE


def test_there_are_more_than_sixty_and_nothing_came_of_any(here: Wired) -> None:
    assert len(RAW) > 60
    assert len({json.dumps(row[1:], default=repr) for row in RAW}) == len(RAW)
    assert here.client.get("/v1/videos").json()["data"] == []
    assert here.client.get("/v1/files").json()["data"] == []
