"""What is found of the camera in a prompt, before it is laid on the clip's seconds."""

from __future__ import annotations

import msgspec

from mutoscope.direction.clauses import Join
from mutoscope.direction.model import Speed
from mutoscope.direction.times import Amount, When


class Found(msgspec.Struct):
    """One phrase that moves the camera. `moves` are at once (a dolly zoom is two)."""

    family: str
    moves: tuple[str, ...]
    words: str
    join: Join
    at: int  # its place in the clause
    side: str = ""  # the direction that was named
    speed: Speed | None = None
    amount: Amount | None = None
    when: When = msgspec.field(default_factory=When)
    defaulted: bool = False  # no side was named
    whole: bool = False  # the whole camera was negated
    at_once: bool = False  # with the one before, by "while … , …"
    sentence: int = 0
    clause: str = ""  # the whole clause, where this is the only move in it


class Reading(msgspec.Struct):
    """What the clauses say of the camera."""

    found: list[Found] = msgspec.field(default_factory=list)
    refused: list[str] = msgspec.field(default_factory=list)  # moves that are asked not to be
    clip: float | None = None
    read: set[int] = msgspec.field(default_factory=set)  # clauses that said something here
    unread: list[int] = msgspec.field(
        default_factory=list
    )  # clauses about the camera that gave no move
    taken: set[int] = msgspec.field(default_factory=set)  # where its verbs stand in the prompt
    loose: list[tuple[Amount, str]] = msgspec.field(
        default_factory=list
    )  # amounts that fit no move
