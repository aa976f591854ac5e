"""`inpaint_items`: pictures at frames of the film, or a film to begin from. Pure.

========================== ===============================================================
type image                  a picture at `frame_index`: 0 first, -1 last
type video, at frame 0      the film that is edited; with n_seconds beyond its own length, it goes
                            on for so much longer
`file_name`                 the part of `files` with that name, or in its place: the id of a file, an
                            address, a data URL
========================== ===============================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mutoscope.dialects.shared import extras, fields, references
from mutoscope.dialects.shared.table import Field
from mutoscope.dialects.shared.wish import Picture
from mutoscope.errors import BadInput, BadShot
from mutoscope.jobs.job import Notice
from mutoscope.server.body import Upload
from mutoscope.server.filenames import safe_name
from mutoscope.shot import Crop, Role

TYPES = ("image", "video")
#: What an item points with: `file_name`, as the service has it, or as JSON without files can.
SOURCES = ("file_name", "image_url", "image_data", "video_url", "file_id", "url")
ITEM_FIELDS: dict[str, Field] = {
    "frame_index": Field(
        "other where the picture is: 0 the first frame, -1 the last", fields.whole
    ),
    "type": Field(
        "other image: a picture at its frame; video: the film to begin from", fields.words
    ),
    "file_name": Field("picture or film", says="the part of `files` with that name"),
    "image_url": Field("picture", says="in place of `file_name`"),
    "image_data": Field("picture", says="in place of `file_name`"),
    "video_url": Field("film", says="in place of `file_name`"),
    "file_id": Field("picture or film", says="in place of `file_name`"),
    "url": Field("picture or film", says="in place of `file_name`"),
    "crop_bounds": Field("picture's or film's crop", fields.crop),
}
WHOLE = Crop()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inpaint:
    """What the items are: pictures at frames, or the one film to begin from."""

    pictures: tuple[Picture, ...] = ()
    clip: Picture | None = None
    notices: tuple[Notice, ...] = ()


def read(items: object, files: object) -> Inpaint:
    """`items` as a list or its JSON; `files` the uploads beside it. BadInput where one cannot be."""
    uploads = _uploads(files)
    given = fields.structure("inpaint_items", items) if items is not None else _of_files(uploads)
    if isinstance(given, dict):
        given = [given]
    if not isinstance(given, list):
        raise fields.wrong_type("inpaint_items", "an array", given)
    left = list(uploads)
    notices: list[Notice] = []
    read = [
        _item(f"inpaint_items[{n}]", one, uploads, left, notices) for n, one in enumerate(given)
    ]
    notices += [
        Notice(
            code="ignored",
            field="files",
            message=f"files has {one.filename!r}, which no file_name in inpaint_items names; "
            "it was left out",
        )
        for one in left
    ]
    films = [one for one in read if one.film]
    if films and len(read) > 1:
        raise BadShot(
            "inpaint_items has a video beside other items; a film that begins from a video takes "
            "that alone",
            field="inpaint_items",
            hint="send the pictures in one request and the video in another",
        )
    if films:
        return Inpaint(clip=films[0], notices=tuple(notices))
    stands: dict[tuple[Role | None, int | None], str] = {}
    for one in read:
        earlier = stands.setdefault((one.role, one.frame), one.field)
        if earlier != one.field:
            raise extras.contradiction(
                f"{earlier}.frame_index", f"{one.field}.frame_index", "are the same frame"
            )
    return Inpaint(pictures=tuple(read), notices=tuple(notices))


def _uploads(files: object) -> list[Upload]:
    sent = files if isinstance(files, list) else [] if files is None else [files]
    for one in sent:
        if not isinstance(one, Upload):
            raise references.not_a_file("files", one)
    return list(sent)


def _of_files(uploads: Sequence[Upload]) -> list[dict[str, Any]]:
    """The item that a single file without any is: at the first frame."""
    if len(uploads) > 1:
        raise fields.missing("inpaint_items", "which frame each of the files is for")
    return [
        {"type": one.media.type.partition("/")[0], "file_name": one.filename} for one in uploads
    ]


def _item(
    at: str, given: object, uploads: list[Upload], left: list[Upload], notices: list[Notice]
) -> Picture:
    if not isinstance(given, dict):
        raise fields.wrong_type(at, "an object", given)
    sent = {name: value for name, value in given.items() if value is not None}
    notices += [
        extras.unknown(f"{at}.{name}", ITEM_FIELDS) for name in sent if name not in ITEM_FIELDS
    ]
    source = _source(at, sent, uploads, left)
    kind = _kind(at, sent, source)
    frame = fields.whole(f"{at}.frame_index", sent.get("frame_index", 0))
    crop = fields.crop(f"{at}.crop_bounds", sent["crop_bounds"]) if "crop_bounds" in sent else None
    crop = None if crop == WHOLE else crop
    if kind == "video":
        if frame != 0:
            raise BadShot.of(
                f"{at}.frame_index", frame, "0, for a video is what the film begins from",
                "a picture can be at any frame",
            )  # fmt: skip
        return Picture(source=source, field=at, role=Role.SOURCE, crop=crop, film=True)
    placed = extras.role(frame, field=f"{at}.frame_index")
    return Picture(source=source, field=at, crop=crop, **placed)


def _source(
    at: str, sent: dict[str, Any], uploads: list[Upload], left: list[Upload]
) -> references.Reference:
    """What the item points with. Several files of one name are taken one after the other; a single one
    may serve several items."""
    named = [name for name in SOURCES if name in sent]
    if not named:
        raise fields.missing(f"{at}.file_name", "the file name of one of the parts `files`")
    if len(named) > 1:
        raise extras.contradiction(f"{at}.{named[0]}", f"{at}.{named[1]}", "each give its file")
    (name,) = named
    field, value = f"{at}.{name}", sent[name]
    if name == "image_data":
        return references.data(field, value)
    if name in ("image_url", "video_url", "url"):
        return references.link(field, value)
    if name == "file_id":
        return references.clip(field, {"file_id": value})
    wanted = fields.words(field, value)
    for one in (*left, *uploads):
        if one.filename in (wanted, safe_name(wanted)):
            left[:] = [other for other in left if other is not one]
            return one
    try:
        return references.clip(field, wanted)
    except BadInput:
        there = ", ".join(repr(one.filename) for one in uploads) or "none"
        raise BadInput(
            f"{field} is {wanted[:80]!r}, which is no part of `files`; there are {there}",
            field=field,
            code="invalid_value",
            hint="send the file as a part `files` of a multipart form, with that file name",
        ) from None


def _kind(at: str, sent: dict[str, Any], source: references.Reference) -> str:
    """ "image" or "video": as it says, or else as its file shows."""
    type = source.media.type if isinstance(source, Upload) else ""
    seen = type.partition("/")[0]
    usual = "video" if "video_url" in sent or isinstance(source, references.VideoId) else seen
    kind = str(sent.get("type", usual if usual in TYPES else "image")).lower()
    if kind not in TYPES:
        raise BadShot.of(f"{at}.type", kind, '"image" or "video"')
    if seen in TYPES and seen != kind:
        raise BadInput(
            f"{at}.type is {kind}, but its file is {type}",
            field=f"{at}.type",
            code="invalid_value",
        )
    return kind
