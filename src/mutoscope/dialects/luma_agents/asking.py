"""A generation's request → a `Wish`, by its type: video, video_edit or video_reframe. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mutoscope.dialects.luma import sizes
from mutoscope.dialects.luma.asking import MODES, clip, mode, prompt
from mutoscope.dialects.luma.keyframes import Keyed, keyed
from mutoscope.dialects.luma_agents.placing import GRID, pinned, placed, rectangle
from mutoscope.dialects.luma_agents.references import indexes, keyframes, reference
from mutoscope.dialects.shared import extras, fields
from mutoscope.dialects.shared.table import Field, Read, read
from mutoscope.dialects.shared.wish import Wish
from mutoscope.errors import BadInput, BadShot, ContractRefused
from mutoscope.jobs.job import Notice
from mutoscope.shot import Fit

DIALECT, VENDOR = "luma_agents", "luma"
MODEL = "ray-3.2"
IMAGE_MODEL = "uni-1"  # what a request that names neither model nor type means to the vendor
TYPES = ("video", "video_edit", "video_reframe")
IMAGES = ("image", "image_edit", "layering")
SECONDS = 5.0
#: The Shot's names of fields → this API's.
NAMES = {
    "anchors": "video.start_frame",
    "anchor.media": "video.start_frame",
    "anchor.strength": "video.edit.strength",
    "anchor.frame": "video.keyframe_indexes",
    "photo": "video.start_frame",
    "input_reference": "video.start_frame",
    "seconds": "video.duration",
    "size": "video.resolution",
    "loop": "video.loop",
    "video": "source",
    "cast": "prompt",
}
ENDS = ("video.start_frame", "video.end_frame")

_NOBODY = "this server attributes nothing to end users"
_IMAGES = "it is for images"
_OWN = "the edited film has its source's own size and length"
_FREE = "an edit changes the source's own frames, nothing steers it beside the prompt"
_COMMON: dict[str, Field] = {
    "model": Field("shot.model", fields.words),
    "prompt": Field("shot.prompt", prompt),
    "type": Field("", fields.words, "it says which request this is", harmless=TYPES),
    "user_id": Field("", fields.words, _NOBODY),
    "image_ref": Field("", fields.anything, _IMAGES, harmless=([],)),
    "layering": Field("", fields.anything, _IMAGES),
    "output_format": Field("", fields.words, _IMAGES),
    "style": Field("", fields.words, _IMAGES, harmless=("auto",)),
    "web_search": Field("", fields.flag, _IMAGES, harmless=(False,)),
    "video.hdr": Field("", fields.flag, "films have 8 bits a colour, SDR", harmless=(False,)),
    "video.exr_export": Field("", fields.flag, "films are MP4 alone", harmless=(False,)),
}
VIDEO_FIELDS: dict[str, Field] = {
    **_COMMON,
    "aspect_ratio": Field("other size", sizes.ratio, "with `video.resolution` the Shot's `size`"),
    "source": Field("", reference, "it is for video_edit and video_reframe"),
    "video.duration": Field("shot.seconds", fields.seconds),
    "video.resolution": Field("other size", sizes.resolution, "the short side of the Shot's `size`"),
    "video.loop": Field("shot.loop", fields.flag),
    "video.start_frame": Field("picture first frame; a generation's last frame, or the film that is extended", reference),
    "video.end_frame": Field("picture last frame; a generation's first frame", reference),
    "video.keyframes": Field("picture at the frame that its index names; a generation's first frame, at 0 its last", keyframes),
    "video.keyframe_indexes": Field("other frames", indexes, f"of a film of {GRID} a second"),
    "video.edit": Field("", fields.anything, "it is for video_edit"),
    "video.source_position": Field("", fields.anything, "it is for video_reframe"),
}  # fmt: skip
EDIT_FIELDS: dict[str, Field] = {
    **_COMMON,
    "source": Field("picture source, a film", reference),
    "aspect_ratio": Field("", sizes.ratio, _OWN),
    "video.resolution": Field("", sizes.resolution, _OWN),
    "video.duration": Field("", fields.seconds, _OWN),
    "video.loop": Field("", fields.flag, _OWN, harmless=(False,)),
    "video.start_frame": Field("", reference, _FREE),
    "video.edit.strength": Field(f"picture the source's strength: {MODES[0]} is 1, {MODES[-1]} is 0", mode),
    "video.edit.auto_controls": Field("", fields.flag, _FREE, harmless=(True,)),
    "video.edit.controls": Field("", fields.anything, _FREE),
    "video.edit.keyframes": Field("", keyframes, _FREE),
    "video.edit.keyframe_indexes": Field("", indexes, _FREE),
}  # fmt: skip
REFRAME_FIELDS: dict[str, Field] = {
    **_COMMON,
    "source": Field("picture source, a film", reference),
    "aspect_ratio": Field("other size", sizes.ratio, "with `video.resolution` the Shot's `size`"),
    "video.resolution": Field("other size", sizes.resolution, "the short side of the Shot's `size`"),
    "video.duration": Field("", fields.seconds, _OWN),
    "video.source_position": Field("other fit", rectangle, "cover where it fills the frame, else pad"),
}  # fmt: skip


def kind(body: Mapping[str, Any]) -> str:
    """Which request it is. ContractRefused for images, BadShot for a type that is none."""
    given = body.get("type")
    model = body.get("model") or (MODEL if given in TYPES or body.get("video") else IMAGE_MODEL)
    said = given or ("image" if str(model).startswith("uni-") else "video")
    if said in IMAGES or str(model).startswith("uni-"):
        raise ContractRefused(
            f"{'type' if given else 'model'} is {said if given else model}: "
            "images are not made here, this server makes films",
            field="type" if given else "model",
            code="not_supported",
            hint=f'send model "{MODEL}" and type "video", "video_edit" or "video_reframe"',
        )
    if said not in TYPES:
        raise BadShot.of("type", said, '"video", "video_edit" or "video_reframe"')
    return str(said)


def wish(body: Mapping[str, Any]) -> Wish:
    """What a request asks for. BadInput where a field is missing, wrong, or contradicts another."""
    return _WISHES[kind(body)](body)


def video(body: Mapping[str, Any]) -> Wish:
    """A film from pictures or words, or one that goes on from another."""
    got = read(VIDEO_FIELDS, body)
    shot = _shot(got)
    key = _pictures(got, shot)
    notices = list(key.notices)
    if key.operation == "extend":
        shot = {"seconds": SECONDS} | {name: one for name, one in shot.items() if name != "size"}
        notices += [_ignored(name, "an extension has its film's own size") for name in ("aspect_ratio", "video.resolution") if name in got.other]  # fmt: skip
    return Wish(
        operation=key.operation,
        shot=shot,
        pictures=(*key.pictures, *got.extras.pictures),
        clip=key.clip,
        notices=(*notices, *got.notices),
        **_job(got),
    )


def edit(body: Mapping[str, Any]) -> Wish:
    """A film that is changed."""
    got = read(EDIT_FIELDS, body)
    strength = got.media.get("video.edit.strength", 1.0)
    film = clip(got.media.get("source"), "source", strength)
    return Wish(operation="edit", shot=_shot(got), clip=film, notices=got.notices, **_job(got))


def reframe(body: Mapping[str, Any]) -> Wish:
    """A film in another shape."""
    got = read(REFRAME_FIELDS, body)
    film = clip(got.media.get("source"), "source")
    shot = _shot(got)
    if "size" not in shot:
        raise fields.missing("aspect_ratio", "such as 9:16")
    fit, notices = placed(got.other.get("video.source_position"))
    shot = {"fit": fit if fit is not None else Fit.AUTO} | shot
    return Wish(
        operation="reframe", shot=shot, clip=film, notices=(*notices, *got.notices), **_job(got)
    )


_WISHES = {"video": video, "video_edit": edit, "video_reframe": reframe}


def _pictures(got: Read, shot: Mapping[str, Any]) -> Keyed:
    """From start and end frames, or from keyframes at their indexes."""
    first, last = (got.media.get(name) for name in ENDS)
    frames = got.media.get("video.keyframes")
    at = got.other.get("video.keyframe_indexes")
    if frames is None and at is None:
        return keyed(first, last, ENDS, more=bool(got.extras.pictures))
    if frames is None or at is None or len(frames) != len(at):
        raise BadInput(
            "video.keyframes and video.keyframe_indexes must be lists of the same length: "
            f"they have {len(frames or ())} and {len(at or ())} items",
            field="video.keyframe_indexes",
            code="invalid_value",
        )
    for name, given in (*zip(ENDS, (first, last), strict=True), ("video.loop", shot.get("loop"))):
        if given:
            raise extras.contradiction(name, "video.keyframes", "exclude each other")
    seconds = shot.get("seconds", SECONDS)
    return Keyed(pictures=pinned(frames, at, seconds, shot.get("fps", float(GRID))))


def _shot(got: Read) -> dict[str, Any]:
    shot = {"model": MODEL} | {name: value for name, value in got.shot.items() if value != ""}
    asked = sizes.size(got.other.get("aspect_ratio"), got.other.get("video.resolution"))
    if asked is not None and shot.setdefault("size", asked) != asked:
        raise extras.contradiction("aspect_ratio", "size", "differ")
    return shot


def _job(got: Read) -> dict[str, Any]:
    return got.extras.job | got.job


def _ignored(name: str, why: str) -> Notice:
    return Notice(code="ignored", field=name, message=f"{name} has no effect here: {why}")
