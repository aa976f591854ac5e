"""A dialect's fields as a table: where each leads, and how it is read. The docs' table is made of it.

Names are paths in the body: "parameters.durationSeconds", "instances[].lastFrame" (of the first, and only,
item of a list). Where a field leads:

=============== ========================================================================
``shot.NAME``    a field of the Shot
``job.NAME``     a field of the Wish that says how the job is run
``takes``        how many films are made of the shot
``picture ...``  a picture or film with a role; the dialect makes a `Picture` of what was read
``other ...``    the dialect makes of it what `says` tells
``""``           nothing here: a notice says so, unless the value is one of `harmless`
=============== ========================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mutoscope.dialects.shared import extras, fields
from mutoscope.dialects.shared.extras import Extras
from mutoscope.errors import BadShot
from mutoscope.jobs.job import Notice

Reader = Callable[[str, Any], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One field; see the module. `read` raises BadInput for a value that is wrong."""

    to: str
    read: Reader = fields.anything
    says: str = ""
    harmless: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read: `shot` and `job` as in a Wish, `takes`, `media` and `other` by the field's name on
    the wire, and the extras that came beside the vendor's own fields."""

    shot: dict[str, Any] = field(default_factory=dict)
    job: dict[str, Any] = field(default_factory=dict)
    takes: int = 1
    media: dict[str, Any] = field(default_factory=dict)
    other: dict[str, Any] = field(default_factory=dict)
    extras: Extras
    notices: tuple[Notice, ...] = ()


def read(table: Mapping[str, Field], body: Mapping[str, Any]) -> Read:
    """A body by its table. What is not in the table is read as an extra where it is one, at the top or
    within any object of the table's; else a notice names it. Nulls count as left out.

    BadInput where a value is wrong or two fields contradict each other."""
    shot: dict[str, Any] = {}
    job: dict[str, Any] = {}
    media: dict[str, Any] = {}
    other: dict[str, Any] = {}
    notices: list[Notice] = []
    takes = 1
    came: dict[str, str] = {}
    rest: dict[str, Any] = {}
    for name, value in _leaves(table, body):
        one = table.get(name)
        if one is None:
            rest[name.rsplit(".", 1)[-1] if name.rsplit(".", 1)[-1] in extras.ALL else name] = value
            continue
        made = one.read(name, value)
        if one.to == "takes":
            takes = made
        elif one.to.startswith("shot.") or one.to.startswith("job."):
            room, _, target = one.to.partition(".")
            into = shot if room == "shot" else job
            if target in into and into[target] != made:
                raise extras.contradiction(came[one.to], name, "differ")
            into[target], came[one.to] = made, name
        elif one.to.startswith("picture"):
            media[name] = made
        elif one.to:
            other[name] = made
        elif made not in one.harmless:
            notices.append(_ignored(name, one.says))
    more = extras.read(rest, own=table)
    for target, value in more.shot.items():
        if target in shot and shot[target] != value:
            raise extras.contradiction(came[f"shot.{target}"], target, "differ")
    return Read(
        shot=more.shot | shot,
        job=more.job | job,
        takes=takes,
        media=media,
        other=other,
        extras=more,
        notices=(*notices, *more.notices),
    )


def _ignored(name: str, says: str) -> Notice:
    why = f": {says}" if says else ""
    return Notice(code="ignored", field=name, message=f"{name} has no effect here{why}")


def _leaves(table: Mapping[str, Field], body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every value by its path: an object is gone into where the table has names below it."""
    within = {_up(name, depth) for name in table for depth in range(1, _deep(name))}
    rest: list[tuple[str, Any]] = [(name, value) for name, value in reversed(list(body.items()))]
    while rest:
        name, value = rest.pop()
        if value is None:
            continue
        if name in table:
            yield name, value
        elif f"{name}[]" in within:
            one = _only(name, value)
            rest += [(f"{name}[].{key}", inner) for key, inner in reversed(list(one.items()))]
        elif name in within:
            if not isinstance(value, dict):
                raise fields.wrong_type(name, "an object", value)
            rest += [(f"{name}.{key}", inner) for key, inner in reversed(list(value.items()))]
        else:
            yield name, value


def _only(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, list):
        raise fields.wrong_type(name, "an array", value)
    if len(value) != 1 or not isinstance(value[0], dict):
        raise BadShot(f"{name} must have exactly one object, but has {len(value)}", field=name)
    return value[0]


def _deep(name: str) -> int:
    return name.count(".") + 1


def _up(name: str, depth: int) -> str:
    """The first `depth` steps of a path."""
    return ".".join(name.split(".")[:depth])
