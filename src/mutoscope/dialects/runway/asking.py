"""A request's fields → a `Wish`. Pure: nothing is looked up.

One table a path; beside its own fields every path takes those of `shared.extras`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mutoscope.dialects.runway import values
from mutoscope.dialects.runway.values import Placed
from mutoscope.dialects.shared import fields, table
from mutoscope.dialects.shared.table import Field, Read
from mutoscope.dialects.shared.wish import Operation, Picture, Wish
from mutoscope.errors import BadInput, BadShot
from mutoscope.jobs.job import Notice
from mutoscope.shot import Role

DIALECT = VENDOR = "runway"
MODES: dict[str, Operation] = {"edit": "edit", "extend": "extend", "reference": "create"}
#: A picture's position → its role.
ROLES = {"first": Role.FIRST_FRAME, "last": Role.LAST_FRAME}


def _draft_task(name: str, value: Any) -> Any:
    raise BadInput(
        f"{name} asks for a draft's film anew in full quality, which this server does not do by a task's "
        "id: send the draft's request again without draft",
        field=name,
        code="not_supported",
    )


def _mode(name: str, value: Any) -> str:
    said = fields.words(name, value)
    if said not in MODES:
        raise BadShot.of(name, value, '"edit", "extend" or "reference"')
    return said


#: What every path takes, whichever model reads it there.
_ALL: dict[str, Field] = {
    "model": Field("shot.model", fields.words),
    "promptText": Field("shot.prompt", fields.prompt),
    "ratio": Field("other", values.ratio, "the Shot's size: pixels (1280:720) or, with `resolution`, a shape (16:9); auto: 1280x720"),
    "resolution": Field("other", values.resolution, "the short side of the Shot's size"),
    "duration": Field("other", values.seconds, "the Shot's seconds; auto: as its model has it"),
    "seed": Field("shot.seed", fields.whole),
    "audio": Field("shot.sound", fields.flag),
    "negativePrompt": Field("shot.negative_prompt", fields.words),
    "draft": Field("shot.quality", values.quality, "draft"),
    "references": Field("picture: reference", values.pictures),
    "referenceVideos": Field("picture: reference", values.films),
    "referenceAudio": Field("", says="sound is made for the picture, not after other sound", harmless=([],)),
    "contentModeration": Field("", says="this server does not moderate", harmless=({}, {"publicFigureThreshold": "auto"})),
    "outputFormat": Field("", says="films are H.264 in mp4", harmless=("mp4",)),
    "proresProfile": Field("", says="films are H.264 in mp4"),
    "promptExpansionMode": Field("", says="the words are read as they are", harmless=("disabled",)),
    "cfgScale": Field("", says="how closely words are followed cannot be set"),
    "providerSettings": Field("", says="these are of one provider's model", harmless=({},)),
    "draftTaskId": Field("other", _draft_task, "refused: the draft's request is sent again without `draft`"),
}  # fmt: skip
IMAGE_FIELDS: dict[str, Field] = {
    "promptImage": Field(
        "picture: first frame", values.pictures,
        "position first or last; those of a list without positions are references",
    ),
} | _ALL  # fmt: skip
TEXT_FIELDS: dict[str, Field] = _ALL
VIDEO_FIELDS: dict[str, Field] = {
    "videoUri": Field("picture: source", values.film),
    "promptVideo": Field("picture: source", values.film),
    "mode": Field("other", _mode, "edit, extend (duration is what is added), or reference: a new film after this one"),
    "targetAspectRatio": Field("other", values.ratio, "the Shot's size; without promptText the film is reframed, not edited"),
    "keyframes": Field("picture: reference", values.pictures, "their moments are not kept"),
} | _ALL  # fmt: skip


def image_to_video(body: Mapping[str, Any]) -> Wish:
    """The wish of POST /v1/image_to_video. BadInput where a field is missing or wrong."""
    read = table.read(IMAGE_FIELDS, body)
    given = read.media.pop("promptImage", ())
    if not given and not read.extras.pictures:
        raise fields.missing("promptImage", "an address, a data: or runway:// address, or a list of {uri, position}")  # fmt: skip
    return wish("create", read, pictures=tuple(_frames(given)))


def text_to_video(body: Mapping[str, Any]) -> Wish:
    """The wish of POST /v1/text_to_video."""
    read = table.read(TEXT_FIELDS, body)
    if "prompt" not in read.shot and "direction" not in read.shot:
        raise fields.missing("promptText")
    return wish("create", read)


def video_to_video(body: Mapping[str, Any]) -> Wish:
    """The wish of POST /v1/video_to_video: an edit, unless `mode` says otherwise."""
    read = table.read(VIDEO_FIELDS, body)
    given = [name for name in ("videoUri", "promptVideo") if name in read.media]
    if not given:
        raise fields.missing("videoUri", "the film: an address, a data: or a runway:// address")
    if len(given) > 1:
        raise BadInput("'videoUri' and 'promptVideo' are the same film; send one of them",
                       field="promptVideo", code="contradicting_fields")  # fmt: skip
    (name,) = given
    source = read.media.pop(name)
    mode = read.other.get("mode", "edit")
    if mode == "reference":
        after = Picture(source=source, field=name, role=Role.REFERENCE, film=True)
        return wish("create", read, pictures=(after,))
    operation = MODES[mode]
    if operation == "extend" and read.other.get("duration") is None and "seconds" not in read.shot:
        raise fields.missing("duration", "how many seconds are added")
    if operation == "edit" and "prompt" not in read.shot and "direction" not in read.shot:
        if not {"targetAspectRatio", "ratio", "resolution"} & set(read.other):
            raise fields.missing("promptText", "what should change; or targetAspectRatio, or ratio, for another shape or size alone")  # fmt: skip
        operation = "reframe"
    clip = Picture(source=source, field=name, role=Role.SOURCE)
    return wish(operation, read, clip=clip)


#: Path → what reads its body.
READERS: dict[str, Callable[[Mapping[str, Any]], Wish]] = {
    "image_to_video": image_to_video,
    "text_to_video": text_to_video,
    "video_to_video": video_to_video,
}


def wish(
    operation: Operation,
    read: Read,
    *,
    pictures: tuple[Picture, ...] = (),
    clip: Picture | None = None,
) -> Wish:
    """The wish in what was read, whichever path it came by."""
    if "model" not in read.shot:
        raise fields.missing("model", "such as gen4_turbo, or an engine of this server: flipbook")
    notices = list(read.notices)
    shot = dict(read.shot)
    own = operation in ("edit", "reframe")  # as long as the film it starts from
    if (length := read.other.get("duration")) is not None and not own:
        shot.setdefault("seconds", length)
    elif length is not None:
        notices.append(_notice("ignored", "duration", "an edit is as long as its film"))
    notices += _sized(read, shot, operation)
    return Wish(
        operation=operation,
        shot=shot,
        pictures=(*pictures, *_references(read, notices), *read.extras.pictures),
        clip=clip,
        takes=read.takes,
        notices=tuple(notices),
        **read.job,
    )


def _sized(read: Read, shot: dict[str, Any], operation: Operation) -> Iterator[Notice]:
    """Put the size into the shot; notices where it is not what was asked for to the letter."""
    name = "targetAspectRatio" if "targetAspectRatio" in read.other else "ratio"
    shape, short = read.other.get(name), read.other.get("resolution")
    size = values.size(name, shape, short)
    if operation == "extend" and size is not None:
        yield _notice("ignored", name, "an extension has its film's size")
        return
    if size is not None:
        shot.setdefault("size", size)
    if operation == "create" and not isinstance(shape, tuple) and (short or name in read.other):
        said = size or "its model's usual one"
        field = name if name in read.other else "resolution"
        yield _notice("size_assumed", field, f"{field} leaves the shape to the picture, which is not asked for it here: the size is {said}; name ratio for another")  # fmt: skip


def _frames(given: tuple[Placed, ...]) -> Iterator[Picture]:
    """The pictures of `promptImage`: without a position those of a list are references, one that is no
    list's is the first frame."""
    for one in given:
        usual = Role.REFERENCE if "[" in one.field else Role.FIRST_FRAME
        yield Picture(source=one.source, field=one.field, role=ROLES.get(one.position, usual))


def _references(read: Read, notices: list[Notice]) -> Iterator[Picture]:
    for name, given in read.media.items():
        film = name == "referenceVideos"
        if name == "keyframes":
            notices.append(_notice("approximated", name, "keyframes are references here: their moments are not kept"))  # fmt: skip
        for one in given:
            yield Picture(source=one.source, field=one.field, role=Role.REFERENCE, film=film)


def _notice(code: str, field: str, message: str) -> Notice:
    begun = message if message.startswith(field) else f"{field} has no effect here: {message}"
    return Notice(code=code, field=field, message=begun)
