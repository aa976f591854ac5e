"""Dream Machine's requests → a `Wish`. Pure: nothing is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mutoscope.catalog.rules import listed
from mutoscope.dialects.luma import concepts, sizes
from mutoscope.dialects.luma.keyframes import keyed
from mutoscope.dialects.shared import extras, fields, references
from mutoscope.dialects.shared.references import Reference, VideoId
from mutoscope.dialects.shared.table import Field, Read, read
from mutoscope.dialects.shared.wish import Picture, Wish
from mutoscope.errors import BadInput, BadShot, ContractRefused
from mutoscope.jobs.job import Notice
from mutoscope.shot import Fit, Role

DIALECT = VENDOR = "luma"
MODEL = "ray-2"  # where a request names none
#: The Shot's names of fields → this API's.
NAMES = {
    "anchors": "keyframes",
    "anchor.media": "keyframes",
    "photo": "keyframes",
    "seconds": "duration",
    "size": "resolution",
    "source": "media",
    "video": "media",
    "cast": "prompt",
    "anchor.strength": "mode",
    "input_reference": "keyframes",
    "webhook_url": "callback_url",
}
#: How far a film may be changed: the first keeps all of it.
MODES = tuple(f"{word}_{n}" for word in ("adhere", "flex", "reimagine") for n in (1, 2, 3))
KEYS = ("keyframes.frame0", "keyframes.frame1")
IMAGES = "image generations are not made here: this server makes films"


def prompt(field: str, value: Any) -> str:
    """Text; an empty one counts as none."""
    return fields.prompt(field, value) if fields.words(field, value).strip() else ""


def callback(field: str, value: Any) -> str:
    """The http(s) address that is told of the generation."""
    return extras.address(field, references.link(field, value))


def films_only(field: str, value: Any) -> str:
    """A generation's type, unless it is an image."""
    said = fields.words(field, value)
    if "image" in said:
        raise ContractRefused(IMAGES, field=field, code="not_supported")
    return said


def keyframe(field: str, value: Any) -> Reference:
    """{type: "image", url} or {type: "generation", id}."""
    given = fields.structure(field, value)
    if not isinstance(given, dict):
        raise fields.wrong_type(field, "an object with a type", given)
    kind = given.get("type") or ("generation" if "id" in given else "image")
    if kind == "generation":
        return VideoId(fields.words(f"{field}.id", _there(field, given, "id")))
    if kind == "image":
        return references.link(f"{field}.url", _there(field, given, "url"))
    raise BadShot.of(f"{field}.type", kind, '"image" or "generation"')


def mode(field: str, value: Any) -> float:
    """How much of the film is kept, from 1 (adhere_1) to 0 (reimagine_3)."""
    said = fields.words(field, value)
    if said not in MODES:
        raise BadShot.of(field, value, listed(list(MODES)))
    return 1 - MODES.index(said) / (len(MODES) - 1)


def _there(field: str, given: Mapping[str, Any], name: str) -> Any:
    if given.get(name) is None:
        raise fields.missing(f"{field}.{name}")
    return given[name]


CALLBACK = Field("job.webhook_url", callback)
_MODEL = Field("shot.model", fields.words)
_PROMPT = Field("shot.prompt", prompt)
_SIZE = "with `resolution` the Shot's `size`: the resolution is the short side"
_START = "an edited film starts from its own frames"
_PLACED = "the frame follows what the film is about; fit=pad shows all of it"


def type_field(*usual: str) -> Field:
    """The type of a generation, where the request's path says it already."""
    return Field("", films_only, "the path says which request it is", harmless=usual)


CREATE_FIELDS: dict[str, Field] = {
    "generation_type": type_field("video"),
    "model": _MODEL,
    "prompt": _PROMPT,
    "keyframes.frame0": Field("picture first frame; a generation's last frame, or the film that is extended", keyframe),
    "keyframes.frame1": Field("picture last frame; a generation's first frame", keyframe),
    "aspect_ratio": Field("other size", sizes.ratio, _SIZE),
    "resolution": Field("other size", sizes.resolution, "with `aspect_ratio` the Shot's `size`"),
    "duration": Field("shot.seconds", fields.seconds),
    "loop": Field("shot.loop", fields.flag),
    "concepts": Field("other prompt", concepts.read, "words for the camera, after the Shot's `prompt`"),
    "callback_url": CALLBACK,
}  # fmt: skip
MODIFY_FIELDS: dict[str, Field] = {
    "generation_type": type_field("modify_video"),
    "model": _MODEL,
    "prompt": _PROMPT,
    "media.url": Field("picture source, a film", references.link),
    "mode": Field("picture the source's strength: adhere_1 is 1, reimagine_3 is 0", mode),
    "first_frame.url": Field("", references.link, _START),
    "callback_url": CALLBACK,
}
REFRAME_FIELDS: dict[str, Field] = {
    "generation_type": type_field("reframe_video"),
    "model": _MODEL,
    "prompt": _PROMPT,
    "media.url": Field("picture source, a film", references.link),
    "aspect_ratio": Field("other size", sizes.ratio, _SIZE + ", 720p where none is named"),
    "resolution": Field("other size", sizes.resolution, "with `aspect_ratio` the Shot's `size`"),
    "first_frame.url": Field("", references.link, _START),
    "grid_position_x": Field("", fields.whole, _PLACED),
    "grid_position_y": Field("", fields.whole, _PLACED),
    "resized_width": Field("", fields.whole, _PLACED),
    "resized_height": Field("", fields.whole, _PLACED),
    "x_start": Field("", fields.whole, _PLACED),
    "x_end": Field("", fields.whole, _PLACED),
    "y_start": Field("", fields.whole, _PLACED),
    "y_end": Field("", fields.whole, _PLACED),
    "callback_url": CALLBACK,
}


def create(body: Mapping[str, Any]) -> Wish:
    """The wish of a generation. BadInput where a field is wrong or contradicts another."""
    got = read(CREATE_FIELDS, body)
    first, last = (got.media.get(name) for name in KEYS)
    key = keyed(first, last, KEYS, more=bool(got.extras.pictures))
    notices = list(key.notices)
    if key.operation == "extend":
        shot = {"seconds": 5.0} | shot_of(got, sized=False)
        notices += left_size(got)
    else:
        shot = shot_of(got)
    keys = got.other.get("concepts", ())
    if keys and "direction" in shot:
        raise extras.contradiction("direction", "concepts", "both say what the camera does")
    if said := concepts.said(shot.get("prompt", ""), keys):
        shot["prompt"] = said
    if not (said or "direction" in shot or key.pictures or key.clip or got.extras.pictures):
        raise fields.missing("prompt", "or keyframes: a request must say what is to be seen")
    return Wish(
        operation=key.operation,
        shot=shot,
        pictures=(*key.pictures, *got.extras.pictures),
        clip=key.clip,
        notices=(*concepts.notices(keys), *notices, *got.notices),
        **job_of(got),
    )


def modify(body: Mapping[str, Any]) -> Wish:
    """The wish of a film that is changed. BadInput where a field is missing or wrong."""
    got = read(MODIFY_FIELDS, body)
    film = clip(got.media.get("media.url"), "media.url", got.media.get("mode", 1.0))
    return Wish(operation="edit", shot=shot_of(got), clip=film, notices=got.notices, **job_of(got))


def reframe(body: Mapping[str, Any]) -> Wish:
    """The wish of a film in another shape. BadInput where a field is missing or wrong."""
    got = read(REFRAME_FIELDS, body)
    film = clip(got.media.get("media.url"), "media.url")
    shot = shot_of(got)
    if "size" not in shot:
        raise fields.missing("aspect_ratio", "such as 9:16")
    return Wish(
        operation="reframe",
        shot={"fit": Fit.AUTO} | shot,
        clip=film,
        notices=got.notices,
        **job_of(got),
    )


def clip(source: Reference | None, field: str, strength: float = 1.0) -> Picture:
    """The film that a request starts from. BadInput where it names none."""
    if source is None:
        raise fields.missing(field, "the address of a film, such as a generation's assets.video")
    return Picture(source=source, field=field, role=Role.SOURCE, strength=strength)


def shot_of(got: Read, *, sized: bool = True) -> dict[str, Any]:
    """The Shot's fields, with its size by shape and resolution unless a `size` came as an extra."""
    shot = {"model": MODEL} | {name: value for name, value in got.shot.items() if value != ""}
    asked = sizes.size(got.other.get("aspect_ratio"), got.other.get("resolution"))
    if sized and asked is not None and shot.setdefault("size", asked) != asked:
        raise extras.contradiction("aspect_ratio", "size", "differ")
    return shot


def left_size(got: Read) -> list[Notice]:
    """What is said of a size that an extension does not have."""
    return [
        Notice(
            code="ignored",
            field=name,
            message=f"{name} has no effect here: an extension has its film's own size",
        )
        for name in ("aspect_ratio", "resolution")
        if name in got.other
    ]


def job_of(got: Read) -> dict[str, Any]:
    """What says how the job is run. BadInput for two different addresses."""
    job = got.extras.job | got.job
    if "webhook_url" in got.extras.job and job["webhook_url"] != got.extras.job["webhook_url"]:
        raise BadInput(
            "callback_url and webhook_url differ; send one of them",
            field="callback_url",
            code="contradicting_fields",
        )
    return job
