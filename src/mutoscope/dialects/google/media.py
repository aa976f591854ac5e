"""Pictures and films as Google's requests hold them: bytes within the JSON, or a file by its address.

================================================= =====================================
bytesBase64Encoded, imageBytes, videoBytes,        bytes
encodedVideo; inlineData: {data, mimeType}
uri, fileUri; fileData: {fileUri}; name            a file of this server's, or an address
gcsUri                                             refused: see `bucket`
================================================= =====================================
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mutoscope.dialects.shared import references
from mutoscope.dialects.shared.fields import words, wrong_type
from mutoscope.dialects.shared.references import Data, Reference, Resource
from mutoscope.errors import BadInput, BadShot

#: A file's name, alone or at the end of the service's own address for it.
_NAME = re.compile(r"(?:files/)?([a-z0-9]{1,80})(?::download)?(?:\?.*)?", re.ASCII)
_SERVICE = re.compile(
    r"https?://generativelanguage\.googleapis\.com/(?:download/)?v1\w*/(files/[^/]+)", re.ASCII
)
BYTES = ("bytesBase64Encoded", "imageBytes", "videoBytes", "encodedVideo")
ADDRESSES = ("uri", "fileUri", "gcsUri", "name")
#: Fields within another object → their names where they stand alone.
WITHIN = {"inlineData": {"data": "bytesBase64Encoded"}, "fileData": {"fileUri": "fileUri"}}
#: What says of what kind the bytes are; they are looked at, whatever it is.
TYPES = ("mimeType", "encoding")


def picture(field: str, value: object) -> Reference:
    """A picture: an object of the module's table, or its address as text. BadInput."""
    return _read(field, value, "bytesBase64Encoded and mimeType")


def clip(field: str, value: object) -> Reference:
    """A film, as `picture`."""
    return _read(field, value, "uri, or encodedVideo and encoding")


def resource(text: str) -> Resource | None:
    """What "files/abc123" means, bare or in the service's own address; None for another text."""
    if (own := _SERVICE.fullmatch(text)) is not None:
        text = own[1]
    found = _NAME.fullmatch(text)
    return None if found is None else Resource(found[1])


def _read(field: str, value: object, example: str) -> Reference:
    if isinstance(value, str):
        return _address(field, value)
    if not isinstance(value, Mapping):
        raise wrong_type(field, "an object", value, f"with {example}")
    flat = _flat(field, value)
    given = [key for key in (*BYTES, *ADDRESSES) if key in flat]
    if "uri" in given and "name" in given:  # a File, whole
        given.remove("name")
    if len(given) != 1:
        held = " and ".join(given) or "neither"
        raise BadInput(
            f"{field} must have bytes or an address, one of the two; it has {held}",
            field=field,
            code="invalid_value",
            hint=f"such as {{{example}}}",
        )
    (key,) = given
    inner, one = f"{field}.{key}", flat[key]
    if key == "gcsUri":
        raise bucket(inner, one)
    if key in ADDRESSES:
        return _address(inner, words(inner, one))
    return references.data(inner, words(inner, one))


def bucket(field: str, value: object) -> BadShot:
    """The error for an object in a cloud's store, which this server cannot read."""
    return BadShot.of(
        field,
        value,
        "left out: this server reads no gs:// address",
        "send the bytes, or upload the file first",
    )


def unknown_within(field: str, value: object) -> list[str]:
    """The members of a medium's object that nothing here reads."""
    if not isinstance(value, Mapping):
        return []
    known = {*BYTES, *ADDRESSES, *TYPES, *map(_camel, WITHIN)}
    file = {"displayName", "sizeBytes", "createTime", "updateTime", "expirationTime", "sha256Hash",
            "state", "source", "downloadUri", "videoMetadata"}  # fmt: skip
    if "uri" in value:
        known |= file
    return [f"{field}.{key}" for key in value if _camel(key) not in known]


def _flat(field: str, value: Mapping[str, object]) -> dict[str, object]:
    """Its fields, those of inlineData and fileData too, in camelCase, without nulls."""
    flat: dict[str, object] = {}
    for key, one in value.items():
        key = _camel(key)
        inner = WITHIN.get(key)
        if one is None:
            continue
        if inner is None:
            flat[key] = one
            continue
        if not isinstance(one, Mapping):
            raise wrong_type(f"{field}.{key}", "an object", one)
        flat |= {inner.get(_camel(name), _camel(name)): part for name, part in one.items()}
    return flat


def _address(field: str, text: str) -> Reference:
    text = text.strip()
    if text[:5].lower() == "gs://":
        raise bucket(field, text)
    if text[:5].lower() == "data:":
        return Data(text)
    return resource(text) or references.link(field, text)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)
