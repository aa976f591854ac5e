"""What every dialect shows of a character, in the parts that are the same."""

from __future__ import annotations

from typing import Any

import msgspec

from mutoscope.characters.consent import told
from mutoscope.characters.model import Character, Origin
from mutoscope.jobs.job import Notice


def origin_shown(origin: Origin | None) -> dict[str, Any]:
    """What a character was made from, as values: pictures as their number, times in seconds."""
    if origin is None:
        return {}
    shown: dict[str, Any] = {"kind": origin.kind}
    for name in ("url", "job"):
        if value := getattr(origin, name):
            shown[name] = value
    if origin.part is not None:
        shown |= {"from": origin.part[0], "to": origin.part[1]}
    if origin.filenames:
        shown["filenames"] = origin.filenames
    if origin.pictures:
        shown["pictures"] = len(origin.pictures)
    if origin.of is not None:
        shown["of"] = origin_shown(msgspec.structs.replace(origin.of, pictures=()))
    return shown


def standing(one: Character, now: float) -> tuple[Notice, ...]:
    """What there is to say of a character whatever it is used for: a face without a consent, a consent
    that has ended, pictures that gave no reference frame."""
    notice = told(one.name, one.faces, one.consent, "local", now)
    said = []
    if notice is not None and notice.code != "consent_use":
        said.append(msgspec.structs.replace(notice, field="consent"))
    left_out = one.origin.left_out if one.origin is not None else ()
    said += [
        Notice(
            code="picture_left_out",
            field=f"pictures[{left.picture}]",
            message=f"picture {left.picture + 1} gave no reference frame: {left.why}",
        )
        for left in left_out
    ]
    return tuple(said)
