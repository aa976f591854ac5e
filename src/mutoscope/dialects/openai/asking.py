"""A request's fields → a `Wish`: read and checked, nothing looked up. Pure; `shots.py` makes the Shot.

Every field that is known here stands in one of the tables below; any other is named in a notice.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mutoscope.dialects.openai import fields, references
from mutoscope.dialects.openai.references import Reference
from mutoscope.errors import BadInput, BadShot
from mutoscope.jobs.job import Notice
from mutoscope.shot import Crop, Fit, Role

Operation = Literal["create", "remix", "edit", "extend"]
Reader = Callable[[str, Any], Any]

#: wire field → field of the Shot, and how it is read. Two names for one field must agree.
SHOT: dict[str, tuple[str, Reader]] = {
    "model": ("model", fields.words),
    "prompt": ("prompt", fields.prompt),
    "seconds": ("seconds", fields.seconds),
    "duration": ("seconds", fields.seconds),
    "size": ("size", fields.size),
    "fps": ("fps", fields.number),
    "seed": ("seed", fields.whole),
    "loop": ("loop", fields.flag),
    "sound": ("sound", fields.flag),
    "fit": ("fit", lambda name, value: fields.choice(name, value, Fit)),
    "pad_colour": ("pad_colour", fields.words),
    "pad_color": ("pad_colour", fields.words),
    "quality": ("quality", fields.quality),
    "negative_prompt": ("negative_prompt", fields.words),
    "direction": ("direction", fields.direction),
    "characters": ("cast", fields.names),
}
#: wire field → field of the Wish: how the job is run.
JOB: dict[str, tuple[str, Reader]] = {
    "strict": ("strict", fields.flag),
    "webhook_url": ("webhook_url", references.link),
    "priority": ("priority", fields.whole),
    "deadline": ("deadline", fields.number),
}
#: wire field → how a picture or clip is read.
MEDIA: dict[str, Reader] = {
    "input_reference": references.picture,
    "image_url": references.link,
    "image_data": references.data,
    "first_frame": references.picture,
    "last_frame": references.picture,
    "reference_video": references.clip,
}
#: The names of the one picture that the service took.
FIRST = ("input_reference", "image_url", "image_data", "first_frame")
#: What belongs to that picture, or to `reference_video`.
BESIDE: dict[str, Reader] = {
    "influence_strength": fields.fraction,
    "crop_bounds": fields.crop,
    "frame_index": fields.whole,
}
CLIP: dict[Operation, str] = {"edit": "video", "extend": "video"}
MOST_PRIORITY = 100
SINCE_1970 = 1e9  # a deadline above this is a time, below it a number of seconds from now


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture or clip that the request points at, and what it is for. `field` names it on the wire."""

    source: Reference
    field: str
    role: Role = Role.FIRST_FRAME
    frame: int | None = None
    strength: float = 1.0
    crop: Crop | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a request asks for. `shot` holds the Shot's fields that it named, and those alone."""

    operation: Operation
    shot: Mapping[str, Any]
    pictures: tuple[Picture, ...] = ()
    clip: Picture | None = None
    original: str = ""  # the video that is remixed
    strict: bool | None = None
    webhook_url: str | None = None
    priority: int | None = None
    deadline: float | None = None  # seconds from now, or since 1970 above SINCE_1970
    notices: tuple[Notice, ...] = ()


def read(operation: Operation, given: Mapping[str, Any], original: str = "") -> Wish:
    """The wish in a request's fields; `original` is the video's id where the address names it.

    BadInput where a field is missing, of the wrong type, out of bounds, or contradicts another."""
    sent = {name: value for name, value in given.items() if value is not None}
    if operation == "create" and "remix_video_id" in sent:
        operation, original = "remix", fields.words("remix_video_id", sent["remix_video_id"])
    shot = _shot(sent)
    _require(operation, sent, shot)
    clip = None
    if name := CLIP.get(operation):
        source = references.clip(name, sent[name])
        clip = Picture(source=source, field=name, role=Role.SOURCE)
    job = {
        target: reader(name, sent[name]) for name, (target, reader) in JOB.items() if name in sent
    }
    return Wish(
        operation=operation,
        shot=shot,
        pictures=() if operation in CLIP else _pictures(sent),
        clip=clip,
        original=original,
        notices=_notices(operation, sent),
        **_checked(job),
    )


def _shot(sent: Mapping[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    came: dict[str, str] = {}
    for name, (target, reader) in SHOT.items():
        if name not in sent:
            continue
        value = reader(name, sent[name])
        if target in read and read[target] != value:
            raise _contradiction(came[target], name, f"are {read[target]:g} and {value:g}" if target == "seconds" else "differ")  # fmt: skip
        read[target], came[target] = value, name
    if read.get("seed") == -1:  # what many programs send for "any seed"
        del read["seed"]
    return read


def _require(operation: Operation, sent: Mapping[str, Any], shot: Mapping[str, Any]) -> None:
    if "prompt" not in sent and "direction" not in shot:
        raise fields.missing("prompt")
    if (name := CLIP.get(operation)) and name not in sent:
        raise fields.missing(name, 'a file, or an object such as {"id": "video_..."}')
    if operation == "extend" and "seconds" not in shot:
        raise fields.missing("seconds", "how many seconds are added, such as 4, 8 or 12")


def _pictures(sent: Mapping[str, Any]) -> tuple[Picture, ...]:
    given = [name for name in FIRST if name in sent]
    if len(given) > 1:
        raise _contradiction(given[0], given[1], "each give the first picture")
    beside = {name: reader(name, sent[name]) for name, reader in BESIDE.items() if name in sent}
    strength = beside.get("influence_strength", 1.0)
    film = "reference_video" in sent
    if beside and not given and not (film and set(beside) <= {"influence_strength"}):
        name = next(iter(beside))
        raise BadShot(
            f"{name} is given, but there is no picture that it could belong to",
            field=name,
            hint="send input_reference too",
        )
    found: list[Picture] = []
    for name in given:
        several = sent[name] if isinstance(sent[name], list) and name == "input_reference" else None
        for place, one in enumerate(several if several is not None else [sent[name]]):
            at = f"{name}[{place}]" if several is not None and len(several) > 1 else name
            found.append(
                Picture(
                    source=MEDIA[name](at, one),
                    field=at,
                    **_role(beside.get("frame_index"), alone=several is None or len(several) == 1),
                    strength=1.0 if film else strength,
                    crop=beside.get("crop_bounds"),
                )
            )
    if "last_frame" in sent:
        last = MEDIA["last_frame"]("last_frame", sent["last_frame"])
        found.append(Picture(source=last, field="last_frame", role=Role.LAST_FRAME))
    if film:
        source = MEDIA["reference_video"]("reference_video", sent["reference_video"])
        found.append(
            Picture(source=source, field="reference_video", role=Role.REFERENCE, strength=strength)
        )
    return tuple(found)


def _role(frame: int | None, *, alone: bool) -> dict[str, Any]:
    """The service's one picture was the first frame; several are references."""
    if frame is None:
        return {"role": Role.FIRST_FRAME if alone else Role.REFERENCE}
    if not alone:
        raise BadShot("frame_index places one picture, but there are several", field="frame_index")
    if frame == -1:
        return {"role": Role.LAST_FRAME}
    if frame < 0:
        raise BadShot.of(
            "frame_index", frame, "the frame's number from 0, or -1 for the last frame"
        )
    return {"role": Role.FRAME, "frame": frame} if frame else {"role": Role.FIRST_FRAME}


def _checked(job: dict[str, Any]) -> dict[str, Any]:
    if abs(job.get("priority", 0)) > MOST_PRIORITY:
        raise BadShot.of(
            "priority", job["priority"], f"a whole number from -{MOST_PRIORITY} to {MOST_PRIORITY}"
        )
    if job.get("deadline", 1.0) <= 0:
        raise BadShot.of(
            "deadline", job["deadline"], "seconds from now, or a time in seconds since 1970"
        )
    if "webhook_url" in job:
        address = job["webhook_url"]
        if not isinstance(address, references.Address):
            raise BadShot(
                "webhook_url is a data URL; it must be an http:// or https:// address",
                field="webhook_url",
            )
        job["webhook_url"] = address.url
    return job


def _notices(operation: Operation, sent: Mapping[str, Any]) -> tuple[Notice, ...]:
    """A notice for every field that nothing here reads, at the top and within references."""
    known = [*SHOT, *JOB, *MEDIA, *BESIDE, "remix_video_id", "video"]
    if operation in CLIP:  # an edit or extension starts from its clip alone
        known = [name for name in known if name not in (*MEDIA, *BESIDE, "remix_video_id")]
    else:
        known.remove("video")
    strange = [name for name in sent if name not in known]
    for name in (*MEDIA, "video"):
        if name in sent and name in known:
            strange += references.unknown_within(name, sent[name])
    return tuple(_unknown(name, known) for name in strange)


def _unknown(name: str, known: list[str]) -> Notice:
    shown = name if len(name) <= 80 else f"{name[:80]}..."
    near = difflib.get_close_matches(name[:80], known, n=1, cutoff=0.75)
    mend = f"; did you mean {near[0]}?" if near else ""
    return Notice(
        code="unknown_field",
        field=shown,
        message=f"{shown} is not known here and was left out{mend}",
    )


def _contradiction(first: str, second: str, how: str) -> BadInput:
    return BadInput(
        f"'{first}' and '{second}' {how}; send one of them",
        field=second,
        code="contradicting_fields",
    )
