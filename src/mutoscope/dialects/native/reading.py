"""The fields of a character's request, read and checked; what they point at is looked up."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from mutoscope.characters import consent as consents
from mutoscope.characters.making import MOST_PICTURES, Material
from mutoscope.characters.model import checked_description, checked_name
from mutoscope.characters.store import Edit
from mutoscope.characters.work import Part, checked_part
from mutoscope.dialects.shared import fields, references
from mutoscope.dialects.shared.finding import Finder
from mutoscope.dialects.shared.material import material
from mutoscope.dialects.shared.references import Reference, VideoId
from mutoscope.errors import BadInput
from mutoscope.jobs.job import KEEP

FILMS = ("video", "video_url", "job")
PICTURES = ("pictures", "image_urls")
CREATE = ("name", "description", "consent", *FILMS, *PICTURES, "from", "to")
EDIT = ("name", "description", "consent")


def known(given: Mapping[str, Any], allowed: Iterable[str]) -> None:
    """BadInput for a field that is not read here."""
    names = tuple(allowed)
    for name in given:
        if name not in names:
            near = difflib.get_close_matches(name[:40], names, n=1)
            mend = f"; did you mean '{near[0]}'?" if near else f"; there are {', '.join(names)}"
            raise BadInput(
                f"Unknown parameter: '{name[:80]}'{mend}", field=name[:80], code="unknown_parameter"
            )


def edit(given: Mapping[str, Any]) -> Edit:
    """What is changed of a character: a consent of null takes the record away."""
    known(given, EDIT)
    if not given:
        raise BadInput(
            f"nothing is changed: send {', '.join(EDIT[:-1])} or {EDIT[-1]}",
            code="missing_required_parameter",
        )
    consent = given.get("consent", KEEP)
    if consent is not KEEP:
        consent = None if consent in (None, "", "null") else consents.read(consent)
    return Edit(
        name=checked_name(given["name"]) if "name" in given else None,
        description=checked_description(given["description"]) if "description" in given else None,
        consent=consent,
    )


def part(given: Mapping[str, Any]) -> Part | None:
    """The part of the film, from and to in seconds."""
    ends = [name for name in ("from", "to") if name in given]
    if not ends:
        return None
    if len(ends) == 1:
        other = "to" if ends == ["from"] else "from"
        raise fields.missing(other, "a part of a film is given by both, in seconds")
    source = next((name for name in FILMS if name in given), None)
    if source is None:
        raise BadInput(
            "'from' and 'to' are given, but there is no film they could be a part of",
            field="from",
            code="invalid_value",
        )
    return checked_part(fields.number("from", given["from"]), fields.number("to", given["to"]))


async def film(given: Mapping[str, Any], finder: Finder) -> Material | None:
    """The one film, where there is one. BadInput where there are several things, or none, to make the
    character from."""
    sent = [name for name in (*FILMS, *PICTURES) if name in given]
    films = [name for name in sent if name in FILMS]
    if not sent:
        raise fields.missing(
            "video", f"a character is made from one of {', '.join((*FILMS, *PICTURES))}"
        )
    if films and len(sent) > 1:
        raise BadInput(
            f"{' and '.join(repr(one) for one in sent)} were sent; a character is made from one film, "
            "or from pictures",
            field=sent[1],
            code="contradicting_fields",
        )
    if not films:
        return None
    field = films[0]
    reference = _film(field, given[field])
    return material(field, await finder.clip(field, reference), reference)


def _film(field: str, value: object) -> Reference:
    if field == "video":
        return references.clip(field, value)
    if field == "video_url":
        return references.link(field, value)
    return VideoId(fields.words(field, value).strip())


async def pictures(given: Mapping[str, Any], finder: Finder) -> tuple[Material, ...]:
    """The pictures, in their order."""
    found: list[tuple[str, Reference]] = []
    for field in PICTURES:
        if field not in given:
            continue
        value = given[field]
        several = value if isinstance(value, list) else [value]
        if len(several) > MOST_PICTURES:
            raise BadInput(
                f"{field} has {len(several)} pictures; a character is made from at most "
                f"{MOST_PICTURES}",
                field=field,
                code="invalid_value",
            )
        read = references.picture if field == "pictures" else references.link
        for place, one in enumerate(several):
            at = f"{field}[{place}]" if isinstance(value, list) else field
            found.append((at, read(at, one)))
        if not several:
            raise fields.missing(field, "one picture at least")
    return tuple([material(at, await finder.picture(at, one), one) for at, one in found])
