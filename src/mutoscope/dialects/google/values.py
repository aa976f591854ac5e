"""Values in Veo's body that only Google has, read for `veo`'s table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mutoscope.dialects.google import media
from mutoscope.dialects.shared import extras, fields
from mutoscope.dialects.shared import references as links
from mutoscope.dialects.shared.references import Reference
from mutoscope.dialects.shared.table import Reader
from mutoscope.errors import BadInput, BadShot
from mutoscope.shot import Fit, Quality

REFERENCE = ("image", "referenceType", "reference_type")
_TYPES = ("asset", "style", "subject")


@dataclass(frozen=True, slots=True)
class Referred:
    """One of the reference images."""

    source: Reference
    field: str


def references(picture: Reader) -> Reader:
    """A list of reference images, each an object with `image`; `picture` reads that. BadInput."""

    def read(field: str, value: Any) -> list[Referred]:
        if not isinstance(value, list):
            raise fields.wrong_type(field, "an array", value)
        found = []
        for place, one in enumerate(value):
            at = f"{field}[{place}]"
            if not isinstance(one, Mapping):
                raise fields.wrong_type(at, "an object", one)
            if one.get("image") is None:
                raise fields.missing(f"{at}.image")
            kind = one.get("referenceType", one.get("reference_type"))
            if kind is not None and fields.words(f"{at}.referenceType", kind).lower() not in _TYPES:
                raise BadShot.of(f"{at}.referenceType", kind, '"asset" or "style"')
            found.append(Referred(picture(f"{at}.image", one["image"]), f"{at}.image"))
        return found

    return read


def count(field: str, value: Any) -> int:
    """How many films: 1 or more. BadShot."""

    count = fields.whole(field, value)
    if count < 1:
        raise BadShot.of(field, value, "1 or more")
    return count


def fit(field: str, value: Any) -> Fit:
    """resizeMode. BadShot."""

    fits = {"crop": Fit.COVER, "pad": Fit.PAD}
    said = fields.words(field, value).strip().lower()
    if said not in fits:
        raise BadShot.of(field, value, '"CROP" or "PAD"')
    return fits[said]


def quality(field: str, value: Any) -> Quality:
    """compressionQuality. BadShot."""

    qualities = {"optimized": Quality.STANDARD, "lossless": Quality.BEST}
    said = fields.words(field, value).strip().lower()
    if said not in qualities:
        raise BadShot.of(field, value, '"OPTIMIZED" or "LOSSLESS"')
    return qualities[said]


def person(field: str, value: Any) -> str:
    """personGeneration. BadShot."""

    said = fields.words(field, value).strip().lower()
    if said not in ("dont_allow", "allow_adult", "allow_all"):
        raise BadShot.of(field, value, '"dont_allow", "allow_adult" or "allow_all"')
    return said


def addresses(field: str, value: Any) -> list[str]:
    """A list of http(s) addresses. BadInput."""

    if not isinstance(value, list):
        raise fields.wrong_type(field, "an array", value)
    return [
        extras.address(f"{field}[{place}]", links.link(f"{field}[{place}]", one))
        for place, one in enumerate(value)
    ]


def structure(field: str, value: Any) -> dict[str, Any]:
    """Any object. BadInput."""

    if not isinstance(value, dict):
        raise fields.wrong_type(field, "an object", value)
    return value


def no_mask(field: str, value: Any) -> BadInput:
    """Raises BadInput: a mask cannot be left out in silence, for the film would be another."""

    raise BadInput(
        f"{field} is given; nothing is painted into a film, or taken out of it, here",
        field=field,
        code="not_supported",
        hint="leave mask out; `remix` of POST /v1/videos changes light, weather and camera of a film",
    )


def no_bucket(field: str, value: Any) -> BadShot:
    """Raises BadShot: whoever names a bucket will look there for the film."""

    raise media.bucket(field, value)
