"""The body that Veo takes, `{"instances": [{...}], "parameters": {...}}`, as a table, and read into a Wish.

The Gemini API and Vertex have this body in common; how it holds a picture or a film is each one's own, so
`fields_with` is given their readers. Names in snake_case, which Google's JSON also takes, count as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mutoscope.dialects.google import media, shape
from mutoscope.dialects.google.naming import spelled
from mutoscope.dialects.shared import extras, fields, references, table
from mutoscope.dialects.shared.references import Reference
from mutoscope.dialects.shared.table import Field, Read, Reader
from mutoscope.dialects.shared.wish import Picture, Wish
from mutoscope.errors import BadInput, BadShot
from mutoscope.jobs.job import Notice
from mutoscope.shot import Fit, Quality, Role, Size

INSTANCE, PARAMETER = "instances[].", "parameters."
IMAGE, LAST, REFERENCES, VIDEO = (
    f"{INSTANCE}{name}" for name in ("image", "lastFrame", "referenceImages", "video")
)
RATIO, RESOLUTION = f"{PARAMETER}aspectRatio", f"{PARAMETER}resolution"
LOSSLESS = f"{PARAMETER}compressionQuality"
URIS, METADATA = "webhookConfig.uris", "webhookConfig.userMetadata"


@dataclass(frozen=True, slots=True)
class Referred:
    """One of the reference images."""

    source: Reference
    field: str


def fields_with(picture: Reader, clip: Reader) -> dict[str, Field]:
    """The table, for a dialect that holds a picture and a film as these readers take them."""
    return {
        f"{INSTANCE}prompt": Field("shot.prompt", fields.prompt),
        IMAGE: Field("picture: first frame", picture),
        LAST: Field("picture: last frame", picture),
        REFERENCES: Field("picture: references", _references(picture), "whatever their referenceType"),
        VIDEO: Field("picture: source", clip, "the film is extended"),
        f"{INSTANCE}mask": Field("other", _no_mask, "refused: nothing is painted into a film here"),
        f"{PARAMETER}sampleCount": Field("takes", _count),
        f"{PARAMETER}numberOfVideos": Field("takes", _count),
        f"{PARAMETER}durationSeconds": Field("shot.seconds", fields.seconds),
        RATIO: Field("other Shot: `size`", shape.ratio, "16:9 where only resolution is given"),
        RESOLUTION: Field("other Shot: `size`", shape.lines, "its short side; 720p where only aspectRatio is given"),
        f"{PARAMETER}negativePrompt": Field("shot.negative_prompt", fields.words),
        f"{PARAMETER}seed": Field("shot.seed", fields.whole),
        f"{PARAMETER}fps": Field("shot.fps", fields.number),
        f"{PARAMETER}generateAudio": Field("shot.sound", fields.flag),
        f"{PARAMETER}resizeMode": Field("shot.fit", _fit, "CROP: cover, PAD: pad"),
        LOSSLESS: Field("shot.quality", _quality, "LOSSLESS: best, which is not without loss"),
        f"{PARAMETER}enhancePrompt": Field("", fields.flag, "prompts are filmed as they are", (False,)),
        f"{PARAMETER}personGeneration": Field("", _person, "nobody is told apart by age; characters.faces in the settings is this server's own rule", ("allow_all",)),
        f"{PARAMETER}storageUri": Field("other", _no_bucket, "refused: films stay on this server"),
        f"{PARAMETER}pubsubTopic": Field("", fields.words, "webhooks tell of finished films"),
        "labels": Field("", says="a film has no labels here"),
        URIS: Field("other the job: `webhook_url`", _addresses, "the first of them"),
        METADATA: Field("other", _object, "shown again in the operation's metadata"),
    }  # fmt: skip


def read(body: Mapping[str, Any], model: str, known: Mapping[str, Field]) -> Wish:
    """The wish in a body. `known` is the table of `fields_with`, `model` the name in the path.

    BadInput where a field is missing, of the wrong type, out of bounds, or contradicts another."""
    said = spelled(known, {name: value for name, value in body.items() if value is not None})
    if "instances" not in said:
        raise fields.missing("instances", 'such as [{"prompt": "...", "image": {...}}]')
    found = table.read(known, said)
    shot = dict(found.shot) | {"model": model}
    if (size := _size(found)) is not None:
        shot["size"] = size
    pictures = _pictures(found)
    clip = None
    if VIDEO in found.media:
        clip = Picture(source=found.media[VIDEO], field=VIDEO, role=Role.SOURCE, film=True)
        if pictures:
            raise extras.contradiction(VIDEO, pictures[0].field, "each give where the film begins")
    if not (pictures or clip or "prompt" in shot or "direction" in shot):
        raise fields.missing(f"{INSTANCE}prompt")
    job = dict(found.job)
    if uris := found.other.get(URIS):
        job.setdefault("webhook_url", uris[0])
    return Wish(
        operation="extend" if clip else "create",
        shot=shot,
        pictures=pictures,
        clip=clip,
        takes=found.takes,
        notices=(*_within(said), *found.notices, *_left(found)),
        **job,
    )


def user_metadata(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the webhookConfig of a body that `read` took wants shown again."""
    config = body.get("webhookConfig") or body.get("webhook_config")
    if not isinstance(config, Mapping):
        return None
    given = config.get("userMetadata", config.get("user_metadata"))
    return dict(given) if isinstance(given, Mapping) else None


def _pictures(found: Read) -> tuple[Picture, ...]:
    """The pictures in the order first, references, last; then those that came as extras."""
    given = found.media
    own: list[Picture] = []
    if IMAGE in given:
        own.append(Picture(source=given[IMAGE], field=IMAGE, role=Role.FIRST_FRAME))
    own += [
        Picture(source=one.source, field=one.field, role=Role.REFERENCE)
        for one in given.get(REFERENCES, ())
    ]
    if LAST in given:
        own.append(Picture(source=given[LAST], field=LAST, role=Role.LAST_FRAME))
    for more in found.extras.pictures:
        alike = [one for one in own if one.role is more.role and more.role is not Role.REFERENCE]
        if alike:
            raise extras.contradiction(alike[0].field, more.field, "each give the same picture")
    return (*own, *found.extras.pictures)


def _size(found: Read) -> Size | None:
    size = shape.size(found.other.get(RATIO), found.other.get(RESOLUTION))
    own = found.shot.get("size")
    if size is not None and own is not None and size != own:
        name = RATIO if RATIO in found.other else RESOLUTION
        raise extras.contradiction(name, "size", f"are {size} and {own}")
    return size


def _within(body: Mapping[str, Any]) -> list[Notice]:
    """Notices of what nothing here reads within pictures and films."""
    instance = body["instances"][0]
    strange: list[str] = []
    for name in ("image", "lastFrame", "video"):
        strange += media.unknown_within(f"{INSTANCE}{name}", instance.get(name))
    for place, one in enumerate(instance.get("referenceImages") or []):
        strange += media.unknown_within(f"{REFERENCES}[{place}].image", one.get("image"))
        strange += [f"{REFERENCES}[{place}].{key}" for key in one if key not in _REFERENCE]
    known = [*media.BYTES, *media.ADDRESSES, *media.TYPES]
    return [extras.unknown(name, known) for name in strange]


def _left(found: Read) -> list[Notice]:
    notices: list[Notice] = []
    if len(found.other.get(URIS, ())) > 1:
        message = f"{URIS} has {len(found.other[URIS])} addresses; the first alone is told"
        notices.append(Notice(code="ignored", field=URIS, message=message))
    if found.shot.get("quality") is Quality.BEST:
        message = f"{LOSSLESS} is LOSSLESS; the film has the best quality here, with some loss"
        notices.append(Notice(code="approximated", field=LOSSLESS, message=message))
    return notices


_REFERENCE = ("image", "referenceType", "reference_type")
_TYPES = ("asset", "style", "subject")


def _references(picture: Reader) -> Reader:
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


def _count(field: str, value: Any) -> int:
    count = fields.whole(field, value)
    if count < 1:
        raise BadShot.of(field, value, "1 or more")
    return count


def _fit(field: str, value: Any) -> Fit:
    fits = {"crop": Fit.COVER, "pad": Fit.PAD}
    said = fields.words(field, value).strip().lower()
    if said not in fits:
        raise BadShot.of(field, value, '"CROP" or "PAD"')
    return fits[said]


def _quality(field: str, value: Any) -> Quality:
    qualities = {"optimized": Quality.STANDARD, "lossless": Quality.BEST}
    said = fields.words(field, value).strip().lower()
    if said not in qualities:
        raise BadShot.of(field, value, '"OPTIMIZED" or "LOSSLESS"')
    return qualities[said]


def _person(field: str, value: Any) -> str:
    said = fields.words(field, value).strip().lower()
    if said not in ("dont_allow", "allow_adult", "allow_all"):
        raise BadShot.of(field, value, '"dont_allow", "allow_adult" or "allow_all"')
    return said


def _addresses(field: str, value: Any) -> list[str]:
    if not isinstance(value, list):
        raise fields.wrong_type(field, "an array", value)
    return [
        extras.address(f"{field}[{place}]", references.link(f"{field}[{place}]", one))
        for place, one in enumerate(value)
    ]


def _object(field: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise fields.wrong_type(field, "an object", value)
    return value


def _no_mask(field: str, value: Any) -> BadInput:
    raise BadInput(
        f"{field} is given; nothing is painted into a film, or taken out of it, here",
        field=field,
        code="not_supported",
        hint="leave mask out; `remix` of POST /v1/videos changes light, weather and camera of a film",
    )


def _no_bucket(field: str, value: Any) -> BadShot:
    raise media.bucket(field, value)
