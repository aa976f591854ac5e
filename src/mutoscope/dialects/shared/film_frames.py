"""The first or last frame of a finished film as a picture: what a shot that leads on from one film, or up
to another, begins or ends with."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from mutoscope.compute.awaited import called
from mutoscope.shot import Media

if TYPE_CHECKING:
    from mutoscope.server.house import House


async def frame_of(house: House, film: Media, *, last: bool) -> Media:
    """The frame as a lossless picture in the media store. Raises BadInput for a film that cannot be
    read, MediaMissing for one that is no longer there."""
    path: Path = await asyncio.to_thread(house.media.path, film)
    png: bytes = await called(house.probes, picture, path, last)
    return await asyncio.to_thread(house.media.put, png)


def picture(film: Path, last: bool) -> bytes:
    """In a process beside the server: the frame as PNG, upright and of square pixels."""
    from mutoscope.engines.flipbook.footage.reading import frames, rgb_of, tail
    from mutoscope.engines.flipbook.footage.source import look
    from mutoscope.images.encode import encoded

    source = look(film)
    shown = list(tail(source, 1)) if last else [next(frames(source))]
    return encoded(rgb_of(shown[-1]), "png")
