"""How long the video is that a film begins from: `n_seconds` says the length of the whole."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mutoscope.compute.awaited import called
from mutoscope.dialects.azure.asking import Asked, begun
from mutoscope.dialects.shared.finding import Finder
from mutoscope.dialects.shared.wish import Wish
from mutoscope.errors import BadInput, MutoscopeError

if TYPE_CHECKING:
    from mutoscope.server.house import House


async def settled(house: House, asked: Asked, finder: Finder) -> Wish:
    """The wish, once it is known whether its film adds to a video or is as long as that. BadInput where
    what was sent is no video."""
    clip = asked.wish.clip
    if clip is None or asked.until is None:
        return asked.wish
    found = await finder.clip(clip.field, clip.source)
    if found.url:  # its length is known once it has been fetched
        return begun(asked, None)
    if not found.media.type.startswith("video/"):
        raise BadInput(
            f"{clip.field} is {found.media.type}, no film; it must be MP4, MOV, WebM or Matroska",
            field=clip.field,
            code="invalid_video",
        )
    from mutoscope.finish.probe import probe

    path = await asyncio.to_thread(house.media.path, found.media)
    try:
        seen = await called(house.probes, probe, path)
    except MutoscopeError as error:
        error.field = error.field or clip.field
        raise
    return begun(asked, seen.seconds)
