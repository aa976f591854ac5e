"""What a file's first bytes tell of a picture or clip, looked at before its job is written down."""

from __future__ import annotations

from mutoscope.errors import BadImage, BadInput
from mutoscope.images.plan import STRICT_MISMATCH, plan
from mutoscope.jobs.placing import Placing
from mutoscope.shot import Anchor, Fit, Role, Shot
from mutoscope.storage.media import MediaMissing, MediaStore


def look(media: MediaStore, placing: Placing, *, most: int, exact: bool) -> None:
    """Read the header of every picture that is here, a few kilobytes of each. Blocks: in a thread.

    `most`: bytes of a picture; `exact`: it must have the film's size to the pixel. BadInput where one
    is not what its field takes, MediaMissing where it was deleted meanwhile."""
    for place, anchor in enumerate(placing.shot.anchors):
        if place in placing.pending:
            continue
        if not media.touch(anchor.media):  # young again, so that nobody removes it now
            raise MediaMissing("what this request points at was deleted a moment ago")
        name = placing.name(place)
        try:
            _see(media, anchor, placing.shot, name, most, exact)
        except BadInput as error:
            if error.message != STRICT_MISMATCH:  # the service named no parameter with that one
                error.field = error.field or name
            raise


def _see(media: MediaStore, anchor: Anchor, shot: Shot, name: str, most: int, exact: bool) -> None:
    kind = anchor.media.type
    film = kind.startswith("video/")
    if anchor.role is Role.SOURCE or (film and anchor.role is Role.REFERENCE):
        if not film:
            raise BadInput(
                f"{name} is {kind}, no film; it must be MP4, MOV, WebM or Matroska",
                field=name,
                code="invalid_video",
            )
        return
    if film:
        raise BadImage(f"{name} is a film ({kind}); it must be a picture", field=name)
    from mutoscope.images.decode import open_photo

    photo = open_photo(media.path(anchor.media), max_bytes=most, name=name)
    if exact or shot.fit is Fit.STRICT:
        plan(photo.size, shot.size, Fit.STRICT, anchor.crop)
