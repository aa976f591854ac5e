"""A request's fields → a `Wish`. Pure: nothing is looked up.

The older jobs have a table of their own; what `/videos` takes is the OpenAI dialect's, and beside it
`inpaint_items` and the service's own spelling of `remix_video_id`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mutoscope.dialects.azure import inpaint
from mutoscope.dialects.azure.inpaint import Inpaint
from mutoscope.dialects.openai import asking as openai
from mutoscope.dialects.shared import extras, fields
from mutoscope.dialects.shared.table import Field
from mutoscope.dialects.shared.table import read as read_table
from mutoscope.dialects.shared.wish import Operation, Wish
from mutoscope.errors import BadShot
from mutoscope.jobs.job import Notice
from mutoscope.shot import Size

DIALECT = VENDOR = "azure"
MODEL = "sora"  # of the jobs, where a request names none
#: Frames a second of the jobs' films, where a request names none: `frame_index` counts these.
FPS = 30.0
MOST_VARIANTS = 10
TRIFLE = 0.05  # seconds by which a film may miss what was asked for
_AS_LONG = Notice(
    code="approximated",
    field="n_seconds",
    message="n_seconds adds to a video that is sent along and is shorter; else the film is as long "
    "as that video",
)
#: Parts of a form that come once for each file.
FILES = ("files",)


def variants(field: str, value: object) -> int:
    """How many films: 1 to 10, of which the service took 5."""
    count = fields.whole(field, value)
    if not 1 <= count <= MOST_VARIANTS:
        raise BadShot.of(field, count, f"from 1 to {MOST_VARIANTS}", "the service took 1 to 5")
    return count


FIELDS: dict[str, Field] = {
    "prompt": Field("shot.prompt", fields.prompt),
    "model": Field("shot.model", fields.words, says="the name of a deployment"),
    "width": Field("other Shot: `size`", fields.whole, says="with height"),
    "height": Field("other Shot: `size`", fields.whole, says="with width"),
    "size": Field("shot.size", fields.size, says="in place of width and height"),
    "n_seconds": Field("shot.seconds", fields.seconds),
    "duration": Field("shot.seconds", fields.seconds, says="in place of n_seconds"),
    "seconds": Field("shot.seconds", fields.seconds, says="in place of n_seconds"),
    "n_variants": Field("takes", variants),
    "inpaint_items": Field("picture or film", says="see below"),
    "files": Field("picture or film", says="the files that `inpaint_items` names"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for. `until`: how long the whole film is to be where it begins from a video of
    `inpaint_items`, in seconds; None where nothing says."""

    wish: Wish
    until: float | None = None


def job(given: Mapping[str, Any]) -> Asked:
    """The wish in the fields of a job. BadInput where a field is missing, wrong, or contradicts
    another."""
    read = read_table(FIELDS, given)
    shot = dict(read.shot)
    if "prompt" not in shot and "direction" not in shot:
        raise fields.missing("prompt")
    if (size := _size(read.other)) is not None:
        if shot.get("size", size) != size:
            raise extras.contradiction("width", "size", "differ")
        shot["size"] = size
    placed = _placed(read.media, bool(read.extras.pictures))
    shot.setdefault("model", MODEL)
    return Asked(
        wish=Wish(
            operation="create" if placed.clip is None else "edit",
            shot=shot,
            pictures=(*placed.pictures, *read.extras.pictures),
            clip=placed.clip,
            takes=read.takes,
            notices=(*read.notices, *placed.notices),
            **read.extras.job,
        ),
        until=shot.get("seconds") if placed.clip is not None else None,
    )


def counted(wish: Wish) -> Wish:
    """The wish of a job once its model is known, with the frames a second by which it counts."""
    if wish.clip is not None or wish.shot["model"] not in (MODEL, f"{VENDOR}/{MODEL}"):
        return wish
    return replace(wish, shot={"fps": FPS, **wish.shot})


def video(operation: Operation, given: Mapping[str, Any], original: str, deployment: str) -> Asked:
    """The wish in the fields of a video; `deployment` is the model where the address names one."""
    sent = dict(given)
    if "Remix_video_id" in sent:
        sent.setdefault("remix_video_id", sent.pop("Remix_video_id"))
    if deployment and sent.get("model") is None:
        sent["model"] = deployment
    own = {name: sent.pop(name, None) for name in ("inpaint_items", "files")}
    wish = openai.read(operation, sent, original)
    if operation != "create" or all(value is None for value in own.values()):
        return Asked(wish=wish)
    placed = _placed(own, bool(wish.pictures))
    notices = (*wish.notices, *placed.notices)
    if placed.clip is None:
        pictures = (*placed.pictures, *wish.pictures)
        return Asked(wish=replace(wish, pictures=pictures, notices=notices))
    wish = replace(wish, operation="edit", clip=placed.clip, notices=notices)
    return Asked(wish=wish, until=wish.shot.get("seconds"))


def begun(asked: Asked, length: float | None) -> Wish:
    """The wish of a film that begins from a video of `length` seconds, None where that is not known yet:
    what goes beyond it is added."""
    wish, until = asked.wish, asked.until
    if until is None or length is None or until <= length + TRIFLE:
        cut = until is not None and (length is None or until < length - TRIFLE)
        return replace(wish, notices=(*wish.notices, *([_AS_LONG] if cut else [])))
    added = round(until - length, 3)
    return replace(wish, operation="extend", shot={**wish.shot, "seconds": added})


def _size(other: Mapping[str, Any]) -> Size | None:
    if not other:
        return None
    for name in ("width", "height"):
        if name not in other:
            raise fields.missing(name, "width and height go together")
        if not 0 < other[name] <= 1 << 16:
            raise BadShot.of(name, other[name], "a number of pixels, such as 1080")
    return Size(other["width"], other["height"])


def _placed(media: Mapping[str, Any], others: bool) -> Inpaint:
    items, files = media.get("inpaint_items"), media.get("files")
    if items is None and files is None:
        return Inpaint()
    placed = inpaint.read(items, files)
    if placed.clip is not None and others:
        raise extras.contradiction(
            "inpaint_items", "image_url", "each give what the film begins from"
        )
    return placed
