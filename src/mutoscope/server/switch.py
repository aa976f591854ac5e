"""Which dialect a request speaks: by its path's prefix, else by what the dialects claim of the paths that
they share. Everything under /mutoscope, and what watches the server, is the house's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from starlette.types import ASGIApp

from mutoscope.dialects.dialect import Claim, Dialect

#: Slashes beyond the one that parts two segments; those of an address inside a path ("https://…") stay.
_DOUBLED = re.compile(r"(?<=/)(?<!:/)/+")


@dataclass(frozen=True, slots=True)
class Place:
    """A dialect, or the house (None), and the application that has its routes."""

    dialect: Dialect | None
    app: ASGIApp


class Found(NamedTuple):
    place: Place
    path: str  # without the prefix
    prefix: str  # "" where the request came without one


class Switch:
    """`house` answers what no dialect claims, and tells that there is nothing where it has nothing."""

    def __init__(self, house: ASGIApp, places: Iterable[tuple[Dialect, ASGIApp]]) -> None:
        self.house = Place(None, house)
        self._prefixes: dict[str, Place] = {}
        claims: list[tuple[Claim, Place]] = []
        for dialect, app in places:
            place = self._prefixes[dialect.prefix] = Place(dialect, app)
            claims += [(claim, place) for claim in dialect.claims]
        # what tells dialects apart is asked before what claims a path as such; longer paths first
        claims.sort(key=lambda one: (-_marks(one[0]), -len(one[0].path)))
        #: The claims that a path beginning so could be, by its first part or its first two.
        begins = [(_begin(claim.path), (claim, place)) for claim, place in claims]
        keys = {key for begin, _ in begins for key in (begin, _first(begin))}
        self._begun = {
            key: tuple(one for begin, one in begins if begin in (key, _first(key))) for key in keys
        }

    def find(self, path: str, query: bytes, headers: Mapping[bytes, bytes]) -> Found:
        """The place of a request."""
        first = _first(path)
        if (place := self._prefixes.get(first)) is not None and (
            place.dialect is not None and not _claimed(place.dialect.claims, first)
        ):
            return Found(place, path[len(first) :] or "/", first)
        for claim, place in self._begun.get(_begin(path)) or self._begun.get(first, ()):
            if _holds(claim, path, query, headers):
                return Found(place, path, "")
        return Found(self.house, path, "")


def plain(path: str) -> str:
    """The path with single slashes: programs join an endpoint that ends in one to a path that begins
    with one."""
    return _DOUBLED.sub("", path) if "//" in path else path


def _first(path: str) -> str:
    """ "/v1" of "/v1/videos/…"; "" of what is no path."""
    return "/" + path.split("/", 2)[1] if path[:1] == "/" else ""


def _begin(path: str) -> str:
    """ "/v1/models" of "/v1/models/veo" and of "/v1/models:list"; "/v1" of "/v1"."""
    parts = path.split("/", 3)
    if len(parts) < 3:
        return path
    return f"/{parts[1]}/{parts[2].partition(':')[0]}"


def _marks(claim: Claim) -> int:
    return sum(bool(one) for one in (claim.header, claim.query, claim.holding))


def _claimed(claims: Iterable[Claim], first: str) -> bool:
    """Whether a prefix is also the beginning of the dialect's own paths, which then keep it."""
    return any(claim.path == first for claim in claims)


def _holds(claim: Claim, path: str, query: bytes, headers: Mapping[bytes, bytes]) -> bool:
    length = len(claim.path)
    return (
        path[:length] == claim.path
        and path[length : length + 1] in ("", "/", ":")
        and (not claim.holding or claim.holding in path)
        and (not claim.header or _says(claim, headers.get(claim.header.encode())))
        and (not claim.query or _asked(claim.query, query))
    )


def _says(claim: Claim, value: bytes | None) -> bool:
    return value is not None and claim.saying.encode() in value


def _asked(name: str, query: bytes) -> bool:
    return any(one.split(b"=", 1)[0] == name.encode() for one in query.split(b"&"))
