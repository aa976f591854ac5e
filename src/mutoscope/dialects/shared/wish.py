"""A `Wish`: what a request asks for, read and checked, nothing looked up. Every dialect becomes one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mutoscope.dialects.shared.references import Reference
from mutoscope.jobs.job import Notice
from mutoscope.shot import Crop, Role

Operation = Literal["create", "remix", "edit", "extend", "reframe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture or clip that the request points at, and what it is for. `field` names it on the wire."""

    source: Reference
    field: str
    role: Role = Role.FIRST_FRAME
    frame: int | None = None
    strength: float = 1.0
    crop: Crop | None = None
    film: bool = False  # a film, whatever its role


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a request asks for. `shot` holds the Shot's fields that it named, and those alone; `clip` is
    the film that an edit, extension or reframing starts from."""

    operation: Operation
    shot: Mapping[str, Any]
    pictures: tuple[Picture, ...] = ()
    clip: Picture | None = None
    original: str = ""  # the video that is remixed
    takes: int = 1  # films of the same shot, each with a seed of its own
    strict: bool | None = None
    webhook_url: str | None = None
    priority: int | None = None
    deadline: float | None = None  # seconds from now, or since 1970 above SINCE_1970
    notices: tuple[Notice, ...] = ()


SINCE_1970 = 1e9  # a deadline above this is a time, below it a number of seconds from now
