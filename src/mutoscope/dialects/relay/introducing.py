"""A character's fields, as relays have them → those of the house's own API, which reads them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from mutoscope.dialects.relay.task import TASK
from mutoscope.dialects.shared import extras, fields
from mutoscope.dialects.shared.table import Field
from mutoscope.dialects.shared.tasks import job_id
from mutoscope.errors import BadInput, BadShot
from mutoscope.jobs.job import Notice

#: A relay's field → the house's own.
OWN = {
    "name": "name", "username": "name", "description": "description", "instruction": "description",
    "video_url": "video_url", "url": "video_url", "character_url": "video_url",
    "video": "video", "file": "video",
    "task_id": "job", "from_task": "job",
    "image_urls": "image_urls", "images": "pictures", "image_url": "image_urls",
    "consent": "consent", "from": "from", "to": "to",
}  # fmt: skip
#: The house's fields that a character can be made from.
SOURCES = ("video", "video_url", "job", "pictures", "image_urls")
PARTS = ("timestamps", "character_timestamps")
#: Fields that mean nothing here and do no harm.
HARMLESS = ("model",)
CHARACTER_FIELDS: dict[str, Field] = {
    "name": Field("other the character's name", says="`username` too; one is made up without it"),
    "description": Field("other the character's description", says="`instruction` too"),
    "video_url": Field("other the film it is made from", says="`url`, `character_url` too"),
    "video": Field("other the film it is made from", says="an upload; `file` too"),
    "task_id": Field("other the finished task whose film it is made from", says="`from_task` too"),
    "images": Field("other the pictures it is made from", says="`image_urls`, `image_url` too"),
    "timestamps": Field("other the part of the film", says='"1,3" is from 1 to 3 seconds'),
    "from": Field("other the part of the film", says="in seconds, with `to`"),
    "to": Field("other the part of the film", says="in seconds, with `from`"),
    "consent": Field("other the consent record", says="as in the house's own API"),
}


def read(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str], tuple[Notice, ...]]:
    """The house's own fields, each one's name on the wire, and notices of unknown ones. BadInput where
    two say the same otherwise, or a part is none."""
    own: dict[str, Any] = {}
    came: dict[str, str] = {}
    notices: list[Notice] = []
    for name, value in given.items():
        if value in (None, "", []) or name in PARTS or name in HARMLESS:
            continue
        if (target := OWN.get(name)) is None:
            notices.append(extras.unknown(name, (*OWN, *PARTS)))
            continue
        if target in own and own[target] != value:
            raise extras.contradiction(came[target], name, "differ")
        own[target], came[target] = value, name
    for name in PARTS:
        if given.get(name) not in (None, ""):
            if "from" in own or "to" in own:
                raise extras.contradiction(name, came.get("from", "to"), "each give the part")
            own["from"], own["to"] = _part(name, given[name])
            came["from"] = came["to"] = name
    if "job" in own:
        own["job"] = job_id(fields.words(came["job"], own["job"]).strip(), TASK)
    if not any(one in own for one in SOURCES):
        raise fields.missing(
            "video_url", "a character is made from video_url, video, task_id or images"
        )
    if not own.get("name"):
        own["name"] = f"chr_{secrets.token_hex(4)}"
        notices.append(
            Notice(code="named", field="name", message=f"without a name it is called {own['name']}")
        )
    return own, came, tuple(notices)


def _part(field: str, value: object) -> tuple[float, float]:
    """ "1,3" → 1.0, 3.0."""
    ends = value.split(",") if isinstance(value, str) else value
    if not (isinstance(ends, list) and len(ends) == 2):
        raise BadShot.of(field, value, 'from and to in seconds, such as "1,3"')
    try:
        start, end = (fields.number(field, one) for one in ends)
    except BadInput:
        raise BadShot.of(field, value, 'from and to in seconds, such as "1,3"') from None
    return start, end
