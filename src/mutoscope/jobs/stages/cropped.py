"""A part of the frame of the film that a shot begins from, cut out before any engine sees it: engines crop
pictures, but not films."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mutoscope.compute.awaited import called
from mutoscope.errors import BadShot
from mutoscope.jobs.held import Held
from mutoscope.jobs.stages.stored import stored
from mutoscope.shot import Crop, Media, Role, Shot, Size

if TYPE_CHECKING:
    import av

    from mutoscope.server.house import House

LEAST = 32  # pixels of a side that a film may have
CRF = 14.0  # it is coded once more when it has been filmed


async def cropped(house: House, held: Held, shot: Shot) -> tuple[Shot, tuple[Media, ...]]:
    """The shot with its source cut to the part that is asked for, and the films that were made. Raises
    BadInput for a source that is no film, or a part that is too small."""
    made: list[Media] = []
    anchors = list(shot.anchors)
    for place, anchor in enumerate(anchors):
        if anchor.role is not Role.SOURCE or anchor.crop is None:
            continue
        path = await asyncio.to_thread(house.media.path, anchor.media)
        out = held.make_folder() / "cropped.mp4"
        await called(house.probes, cut, path, anchor.crop, out)
        media = await asyncio.to_thread(stored, house.media, out, "video/mp4")
        anchors[place] = replace(anchor, media=media, crop=None)
        made.append(media)
    return (replace(shot, anchors=tuple(anchors)), tuple(made)) if made else (shot, ())


def cut(path: Path, crop: Crop, out: Path) -> None:
    """Write that part of each frame of the film at `path`, with its sound. In a process beside the
    server."""
    from mutoscope.engines.flipbook.footage.reading import frames
    from mutoscope.engines.flipbook.footage.sound import kept
    from mutoscope.engines.flipbook.footage.source import look
    from mutoscope.finish.encode import Mp4Writer, pipe

    source = look(path)
    left, top, size = box(source.size, crop)

    def parts() -> Iterator[av.VideoFrame]:
        for frame in frames(source):
            yield _part(frame, left, top, size)

    with Mp4Writer(out, size, source.rate, crf=CRF) as film:
        pipe(parts(), film)
    kept(out, source)


def box(size: Size, crop: Crop) -> tuple[int, int, Size]:
    """Left, top and size of the part in pixels, all even. BadShot where it is too small."""
    left, top = 2 * round(crop.left * size.width / 2), 2 * round(crop.top * size.height / 2)
    right, bottom = 2 * round(crop.right * size.width / 2), 2 * round(crop.bottom * size.height / 2)
    if min(right - left, bottom - top) < LEAST:
        raise BadShot(
            f"the crop of the {size} film is {max(0, right - left)}x{max(0, bottom - top)}; each side "
            f"must be at least {LEAST} pixels",
            field="anchor.crop",
        )
    return left, top, Size(right - left, bottom - top)


def _part(frame: av.VideoFrame, left: int, top: int, size: Size) -> av.VideoFrame:
    from mutoscope.finish.frame import blank, planes_of

    made = blank(size.width, size.height)
    for to, given, per in zip(planes_of(made), planes_of(frame), (1, 2, 2), strict=True):
        x, y, wide, tall = left // per, top // per, size.width // per, size.height // per
        to[:tall, :wide] = given[y : y + tall, x : x + wide]
    return made
