"""Where pictures stand in time, and a source film in its new frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mutoscope.dialects.shared import fields
from mutoscope.dialects.shared.references import FilmFrame, Reference, VideoId
from mutoscope.dialects.shared.wish import Picture
from mutoscope.errors import BadShot
from mutoscope.jobs.job import Notice
from mutoscope.shot import Fit, Role

GRID = 24  # frames a second, in which keyframes are counted
MIDDLE = 0.01  # of the frame: what is nearer to the middle is in it


@dataclass(frozen=True, slots=True)
class Rectangle:
    """The source within the frame: left, top, width and height as fractions of the frame."""

    x: float
    y: float
    width: float
    height: float

    @property
    def fills(self) -> bool:
        return (
            self.x <= 0 and self.y <= 0 and self.x + self.width >= 1 and self.y + self.height >= 1
        )

    @property
    def centred(self) -> bool:
        off = (2 * self.x + self.width - 1, 2 * self.y + self.height - 1)
        return all(abs(one) <= 2 * MIDDLE for one in off)


def rectangle(field: str, value: Any) -> Rectangle:
    """{x_norm, y_norm, w_norm, h_norm}. BadInput."""
    given = fields.structure(field, value)
    if not isinstance(given, dict):
        raise fields.wrong_type(field, "an object with x_norm, y_norm, w_norm and h_norm", given)
    names = ("x_norm", "y_norm", "w_norm", "h_norm")
    for name in names:
        if given.get(name) is None:
            raise fields.missing(f"{field}.{name}")
    x, y, width, height = (fields.number(f"{field}.{name}", given[name]) for name in names)
    for name, side in (("w_norm", width), ("h_norm", height)):
        if not 0 < side <= 2:
            raise BadShot.of(f"{field}.{name}", side, "above 0 and at most 2")
    return Rectangle(x, y, width, height)


def placed(where: Rectangle | None) -> tuple[Fit | None, tuple[Notice, ...]]:
    """How the source is fitted, and what is said where that is not quite what was asked."""
    if where is None:
        return None, ()
    if where.fills:
        how = "the source fills the frame; which part is seen follows what it is about"
    elif where.centred:
        how = (
            "the source is whole within the frame, as large as it can be, on its own blurred edges"
        )
    else:
        how = "the source is whole in the middle of the frame, on its own blurred edges"
    notice = Notice(
        code="approximated",
        field="video.source_position",
        message=f"video.source_position is not kept to the pixel: {how}",
    )
    return (Fit.COVER if where.fills else Fit.PAD), (notice,)


def pinned(
    frames: Sequence[Reference], at: Sequence[int], seconds: float, fps: float
) -> tuple[Picture, ...]:
    """Each keyframe at its frame; the grid's end is the last frame. BadShot for one beyond it, and for
    two at one frame."""
    end = round(seconds * GRID)
    last = max(1, round(seconds * fps)) - 1
    found: list[Picture] = []
    taken: dict[int, int] = {}
    for place, (one, index) in enumerate(zip(frames, at, strict=True)):
        if index > end:
            raise BadShot.of(
                f"video.keyframe_indexes[{place}]", index, f"from 0 to {end}",
                f"a film of {seconds:g} s has {GRID} a second",
            )  # fmt: skip
        frame = min(last, round(index * fps / GRID))
        if frame in taken:
            raise BadShot.of(
                f"video.keyframe_indexes[{place}]", index, "at a frame of its own",
                f"in a film of {last + 1} frames {taken[frame]} is the same frame",
            )  # fmt: skip
        taken[frame] = index
        source = FilmFrame(one.id, last=index == 0) if isinstance(one, VideoId) else one
        name = f"video.keyframes[{place}]"
        if frame == 0:
            found.append(Picture(source=source, field=name, role=Role.FIRST_FRAME))
        elif frame == last:
            found.append(Picture(source=source, field=name, role=Role.LAST_FRAME))
        else:
            found.append(Picture(source=source, field=name, role=Role.FRAME, frame=frame))
    return tuple(found)
