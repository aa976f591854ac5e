"""A request's fields → a `Wish`. Pure: nothing is looked up.

The fields are those of `shared.extras`, for the names that every dialect takes are this dialect's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mutoscope.dialects.shared import extras, fields, references
from mutoscope.dialects.shared.wish import Operation, Picture, Wish
from mutoscope.jobs.job import Notice
from mutoscope.shot import Role

DIALECT = VENDOR = "openai"
CLIP: dict[Operation, str] = {"edit": "video", "extend": "video"}


def read(operation: Operation, given: Mapping[str, Any], original: str = "") -> Wish:
    """The wish in a request's fields; `original` is the video's id where the address names it.

    BadInput where a field is missing, of the wrong type, out of bounds, or contradicts another."""
    sent = {name: value for name, value in given.items() if value is not None}
    if operation == "create" and "remix_video_id" in sent:
        operation, original = "remix", fields.words("remix_video_id", sent["remix_video_id"])
    shot = extras.shot(sent)
    _require(operation, sent, shot)
    clip = None
    if name := CLIP.get(operation):
        source = references.clip(name, sent[name])
        strength = extras.strength(sent) if operation == "edit" else 1.0
        clip = Picture(source=source, field=name, role=Role.SOURCE, strength=strength)
    return Wish(
        operation=operation,
        shot=shot,
        pictures=() if operation in CLIP else extras.pictures(sent),
        clip=clip,
        original=original,
        notices=_notices(operation, sent),
        **extras.job(sent),
    )


def _require(operation: Operation, sent: Mapping[str, Any], shot: Mapping[str, Any]) -> None:
    if "prompt" not in sent and "direction" not in shot:
        raise fields.missing("prompt")
    if (name := CLIP.get(operation)) and name not in sent:
        raise fields.missing(name, 'a file, or an object such as {"id": "video_..."}')
    if operation == "extend" and "seconds" not in shot:
        raise fields.missing("seconds", "how many seconds are added, such as 4, 8 or 12")


def _notices(operation: Operation, sent: Mapping[str, Any]) -> tuple[Notice, ...]:
    """A notice for every field that nothing here reads, at the top and within references."""
    known = [*extras.ALL, "remix_video_id", "video"]
    if operation in CLIP:  # an edit or extension starts from its clip alone
        left = (*extras.MEDIA, *extras.BESIDE, "remix_video_id")
        known = [name for name in known if name not in left]
        known += ["influence_strength"] if operation == "edit" else []
    else:
        known.remove("video")
    strange = [name for name in sent if name not in known]
    for name in (*extras.MEDIA, "video"):
        if name in sent and name in known:
            strange += references.unknown_within(name, sent[name])
    return tuple(extras.unknown(name, known) for name in strange)
