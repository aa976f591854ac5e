"""A shot as a dialect hands it in, and what comes back: values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mutoscope.jobs.job import Job, Notice
from mutoscope.shot import Media, Shot

if TYPE_CHECKING:
    from mutoscope.server.callers import Caller

#: Where an anchor's medium has no type yet: the address is fetched by the stage `inputs`.
UNKNOWN = ("image/unknown", "video/unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """A shot with all that admission asks about. `fields` names each anchor as its caller knows it, for
    messages. `pending` has the address of each anchor, by its place, that is still to be fetched.
    `deadline` is seconds since 1970; `retried`: the client says that this is not its first try."""

    caller: Caller
    dialect: str
    shot: Shot
    takes: int = 1  # films of it, each with a seed of its own
    asked: Mapping[str, Any]
    fields: tuple[str, ...] = ()
    pending: Mapping[int, str] = field(default_factory=dict)
    work: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Notice, ...] = ()
    strict: bool | None = None
    parent: str | None = None
    batch: str | None = None
    idempotency_key: str | None = None
    fingerprint: str | None = None
    retried: bool = False
    webhook_url: str | None = None
    priority: int = 0
    deadline: float | None = None

    def name(self, place: int) -> str:
        """What the caller calls the anchor at a place."""
        return self.fields[place] if place < len(self.fields) else "the picture"

    def here(self) -> tuple[Media, ...]:
        """The media that are in the store already."""
        medias = (anchor.media for anchor in self.shot.anchors)
        return tuple(media for media in medias if media.type not in UNKNOWN)

    def left(self) -> dict[str, Any]:
        """What the stages go by: addresses still to be fetched, each with the name of its field, and
        what the request said of the vendor's contract."""
        work = dict(self.work)
        if self.pending:
            named = dict(enumerate(self.fields))
            work["pending"] = {
                str(place): {"url": url, "field": named.get(place, "")}
                for place, url in self.pending.items()
            }
        if self.strict is not None:
            work["compat"] = "strict" if self.strict else "lenient"
        return work


@dataclass(frozen=True, slots=True)
class Placed:
    """`fresh` is false where an earlier request had made this very job."""

    job: Job  # of several takes, the first
    fresh: bool
