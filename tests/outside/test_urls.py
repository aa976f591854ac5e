"""Addresses, read before anything is reached."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutoscope.errors import BadInput
from mutoscope.outside import urls
from mutoscope.outside.addresses import Reach

TAKEN = {
    "https://example.com/a.jpg": "https://example.com/a.jpg",
    " https://example.com/a.jpg ": "https://example.com/a.jpg",
    "HTTP://EXAMPLE.com/a/../b?q=%2F#part": "http://example.com/b?q=%2F#part",
    "https://bücher.example/ä.jpg": "https://xn--bcher-kva.example/%C3%A4.jpg",
    "http://a。example/": "http://a.example/",
    "http://example.com:8080/x": "http://example.com:8080/x",
    "http://example.com./x": "http://example.com./x",
    "http://8.8.8.8/x": "http://8.8.8.8/x",
    "http://[2606:4700::1111]/x": "http://[2606:4700::1111]/x",
    "http://my_host-1.example/x": "http://my_host-1.example/x",
    "http://example.com?u=a@b": "http://example.com?u=a@b",
}
REFUSED = [
    "", "x", "//example.com/", "http:example.com", "http:///x", "https://", "http://:80/",
    "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "data:image/png;base64,AA",
    "javascript:alert(1)", "unix:/tmp/x",
    "http://user@example.com/", "http://user:pass@example.com/", "http://@169.254.169.254@example.com/",
    "http://example.com\\@127.0.0.1/", "http://exa mple.com/", "http://example.com/a b",
    "http://example.com/\r\nHost: x", "http://example.com\t/", "http://example.com\x00/", "http://a\u2028b/",
    "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://127.1/",
    "http://127.0.1/", "http://017700000001/", "http://127.0.0.1./", "http://1.2.3.4.5/", "http://a.0x1/",
    "http://00000127.0.0.1/", "http://256.1.1.1/", "http://[::1", "http://[fe80::1%25eth0]/",
    "http://[fe80::1%eth0]/", "http://[v1.a]/", "http://[::g]/",
    "http://１２７.０.０.１/", "http://①②⑦.⓪.⓪.①/", "http://ⓛocalhost/", "http://xn--/", "http://xn--\u0131/",
    "http://ex%61mple.com/", "http://%6c%6fcalhost/", "http://a..b/", "http://-a.example/", "http://.../",
    "http://example.com:0/", "http://example.com:22/", "http://example.com:25/", "http://example.com:6379/",
    "http://example.com:99999/", "http://example.com:-1/", "http://example.com:x/", "http://" + "a" * 64 + ".example/",
    "http://" + ".".join(["a" * 60] * 5) + "/", "https://example.com/" + "a" * 17_000,
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TAKEN.items())
def test_what_is_taken(text: str, expected: str) -> None:
    assert str(urls.read(text)) == expected


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused_in_one_sentence_that_names_the_field(text: str) -> None:
    with pytest.raises(BadInput, match=r"^image_url [^\n]*; it must be ") as caught:
        urls.read(text, field="image_url")
    assert caught.value.field == "image_url"
    assert len(caught.value.message) < 200


@pytest.mark.parametrize("value", [None, 3, b"http://example.com/", ["http://example.com/"]])
def test_only_text_is_an_address(value: object) -> None:
    with pytest.raises(BadInput, match="is not text"):
        urls.read(value)


@given(st.text(max_size=60) | st.text(max_size=40).map(lambda text: "http://" + text))
def test_any_text_is_taken_or_refused(text: str) -> None:
    try:
        url = urls.read(text)
    except BadInput:
        return
    assert url.scheme in ("http", "https")
    assert not url.userinfo
    again = urls.read(str(url))
    assert (again.raw_host, again.port, again.raw_path) == (url.raw_host, url.port, url.raw_path)


@pytest.mark.parametrize(
    ("text", "word"),
    [("http://127.0.0.1/", "a loopback"), ("http://[::1]/", "a loopback"),
     ("http://[::ffff:a00:1]/", "a private"), ("http://169.254.169.254/", "a link-local"),
     ("http://0.0.0.0/", "an unspecified"), ("http://[fd00:ec2::254]/", "a metadata")],
)  # fmt: skip
def test_a_network_address_that_is_shut_is_named_by_its_kind(text: str, word: str) -> None:
    with pytest.raises(BadInput, match=f"leads to {word} network address") as caught:
        urls.reachable(urls.read(text), Reach(), setting="fetch.allow_private")
    opens = word.split()[1] in ("loopback", "private")
    assert ("fetch.allow_private" in caught.value.message) is opens


def test_names_wait_until_they_are_looked_up() -> None:
    assert urls.reachable(urls.read("http://localhost/"), Reach())


def test_addresses_are_shown_without_their_query() -> None:
    assert urls.shown(httpx.URL("https://a.example/x?signature=s3cret#f")) == "https://a.example/x"
    assert len(urls.shown(httpx.URL("https://a.example/" + "x" * 500))) == 120


def test_receivers_are_told_apart_by_their_origin() -> None:
    one = {urls.origin(urls.read(u)) for u in ("http://a.example/x?y", "http://a.example:80/z")}
    assert one == {"http://a.example"}
    assert urls.origin(urls.read("https://[2606:4700::1111]:8443/z")) == "https://[2606:4700::1111]:8443"  # fmt: skip
