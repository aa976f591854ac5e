"""How one server's dialect differs from another's: rows of `quirks.toml`, read."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec

from mutoscope.catalog.rules import listed
from mutoscope.engines.base import Recovery
from mutoscope.errors import Missing

#: For an account that names none.
DEFAULT = "relay"


#: How a character goes to a server.
Form = Literal["native", "references", "clip", "words"]


class Quirks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row. A field's name that is "" means that the server has no such field.

    =================== ==========================================================================
    encoding            of the POST: multipart, json, form (urlencoded)
    seconds             as text or a whole number, both whole; or any number
    picture             the field of the first frame, or of the only picture
    last, references    the fields of the last frame, and of pictures for style and character
    references_alone    those, and a reference_clip, are taken only where no first frame comes with them
    keyframes           pictures by their place in time: "" each in the field of its role; conditions, a
                        list of objects with a frame_index; tasks, files in order and `extra_params`
    frame, strength     the fields of the picture's frame number, and of its strength
    reference_clip      the field of a film to go by; `strength` belongs to it then
    characters          the forms in which it takes a character, the best first: native (an id that
                        POST /videos/characters gives), references, clip (a reference_clip), words
    most_native         how many of them may be native in one order; 0: nobody says
    described           whether it takes a description when a character is registered
    mention             how a prompt names a registered one: by its name, or by @ and its id
    registered_once     a repeated registration with the same Idempotency-Key is the first one
    clip                the field of the film that an edit or extension starts from
    routes              kind of shot → the path below /videos that it is sent to
    everywhere          those paths take the fields of a creation too
    send                a shot's field → the server's name for it
    tiers               a quality → the server's word for it
    sound               always: every film has sound; asked: if `send` names a field, or else not
    failed_by_status    GET of a failed job answers with an error status and the job as its body
    delete              aborts: DELETE stops the work; forgets: it loses the record, the work goes
                        on; ended: it is refused while the work goes on
    progress            percent (0-100), fraction (0-1), or ends (tells nothing in between)
    lists               GET /videos lists the account's jobs as they are, newest first
    recovery            how a lost order is found: none, idempotent (by its Idempotency-Key),
                        listable (the list shows `mark` again)
    report              the field of the finished job that tells what became of each instruction
    auth                bearer, or the header api-key
    =================== ==========================================================================
    """

    about: str
    encoding: Literal["multipart", "json", "form"] = "multipart"
    seconds: Literal["text", "whole", "number"] = "text"
    picture: str = "input_reference"
    last: str = ""
    references: str = ""
    references_alone: bool = False
    keyframes: Literal["", "conditions", "tasks"] = ""
    frame: str = ""
    strength: str = ""
    reference_clip: str = ""
    characters: tuple[Form, ...] = ("words",)
    most_native: int = 0
    described: bool = False
    mention: Literal["name", "id"] = "name"
    registered_once: bool = False
    clip: str = "video"
    routes: dict[str, str] = {}
    everywhere: bool = False
    send: dict[str, str] = {}
    tiers: dict[str, str] = {}
    sound: Literal["always", "asked"] = "asked"
    failed_by_status: bool = False
    delete: Literal["aborts", "forgets", "ended"] = "ended"
    progress: Literal["percent", "fraction", "ends"] = "percent"
    lists: bool = True
    recovery: Recovery = "none"
    mark: str = ""
    report: str = ""
    auth: Literal["bearer", "api-key"] = "bearer"


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`words.toml`: status words by what they mean, and the names of what servers tell."""

    status: dict[str, tuple[str, ...]]
    names: dict[str, tuple[str, ...]]


@cache
def table() -> dict[str, Quirks]:
    """Every row, by name."""
    return msgspec.convert(_read("quirks.toml"), dict[str, Quirks])


@cache
def words() -> Words:
    return msgspec.convert(_read("words.toml"), Words)


def quirks(name: str, account: str) -> Quirks:
    """The row that an account names. Raises Missing for a name that is no row."""
    rows = table()
    if (name or DEFAULT) not in rows:
        raise Missing(
            f"engines.{account}.quirks is {name!r}; it must be one of {listed(sorted(rows))}"
        )
    return rows[name or DEFAULT]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / name).read_text(encoding="utf-8"))
