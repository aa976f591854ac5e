"""The body that Veo takes, `{"instances": [{...}], "parameters": {...}}`, as a table, and read into a Wish.

The Gemini API and Vertex have this body in common; how it holds a picture or a film is each one's own, so
`fields_with` is given their readers. Names in snake_case, which Google's JSON also takes, count as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mutoscope.dialects.google import media, shape, values
from mutoscope.dialects.google.naming import SIZED, spelled
from mutoscope.dialects.shared import extras, fields, table
from mutoscope.dialects.shared.table import Field, Read, Reader
from mutoscope.dialects.shared.wish import Picture, Wish
from mutoscope.errors import BadShot
from mutoscope.jobs.job import Notice
from mutoscope.shot import Quality, Role, Size

INSTANCE, PARAMETER = "instances[].", "parameters."
IMAGE, LAST, REFERENCES, VIDEO = (
    f"{INSTANCE}{name}" for name in ("image", "lastFrame", "referenceImages", "video")
)
RATIO, RESOLUTION = f"{PARAMETER}aspectRatio", f"{PARAMETER}resolution"
LOSSLESS = f"{PARAMETER}compressionQuality"
URIS, METADATA = "webhookConfig.uris", "webhookConfig.userMetadata"


def fields_with(picture: Reader, clip: Reader) -> dict[str, Field]:
    """The table, for a dialect that holds a picture and a film as these readers take them."""
    return {
        f"{INSTANCE}prompt": Field("shot.prompt", fields.prompt),
        IMAGE: Field("picture: first frame", picture),
        LAST: Field("picture: last frame", picture),
        REFERENCES: Field("picture: references", values.references(picture), "whatever their referenceType"),
        VIDEO: Field("picture: source", clip, "the film is extended"),
        f"{INSTANCE}mask": Field("other", values.no_mask, "refused: nothing is painted into a film here"),
        f"{PARAMETER}sampleCount": Field("takes", values.count),
        f"{PARAMETER}numberOfVideos": Field("takes", values.count),
        f"{PARAMETER}durationSeconds": Field("shot.seconds", fields.seconds),
        RATIO: Field("other Shot: `size`", shape.ratio, "16:9 where only resolution is given"),
        RESOLUTION: Field("other Shot: `size`", shape.lines, "its short side; 720p where only aspectRatio is given"),
        f"{PARAMETER}negativePrompt": Field("shot.negative_prompt", fields.words),
        f"{PARAMETER}seed": Field("shot.seed", fields.whole),
        f"{PARAMETER}fps": Field("shot.fps", fields.number),
        f"{PARAMETER}generateAudio": Field("shot.sound", fields.flag),
        f"{PARAMETER}resizeMode": Field("shot.fit", values.fit, "CROP: cover, PAD: pad"),
        LOSSLESS: Field("shot.quality", values.quality, "LOSSLESS: best, which is not without loss"),
        f"{PARAMETER}enhancePrompt": Field("", fields.flag, "prompts are filmed as they are", (False,)),
        f"{PARAMETER}personGeneration": Field("", values.person, "nobody is told apart by age; characters.faces in the settings is this server's own rule", ("allow_all",)),
        f"{PARAMETER}storageUri": Field("other", values.no_bucket, "refused: films stay on this server"),
        f"{PARAMETER}pubsubTopic": Field("", fields.words, "webhooks tell of finished films"),
        "labels": Field("", says="a film has no labels here"),
        URIS: Field("other the job: `webhook_url`", values.addresses, "the first of them"),
        METADATA: Field("other", values.structure, "shown again in the operation's metadata"),
    }  # fmt: skip


def read(body: Mapping[str, Any], model: str, known: Mapping[str, Field]) -> Wish:
    """The wish in a body. `known` is the table of `fields_with`, `model` the name in the path.

    BadInput where a field is missing, of the wrong type, out of bounds, or contradicts another."""
    said = spelled(known, {name: value for name, value in body.items() if value is not None})
    if "instances" not in said:
        raise fields.missing("instances", 'such as [{"prompt": "...", "image": {...}}]')
    said, beside = _apart(said)
    found = table.read(known, said)
    shot = dict(found.shot) | {"model": model}
    if (size := _size(found)) is not None:
        shot["size"] = size
    pictures = _placed(_pictures(found), beside)
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


def sized(body: Mapping[str, Any]) -> dict[str, Any]:
    """What is remembered of a body that `read` took, for its size to be blamed on the field that gave it."""
    given = body.get("parameters") or {}
    shaped = given.get("aspectRatio") or given.get("aspect_ratio")
    return {SIZED: RATIO} if shaped and not given.get("resolution") else {}


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


def _apart(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The body without the extras that belong to a picture, and these, read; wherever they stand. Those
    of a picture that is an extra itself stay with it."""
    instances = body["instances"]
    one = instances[0] if isinstance(instances, list) and len(instances) == 1 else None
    if not isinstance(one, dict) or not (one.get("image") or one.get("referenceImages")):
        return body, {}
    beside: dict[str, Any] = {}

    def without(room: Any) -> Any:
        if not isinstance(room, dict):
            return room
        for name in extras.BESIDE:
            if room.get(name) is not None:
                beside[name] = extras.BESIDE[name](name, room[name])
        return {name: value for name, value in room.items() if name not in beside}

    rest = without(body) | {"instances": [without(one)]}
    if "parameters" in rest:
        rest["parameters"] = without(rest["parameters"])
    return rest, beside


def _placed(pictures: tuple[Picture, ...], beside: Mapping[str, Any]) -> tuple[Picture, ...]:
    """The pictures with what is said of them: of the image, or of the reference images without one."""
    if not beside:
        return pictures
    first = any(one.field == IMAGE for one in pictures)
    said: dict[str, Any] = {"strength": beside.get("influence_strength", 1.0)}
    said["crop"] = beside.get("crop_bounds")
    if "frame_index" in beside:
        if not first:
            raise BadShot(f"frame_index places one picture: send {IMAGE}", field="frame_index")
        said |= extras.role(beside["frame_index"])
    meant = [one.field == IMAGE if first else one.field.startswith(REFERENCES) for one in pictures]
    return tuple(
        replace(one, **said) if mine else one for one, mine in zip(pictures, meant, strict=True)
    )


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
        strange += [f"{REFERENCES}[{place}].{key}" for key in one if key not in values.REFERENCE]
    known = [*media.BYTES, *media.ADDRESSES, *media.TYPES]
    return [extras.unknown(name, known) for name in strange]


def _left(found: Read) -> list[Notice]:
    notices: list[Notice] = []
    if len(found.other.get(URIS, ())) > 1:
        message = f"{URIS} has {len(found.other[URIS])} addresses; the first alone is told"
        notices.append(Notice(code="ignored", field=URIS, message=message))
    if METADATA in found.other:
        message = f"{METADATA} is shown in the operation's metadata; events do not have it"
        notices.append(Notice(code="ignored", field=METADATA, message=message))
    if found.shot.get("quality") is Quality.BEST and "quality" not in found.extras.shot:
        message = f"{LOSSLESS} is LOSSLESS; the film has the best quality here, with some loss"
        notices.append(Notice(code="approximated", field=LOSSLESS, message=message))
    return notices
