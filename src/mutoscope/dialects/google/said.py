"""Fields that several of Google's APIs have alike."""

from __future__ import annotations

from collections.abc import Mapping

from mutoscope.dialects.shared import fields
from mutoscope.errors import BadShot


def bucket(field: str, value: object) -> str:
    """A gs:// address. BadInput."""
    said = fields.words(field, value).strip()
    if said[:5] != "gs://" or len(said) < 6:
        raise BadShot.of(field, value, "an address such as gs://bucket/prefix")
    return said


def labels(field: str, value: object) -> dict[str, str]:
    """Text by name. BadInput."""
    if not isinstance(value, Mapping):
        raise fields.wrong_type(field, "an object", value)
    return {str(name): fields.words(f"{field}.{name}", one) for name, one in value.items()}
