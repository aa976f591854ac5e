"""A Dialect as a value: how its requests are known, its errors' form, and where its routes are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mutoscope.jobs.job import Job
from mutoscope.server.errors import Form
from mutoscope.server.errors import openai as openai_form

#: A job, the event's type, and what signs a link to its content → the body of a webhook.
News = Callable[[Job, str, Callable[[str], str]], bytes]


@dataclass(frozen=True, slots=True)
class Claim:
    """Paths that are a dialect's own without its prefix: those that are `path` or go on below it. Where
    another dialect has such paths too, `header` (in lower case), `query` or `holding`, a piece of the path,
    tells them apart; what is given must all be there. `saying`: a piece of the header's value."""

    path: str
    header: str = ""
    query: str = ""
    holding: str = ""
    saying: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """`routes` names modules with `routes(house) -> list[Route]`, whose paths are the vendor's own, without
    the prefix. `rooms`: a path's segment → the room of a key's scopes ("videos" for all others);
    `beside`: a room → another whose scope is let in as well, for its handlers look which of the two it is;
    `reads`: pieces of the paths whose POST only reads. `tables`: what a body is called → the
    module and name of its table of fields ("mutoscope.dialects.gemini.asking:FIELDS"), for the docs.
    `news`: what a job's own webhook is sent at an event ("video.completed"), where that is no event of
    OpenAI's; `told_of_start`: it is sent something when the work begins, too.
    `remembers`: seconds for which a video that its caller took back is still told of as cancelled."""

    name: str
    title: str
    prefix: str  # under which it alone answers: "/gemini"
    routes: tuple[str, ...]
    claims: tuple[Claim, ...] = ()
    form: Form = openai_form
    key_query: str = ""  # the query parameter that may hold the key
    rooms: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    tables: Mapping[str, str] = field(default_factory=dict)
    news: News | None = None
    told_of_start: bool = False
    remembers: float = 0.0

    def scope(self, method: str, path: str) -> str:
        """What a key must be allowed for a request: "videos:read"."""
        return self.scopes(method, path)[0]

    def scopes(self, method: str, path: str) -> tuple[str, ...]:
        """Those of which a key must be allowed one: `scope`, and what `beside` has next to it."""
        reading = method in ("GET", "HEAD") or any(piece in path for piece in self.reads)
        at = next((one for one in path.split("/") if one in self.rooms), "")
        rooms = (self.rooms.get(at, "videos"), *([self.beside[at]] if at in self.beside else ()))
        return tuple(f"{room}:{'read' if reading else 'write'}" for room in rooms)
