"""What a request's fields become: the table of Veo's body, with what this service alone has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mutoscope.dialects.google import media, veo
from mutoscope.dialects.google.naming import spelled
from mutoscope.dialects.google.said import bucket, labels
from mutoscope.dialects.shared.references import Address, Reference
from mutoscope.dialects.shared.table import Field
from mutoscope.dialects.shared.wish import Wish

DIALECT = VENDOR = "vertex"
STORAGE = f"{veo.PARAMETER}storageUri"
USER = "user_metadata"  # in `Job.asked`: shown again


def picture(field: str, value: object) -> Reference:
    """A picture: bytes, or an object in a bucket. BadInput."""
    return _bucketed(field, value) or media.picture(field, value)


def clip(field: str, value: object) -> Reference:
    """A film, as `picture`."""
    return _bucketed(field, value) or media.clip(field, value)


#: POST …/models/{model}:predictLongRunning
FIELDS: dict[str, Field] = veo.fields_with(picture, clip) | {
    STORAGE: Field("other", bucket, "where the films are copied to, by `storage.gcs`"),
    "labels": Field("other", labels, "shown again in the operation's metadata"),
}


def read(body: Mapping[str, Any], model: str) -> tuple[Wish, dict[str, Any]]:
    """The wish in a body, and what the job remembers of it. BadInput."""
    said = spelled(FIELDS, body)
    wish = veo.read(said, model, FIELDS)
    kept = veo.sized(said)
    parameters = said.get("parameters") or {}
    if (uri := parameters.get("storageUri")) is not None:
        kept["bucket"] = bucket(STORAGE, uri)
    if said.get("labels"):
        kept["labels"] = labels("labels", said["labels"])
    if metadata := veo.user_metadata(body):
        kept[USER] = metadata
    return wish, kept


def _bucketed(field: str, value: object) -> Address | None:
    """An object in a bucket: which folder stands for that is the server's to know."""
    if not isinstance(value, Mapping):
        return None
    plain = {name: one for name, one in value.items() if one is not None}
    given = [name for name in ("gcsUri", "gcs_uri") if name in plain]
    held = [name for name in (*media.BYTES, "uri", "fileUri") if name in plain]
    if len(given) != 1 or held:
        return None
    return Address(bucket(f"{field}.{given[0]}", plain[given[0]]))
