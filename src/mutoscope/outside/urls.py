"""An address that somebody gave, read and checked before anything is reached.

What is refused here is what can be told from the text alone. Where the host really leads is checked when
it is dialled (`mutoscope.outside.dial`), so no trick of writing can lead elsewhere.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address

import httpx

from mutoscope.errors import BadInput
from mutoscope.outside.addresses import Address, Reach, kind

MAX_LENGTH = 16_384  # characters; signed links are long
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\\]")
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")  # fmt: skip
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
#: ports from 1024 on that speak something else than HTTP
_OTHER_PORTS = frozenset(
    {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, 11211}
    | set(range(6665, 6670))
    | {6679, 6697, 10080}
)


def read(text: object, *, field: str = "url") -> httpx.URL:
    """`text` as an http or https address with a plain host; `BadInput`, naming `field`, where it is none."""
    if not isinstance(text, str):
        raise _bad(field, "is not text", "an address such as https://example.com/photo.jpg")
    if len(text) > MAX_LENGTH:
        raise _bad(field, f"has {len(text):,} characters", f"an address of at most {MAX_LENGTH:,}")
    text = text.strip()
    if _FORBIDDEN.search(text):
        raise _bad(
            field,
            "holds a space, a backslash or a control character",
            "an address with these written as %20 and the like",
        )
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):  # idna's errors are ValueErrors
        raise _bad(field, "cannot be read as an address", "such as https://example.com/a.jpg") from None  # fmt: skip
    return checked(url, field=field)


def checked(url: httpx.URL, *, field: str = "url") -> httpx.URL:
    """The same address, where its scheme, host and port may be used at all."""
    if url.scheme not in ("http", "https"):
        scheme = f'begins with "{url.scheme[:20]}:"' if url.scheme else "has no scheme"
        raise _bad(field, scheme, "an address that begins with https:// or http://")
    if url.userinfo:
        raise _bad(field, "holds a user name or password", "an address without one")
    if url.port is not None and not _port_allowed(url.port):
        raise _bad(field, f"names port {url.port}", "80, 443 or a web server's port from 1024 on")
    host = url.raw_host.decode("ascii")
    if literal(host) is None:
        name = host.removesuffix(".")
        if not _NAME.fullmatch(name):
            raise _bad(field, "has no host that could be looked up", "such as https://example.com/")
        if _NUMBER.fullmatch(name.rsplit(".", 1)[-1]):
            raise _bad(
                field,
                "writes a network address in an unusual way",
                "four numbers from 0 to 255, or a name",
            )
    return url


def literal(host: str) -> Address | None:
    """The network address that a host is, where it is written as one in the usual way."""
    try:
        return IPv6Address(host) if ":" in host and "%" not in host else IPv4Address(host)
    except ValueError:
        return None


def reachable(url: httpx.URL, reach: Reach, *, field: str = "url", setting: str = "") -> httpx.URL:
    """The same address, unless its host is a network address that is known not to be reachable."""
    address = literal(url.raw_host.decode("ascii"))
    if address is not None and not reach.allows(address):
        raise shut(field, kind(address), setting, field=field)
    return url


def shut(what: str, word: str, setting: str, *, field: str | None = None) -> BadInput:
    """The refusal of `what`, which leads to a network address of the kind `word`."""
    which = "an unspecified" if word == "unspecified" else f"a {word}"
    opens = (
        f" ({setting} opens it)" if setting and word in ("loopback", "private", "shared") else ""
    )
    return BadInput(
        f"{what} leads to {which} network address, which is not reached from here{opens}",
        field=field,
        code="address_refused",
        hint="give an address that is reachable on the internet, or send the file itself",
    )


def shown(url: httpx.URL) -> str:
    """An address as messages and logs may show it: without its query, which may hold secrets."""
    text = str(url.copy_with(query=None, fragment=None, userinfo=b""))
    return text if len(text) <= 120 else text[:117] + "..."


def origin(url: httpx.URL) -> str:
    """Scheme, host and port, as a receiver's deliveries are counted together."""
    return str(url.copy_with(raw_path=b"/", fragment=None)).removesuffix("/")


def normal(text: str) -> str:
    """An address written in the one way that begins with its origin and "/"; as it is, where it is none."""
    try:
        url = read(text)
    except BadInput:
        return text
    return origin(url) + url.raw_path.decode("ascii")


def _port_allowed(port: int) -> bool:
    return port in (80, 443) or (1024 <= port <= 65535 and port not in _OTHER_PORTS)


def _bad(field: str, what: str, allowed: str) -> BadInput:
    return BadInput(f"{field} {what}; it must be {allowed}", field=field, code="invalid_url")
