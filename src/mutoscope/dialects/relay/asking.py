"""The fields of `generate` → a `Wish`. Pure: nothing is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mutoscope.dialects.relay import shape
from mutoscope.dialects.relay.task import TASK
from mutoscope.dialects.shared import extras, fields, references
from mutoscope.dialects.shared.table import Field
from mutoscope.dialects.shared.table import read as read_table
from mutoscope.dialects.shared.tasks import job_id
from mutoscope.dialects.shared.wish import Picture, Wish
from mutoscope.errors import BadInput
from mutoscope.shot import Role

DIALECT = VENDOR = "relay"
#: Parts of a form that come once for each file.
FILES = ("images",)
IMAGES = ("images", "image_urls", "image")
#: How some relays' programs write a field → its name here.
SPELLINGS = {
    "aspectRatio": "aspect_ratio", "ratio": "aspect_ratio",
    "duration_seconds": "duration",
    "imageUrl": "image_url", "imageUrls": "image_urls",
    "reference_image": "image", "reference_images": "images",
    "callBackUrl": "callback_url", "callbackUrl": "callback_url",
    "characterId": "character_id", "characterIds": "character_ids",
}  # fmt: skip
MOST_SECONDS, FRAMES = 60, 30  # of `n_frames`: what it still means in seconds; frames a second
_FRAME = "other Shot: `size`"
_CAST = "other Shot: `cast`"


def link(field: str, value: object) -> str:
    """An http(s) address. BadShot."""
    return extras.address(field, references.link(field, value))


def frames(field: str, value: object) -> float:
    """Seconds: some relays mean them by `n_frames` ("10", "15"), others frames (300). BadShot."""
    count = fields.seconds(field, value)
    return count if count <= MOST_SECONDS else count / FRAMES


FIELDS: dict[str, Field] = {
    "prompt": Field("shot.prompt", fields.prompt, says="`@id` and `@name` are characters"),
    "model": Field("shot.model", fields.words),
    "duration": Field("shot.seconds", fields.seconds, says="10 where it is left out"),
    "n_frames": Field(
        "shot.seconds", frames, says="seconds up to 60, frames of 30 a second beyond"
    ),
    "size": Field(_FRAME, says="1280x720, 16:9, or small, large"),
    "orientation": Field(_FRAME, says="landscape, portrait, square"),
    "aspect_ratio": Field(_FRAME, says="16:9; `aspectRatio`, `ratio` too"),
    "resolution": Field(_FRAME, says="720p"),
    "hd": Field(_FRAME, fields.flag, says="1080 pixels on the short side"),
    "images": Field("picture", says="one is the first frame, several are references"),
    "image_urls": Field("picture", says="as `images`; `imageUrls` too"),
    "image": Field("picture", says="as `images`; `reference_image` too"),
    "character_id": Field(_CAST, fields.names),
    "character_ids": Field(_CAST, fields.names),
    "remix_target_id": Field("other the finished task that is remixed", fields.words),
    "callback_url": Field("job.webhook_url", link, says="`callBackUrl` too"),
    "notify_hook": Field("job.webhook_url", link),
    "n": Field("", fields.whole, says="a task is one film", harmless=(1,)),
    "watermark": Field("", fields.flag, says="no watermark is put on", harmless=(False,)),
    "remove_watermark": Field(
        "", fields.flag, harmless=(True, False), says="no watermark is put on"
    ),
    "private": Field(
        "", fields.flag, harmless=(True, False), says="all tasks are the project's own"
    ),
}


def generate(given: Mapping[str, Any]) -> Wish:
    """The wish in the fields. BadInput where a field is missing, wrong, or contradicts another."""
    sent = _spelled(given)
    read = read_table(FIELDS, sent)
    shot = dict(read.shot)
    if "prompt" not in shot and "direction" not in shot:
        raise fields.missing("prompt", "what should happen, such as: @Mossy walks in, slow push in")
    if (size := shape.size(read.other)) is not None:
        shot["size"] = size
    if cast := _cast(shot.get("cast", ()), read.other):
        shot["cast"] = cast
    original = read.other.get("remix_target_id", "")
    pictures = (*_images(read.media, sent), *read.extras.pictures)
    return Wish(
        operation="remix" if original else "create",
        shot=shot,
        pictures=pictures,
        original=job_id(original, TASK),
        notices=read.notices,
        **{**read.extras.job, **read.job},
    )


def _spelled(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields under their names here, without those that say nothing: programs send "" and [] for
    what their user left out. BadInput where two spellings of one differ."""
    sent: dict[str, Any] = {}
    came: dict[str, str] = {}
    for name, value in given.items():
        if value in (None, "", []):
            continue
        known = SPELLINGS.get(name, name)
        if known in sent and sent[known] != value:
            raise extras.contradiction(came[known], name, "differ")
        sent[known], came[known] = value, name
    return sent


def _cast(listed: tuple[str, ...], other: Mapping[str, Any]) -> tuple[str, ...]:
    named = (name for field in ("character_id", "character_ids") for name in other.get(field, ()))
    return tuple(dict.fromkeys((*listed, *(name.removeprefix("@") for name in named))))


def _images(media: Mapping[str, Any], sent: Mapping[str, Any]) -> tuple[Picture, ...]:
    given = [name for name in IMAGES if name in media]
    single = [name for name in extras.FIRST if name in sent]
    if len(given) + len(single) > 1:
        first, second = (*given, *single)[:2]
        raise extras.contradiction(first, second, "each give the first picture")
    if not given:
        return ()
    (name,) = given
    value = media[name]
    if isinstance(value, str) and value[:1] in "[{":
        value = fields.structure(name, value)
    several = value if isinstance(value, list) else [value]
    beside = [one for one in ("frame_index", "crop_bounds") if one in sent]
    if beside:
        raise BadInput(
            f"{beside[0]} is for image_url; {name} are several pictures",
            field=beside[0],
            code="invalid_value",
        )
    role = Role.FIRST_FRAME if len(several) == 1 else Role.REFERENCE
    return tuple(
        Picture(source=references.picture(f"{name}[{n}]", one), field=f"{name}[{n}]", role=role)
        for n, one in enumerate(several)
    )
