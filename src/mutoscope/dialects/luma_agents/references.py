"""A media reference: {url}, {data, media_type}, {generation_id} or {file_id}, exactly one of the four."""

from __future__ import annotations

from typing import Any

from mutoscope.catalog.rules import listed
from mutoscope.dialects.shared import fields, references
from mutoscope.dialects.shared.references import FileId, Reference, VideoId
from mutoscope.errors import BadInput

FORMS = ("url", "data", "generation_id", "file_id")
MOST_KEYFRAMES = 64


def reference(field: str, value: Any) -> Reference:
    """What one points at. BadInput."""
    given = fields.structure(field, value)
    if not isinstance(given, dict):
        raise fields.wrong_type(field, f"an object with {listed(list(FORMS))}", given)
    named = [form for form in FORMS if given.get(form) is not None]
    if len(named) != 1:
        raise BadInput(
            f"{field} must have exactly one of {listed(list(FORMS))}, but has "
            f"{listed(named, 'and') or 'none'}",
            field=field,
            code="invalid_value",
        )
    (form,) = named
    at, said = f"{field}.{form}", given[form]
    if form == "url":
        return references.link(at, said)
    if form == "data":
        return references.data(at, said)
    said = fields.words(at, said)
    return VideoId(said) if form == "generation_id" else FileId(said)


def keyframes(field: str, value: Any) -> tuple[Reference, ...]:
    """Up to MOST_KEYFRAMES references. BadInput."""
    given = fields.structure(field, value)
    if not isinstance(given, list):
        raise fields.wrong_type(field, "an array of references", given)
    if not 1 <= len(given) <= MOST_KEYFRAMES:
        raise BadInput(
            f"{field} has {len(given)} items; it takes 1 to {MOST_KEYFRAMES}", field=field
        )
    return tuple(reference(f"{field}[{place}]", one) for place, one in enumerate(given))


def indexes(field: str, value: Any) -> tuple[int, ...]:
    """Frames' numbers from 0, each once. BadInput."""
    given = fields.structure(field, value)
    if not isinstance(given, list):
        raise fields.wrong_type(field, "an array of whole numbers", given)
    found = tuple(fields.whole(f"{field}[{place}]", one) for place, one in enumerate(given))
    if any(one < 0 for one in found) or len(set(found)) < len(found):
        raise BadInput(f"{field} must be frames' numbers from 0, each once", field=field)
    return found
