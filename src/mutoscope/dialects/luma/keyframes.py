"""Two keyframes → what is done: from pictures, from a film's end, up to a film's beginning.

============== ============== ==================================================================
first          last           becomes
============== ============== ==================================================================
picture or -   picture or -   a film between the pictures
film           -              an extension: the film, and what is added after its last frame
-              film           a film that ends on that film's first frame
film           picture        a film from that film's last frame to the picture
picture        film           a film from the picture to that film's first frame
film           film           a film from the one's last frame to the other's first frame
============== ============== ==================================================================
"""

from __future__ import annotations

from dataclasses import dataclass

from mutoscope.dialects.shared.references import FilmFrame, Reference, VideoId
from mutoscope.dialects.shared.wish import Operation, Picture
from mutoscope.jobs.job import Notice
from mutoscope.shot import Role

APART = "this film is one of its own: it leads up to the other's first frame, and the two are not joined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """Operation, pictures and film of a Wish."""

    operation: Operation = "create"
    pictures: tuple[Picture, ...] = ()
    clip: Picture | None = None
    notices: tuple[Notice, ...] = ()


def keyed(
    first: Reference | None, last: Reference | None, names: tuple[str, str], *, more: bool = False
) -> Keyed:
    """What keyframes ask for; see the module. `names` are theirs on the wire; `more`: the request has
    other pictures too, so that a film alone is no extension."""
    if isinstance(first, VideoId) and last is None and not more:
        film = Picture(source=first, field=names[0], role=Role.SOURCE)
        return Keyed(operation="extend", clip=film)
    pictures: list[Picture] = []
    if first is not None:
        source = _frame(first, last=True)
        pictures.append(Picture(source=source, field=names[0], role=Role.FIRST_FRAME))
    if last is not None:
        source = _frame(last, last=False)
        pictures.append(Picture(source=source, field=names[1], role=Role.LAST_FRAME))
    apart = [
        Notice(code="separate_film", field=name, message=f"{name}: {APART}")
        for name, one in ((names[1], last),)
        if isinstance(one, VideoId)
    ]
    return Keyed(pictures=tuple(pictures), notices=tuple(apart))


def _frame(one: Reference, *, last: bool) -> Reference:
    return FilmFrame(one.id, last) if isinstance(one, VideoId) else one
