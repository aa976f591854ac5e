"""Values as Runway's programs write them → the house's. Pure.

============================== ==============================================================
uri                            https, http, data:, runway://, a file of /v1/files, a video
ratio "1280:720"               pixels; "16:9" a shape; "auto_720p", "adaptive": the model's choice
resolution "1080p", "2k"       the short side of a shape
duration 5, "auto"             seconds; the model's choice
============================== ==============================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mutoscope.catalog.rules import listed
from mutoscope.dialects.shared import fields, references
from mutoscope.dialects.shared.fields import wrong_type
from mutoscope.dialects.shared.references import FileId, Reference
from mutoscope.errors import BadInput, BadShot
from mutoscope.shot import Quality, Size

SCHEME = "runway://"
#: Below this many pixels a side "16:9" is a shape and not a size.
LEAST = 100
SHORT = {"480p": 480, "720p": 720, "768p": 768, "1080p": 1080, "1k": 1080, "2k": 1440, "4k": 2160}
_RATIO = re.compile(r"(\d{1,5})[:x×](\d{1,5})")
_UPLOAD = re.compile(r"runway://(?:uploads?/)?(file-[0-9a-f]{48})")


Reading = Callable[[str, Any], Reference]


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture or film of a list: `field` names it, `position` is "" where none was given."""

    field: str
    source: Reference
    position: str = ""


def picture(field: str, value: Any) -> Reference:
    """A picture's uri."""
    return _upload(field, value) or _given(field, value, references.picture)


def film(field: str, value: Any) -> Reference:
    """A film's uri."""
    return _upload(field, value) or _given(field, value, references.clip)


def _given(field: str, value: Any, read: Reading) -> Reference:
    if not isinstance(value, str):
        return read(field, value)
    try:
        return read(field, value)
    except BadInput as error:
        if error.code != "invalid_type":
            raise
        raise BadShot.of(field, value[:80], "an https, a data: or a runway:// address") from None


def _upload(field: str, value: Any) -> FileId | None:
    if not isinstance(value, str) or not value.strip().lower().startswith(SCHEME):
        return None
    found = _UPLOAD.fullmatch(value.strip())
    if found is None:
        raise BadShot.of(field, value, "a runway:// address that POST /v1/uploads gave")
    return FileId(found[1])


def pictures(field: str, value: Any) -> tuple[Placed, ...]:
    """One uri, or a list of {uri, position}; {uri} alone is a list of one."""
    return _several(field, value, picture, "position", ("first", "last"))


def films(field: str, value: Any) -> tuple[Placed, ...]:
    """The same of films."""
    return _several(field, value, film, "position", ())


def pictures_by_role(field: str, value: Any) -> tuple[Placed, ...]:
    """A list of {uri, role}."""
    return _several(field, value, picture, "role", ("first", "last", "reference"))


def films_by_role(field: str, value: Any) -> tuple[Placed, ...]:
    """The same of films."""
    return _several(field, value, film, "role", ("source", "reference"))


def _several(
    field: str, value: Any, read: Reading, key: str, words: tuple[str, ...]
) -> tuple[Placed, ...]:
    if isinstance(value, str | dict):
        return (_one(field, value, read, key, words),)
    if not isinstance(value, list):
        raise wrong_type(field, "a string or an array", value)
    if not value:
        raise BadInput(f"{field} is an empty array; give at least one", field=field)
    return tuple(
        _one(f"{field}[{place}]", one, read, key, words) for place, one in enumerate(value)
    )


def _one(at: str, one: Any, read: Reading, key: str, words: tuple[str, ...]) -> Placed:
    if isinstance(one, str):
        return Placed(at, read(at, one))
    if not isinstance(one, dict):
        raise wrong_type(at, "an object with a uri", one)
    if one.get("uri") is None:
        raise fields.missing(f"{at}.uri")
    said = one.get(key)
    if said is not None and words and said not in words:
        raise BadShot.of(f"{at}.{key}", said, listed([f'"{name}"' for name in words]))
    return Placed(f"{at}.uri", read(f"{at}.uri", one["uri"]), said or "")


def seconds(field: str, value: Any) -> float | None:
    """A length; None for "auto"."""
    return None if value == "auto" else fields.seconds(field, value)


def quality(field: str, value: Any) -> Quality:
    """What `draft` asks for."""
    return Quality.DRAFT if fields.flag(field, value) else Quality.STANDARD


def resolution(field: str, value: Any) -> int:
    """The short side in pixels."""
    said = fields.words(field, value).strip().lower()
    if said not in SHORT:
        raise BadShot.of(field, value, listed(list(SHORT)))
    return SHORT[said]


def ratio(field: str, value: Any) -> tuple[int, int] | int | None:
    """Width and height, in pixels or as a shape; a short side alone ("auto_720p"); None where the model
    chooses."""
    said = fields.words(field, value).strip().lower()
    if said in ("auto", "adaptive"):
        return None
    if said.startswith("auto_") and said[5:] in SHORT:
        return SHORT[said[5:]]
    found = _RATIO.fullmatch(said)
    if found is None or not (int(found[1]) and int(found[2])):
        raise BadShot.of(
            field, value, "a width and height such as 1280:720, or a shape such as 16:9"
        )
    return int(found[1]), int(found[2])


def size(field: str, shape: tuple[int, int] | int | None, short: int | None) -> Size | None:
    """The frame that `ratio` and `resolution` mean; None where neither names one."""
    if isinstance(shape, int):
        shape, short = None, shape
    if shape is not None and min(shape) >= LEAST:
        return fields.size(field, f"{shape[0]}x{shape[1]}")
    if shape is None and short is None:
        return None
    across, down = shape or (16, 9)
    if not 1 / 8 <= across / down <= 8:
        raise BadShot.of(field, f"{across}:{down}", "a shape from 1:8 to 8:1")
    scale = (short or 720) / min(across, down)
    sides = (2 * round(side * scale / 2) for side in (across, down))
    return fields.size(field, "x".join(map(str, sides)))
