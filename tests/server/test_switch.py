"""Which dialect a request speaks."""

from __future__ import annotations

from typing import Any

import pytest

from mutoscope.config import Settings
from mutoscope.dialects import all as every
from mutoscope.dialects.dialect import Claim, Dialect
from mutoscope.errors import BadInput
from mutoscope.server.switch import Switch, plain

ONE = Dialect(name="one", title="One", prefix="/one", routes=(), claims=(Claim("/v1"),))
TWO = Dialect(
    name="two",
    title="Two",
    prefix="/two",
    routes=(),
    claims=(
        Claim("/v1/files", header="x-two"),
        Claim("/v1/files", query="key"),
        Claim("/v1/models", holding=":film"),
        Claim("/v1beta"),
    ),
    rooms={"files": "files"},
    reads=(":look",),
)
OWN = Dialect(name="own", title="Own", prefix="/own", routes=(), claims=(Claim("/own"),))


def find(path: str, query: bytes = b"", **headers: str) -> tuple[str, str, str]:
    """Name of the dialect ("house" for none), the path that it sees, and the prefix."""
    app: Any = object()
    switch = Switch(app, [(one, app) for one in (ONE, TWO, OWN)])
    given = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    found = switch.find(path, query, given)
    name = "house" if found.place.dialect is None else found.place.dialect.name
    return name, found.path, found.prefix


def test_a_prefix_is_its_dialects_alone() -> None:
    assert find("/two/v1/videos") == ("two", "/v1/videos", "/two")
    assert find("/two") == ("two", "/", "/two")
    assert find("/twofold/v1") == ("house", "/twofold/v1", "")


def test_a_dialect_whose_paths_begin_with_its_prefix_keeps_it() -> None:
    assert find("/own/v1/videos") == ("own", "/own/v1/videos", "")


def test_what_several_have_is_told_apart_by_header_query_or_the_path() -> None:
    assert find("/v1/files")[0] == "one"
    assert find("/v1/files/a", x_two="1")[0] == "two"
    assert find("/v1/files/a", b"alt=media&key=k")[0] == "two"
    assert find("/v1/files/a", b"monkey=k")[0] == "one"
    assert find("/v1/models/veo:film")[0] == "two"
    assert find("/v1/models/veo")[0] == "one"


def test_a_claim_ends_where_a_word_does() -> None:
    assert find("/v1beta/models")[0] == "two"
    assert find("/v1betamax")[0] == "house"
    assert find("/v1/models:x")[0] == "one"


@pytest.mark.parametrize("path", ["/mutoscope/jobs/a", "/healthz", "/", "", "*", "//v1"])
def test_the_rest_is_the_houses(path: str) -> None:
    assert find(path) == ("house", path, "")


def test_scopes() -> None:
    assert TWO.scope("GET", "/v1/files/a") == "files:read"
    assert TWO.scope("POST", "/v1/models/a:film") == "videos:write"
    assert TWO.scope("POST", "/v1/models/a:look") == "videos:read"


def test_every_dialect_has_its_name_and_a_prefix_of_its_own() -> None:
    found = every.chosen()
    assert [one.name for one in found] == list(every.NAMES)
    assert len({one.prefix for one in found}) == len(found)
    assert all(one.prefix.startswith("/") and one.prefix.count("/") == 1 for one in found)


def test_an_unknown_dialect_is_named() -> None:
    with pytest.raises(BadInput, match=r"'esperanto'.*no dialect; there are openai"):
        every.chosen(("esperanto",))
    assert [one.name for one in every.chosen(("openai", "openai"))] == ["openai"]
    assert Settings().server.dialects == ()


def test_doubled_slashes_are_one() -> None:
    assert plain("//openai//v1///videos") == "/openai/v1/videos"
    assert plain("/v1beta/files/https://host//a") == "/v1beta/files/https://host/a"
    assert plain("/v1/videos") == "/v1/videos"
