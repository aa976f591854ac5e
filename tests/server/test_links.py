from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from small_house import small_house

from mutoscope.server.links import Links
from mutoscope.server.secret import kept

HERE = "https://films.example"
PATH = "/v1/videos/video_1/content"


def opened(links: Links, url: str, method: str = "GET") -> bool:
    parts = urlsplit(url)
    return links.opens(method, parts.path, parts.query)


@pytest.fixture
def links() -> Links:
    return Links(b"secret", HERE + "/")


def test_a_link_opens_what_it_names(links: Links) -> None:
    for path in (PATH, PATH + "?variant=thumbnail"):
        url = links.sign(path, seconds=60)
        assert url.startswith(HERE + PATH + "?")
        assert opened(links, url)
        assert opened(links, url, "HEAD")
        assert opened(Links(b"secret", "http://elsewhere"), url), "the server's address may change"


def test_and_nothing_else(links: Links) -> None:
    url = links.sign(PATH + "?variant=video", seconds=60)
    signature = parse_qs(urlsplit(url).query)["signature"][0]
    assert not opened(links, url, "DELETE")
    assert not opened(links, url, "POST")
    for old, new in (
        ("video_1", "video_2"),
        ("variant=video", "variant=spritesheet"),
        ("variant=video&", ""),
        ("expires=", "expires=9"),
        (signature, signature[:-1]),
        (signature, ""),
        (signature, signature.upper()),
        ("signature=", "Signature="),
        ("?", "?variant=thumbnail&"),
        ("/content", "/content/"),
    ):
        changed = url.replace(old, new, 1)
        assert changed != url
        assert not opened(links, changed), (old, new)
    assert not opened(Links(b"another secret", HERE), url)
    for odd in (
        "expires=x&signature=y",
        "signature=",
        "expires=１２&signature=x",
        "%ff",
        "signature=ä",
    ):
        assert not links.opens("GET", PATH, odd)


def test_what_counts_not_may_be_added(links: Links) -> None:
    """A player may add its own parameters; the path, variant and time stay what was signed."""
    assert opened(links, links.sign(PATH, seconds=60) + "&t=10")


def test_it_expires(links: Links, monkeypatch: pytest.MonkeyPatch) -> None:
    url = links.sign(PATH, seconds=60)
    later = time.time() + 62
    monkeypatch.setattr("mutoscope.server.links.time.time", lambda: later)
    assert not opened(links, url)


def test_a_long_link_stays_the_same_from_poll_to_poll(
    links: Links, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mutoscope.server.links.time.time", lambda: 1_000_001.0)
    first = links.sign(PATH, seconds=86_400)
    monkeypatch.setattr("mutoscope.server.links.time.time", lambda: 1_000_190.0)
    assert links.sign(PATH, seconds=86_400) == first
    expires = int(parse_qs(urlsplit(first).query)["expires"][0])
    assert expires >= 1_000_190 + 86_400


def test_servers_that_start_at_once_share_one_secret(tmp_path: Path) -> None:
    with small_house(tmp_path) as house, ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: kept(house.records, "links"), range(16)))
        assert len(found) == 1
        assert len(found.pop()) == 32
        assert kept(house.records, "another") != kept(house.records, "links")
