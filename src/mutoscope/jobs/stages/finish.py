"""finish: what players show beside the film is made, and the job is completed.

Thumbnail and sprite sheet are made here, once, so that no request ever waits for them. The status
becomes completed in the commit that puts the event into the outbox.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mutoscope.compute.awaited import called
from mutoscope.errors import MutoscopeError
from mutoscope.jobs.failpoints import reach
from mutoscope.jobs.held import Held
from mutoscope.jobs.job import Change, Notice, Result
from mutoscope.jobs.stages.ending import expiry
from mutoscope.jobs.stages.footage import kept_of
from mutoscope.jobs.stages.manner import remembered
from mutoscope.jobs.stages.order import plans_of
from mutoscope.jobs.stages.stored import stored
from mutoscope.shot import Kind, Media, Shot, Size
from mutoscope.steps import extra, reported

if TYPE_CHECKING:
    from mutoscope.finish.probe import Probe
    from mutoscope.server.house import House

#: variant → its file's ending
EXTRAS = {"thumbnail": ".webp", "spritesheet": ".jpg"}


async def finish(house: House, held: Held) -> Change:
    """Raises EngineFailed where the footage is no film."""
    from mutoscope.finish.probe import probe

    job, shot, kept = held.job, held.shot, kept_of(held.job)
    film: Path = await asyncio.to_thread(house.media.path, kept.media)
    folder = held.make_folder()
    seen: Probe = await called(house.probes, probe, film)
    media = {"video": kept.media}
    warnings = [*job.warnings, *unlike(shot, seen, job.engine)]
    for kind, ending in EXTRAS.items():
        made = await _made(house, kind, film, folder / f"{kind}{ending}")
        if isinstance(made, Media):
            media[kind] = made
        else:  # the film is there, and may be paid for: it is not thrown away for its thumbnail
            warnings.append(Notice(code=f"no_{kind}", message=made))
    reach("finish.made")
    fps = kept.fps or seen.fps or shot.fps
    frames = kept.frames or seen.frames
    took = dict(kept.seconds_spent)
    if job.started is not None:
        took["total"] = round(held.clock.now() - job.started, 3)
    return Change(
        ended=True,
        status="completed",
        progress=1.0,
        expected_end=None,
        result=Result(
            media=media,
            size=str(Size(seen.width, seen.height)),
            seconds=frames / fps,
            fps=fps,
            frames=frames,
            engine=job.engine,
            report=msgspec.to_builtins(
                reported(kept.footage(film), plans_of(job).values()), enc_hook=str
            ),
            took=took,
        ),
        warnings=tuple(warnings),
        uses=tuple(media.values()),
        expires=expiry(house, held),
        remembered=remembered(job),
        event=f"{job.object}.completed",
    )


def unlike(shot: Shot, film: Probe, engine: str) -> Iterator[Notice]:
    """Where a new film is not of the size, length or rate that was asked for: servers elsewhere round to
    what their models can, or follow the picture's shape, without a word."""
    if shot.kind is not Kind.CREATE:
        return
    said = f"{engine} did not keep to"
    if (film.width, film.height) != (shot.size.width, shot.size.height):
        text = f"the film is {film.width}x{film.height}: {said} {shot.size}"
        yield Notice(code="other_size", message=text, field="size")
    if abs(film.seconds - shot.seconds) > max(0.25, 1.5 / film.fps):
        text = f"the film has {film.seconds:.3g} seconds: {said} {shot.seconds:g}"
        yield Notice(code="other_seconds", message=text, field="seconds")
    if abs(film.fps - shot.fps) > 0.05:
        text = f"the film has {film.fps:.4g} frames a second: {said} {shot.fps:g}"
        yield Notice(code="other_fps", message=text, field="fps")


async def _made(house: House, kind: str, film: Path, out: Path) -> Media | str:
    """The extra in the store, or why there is none."""
    try:
        await called(house.probes, extra, kind, film, out)
        return await asyncio.to_thread(stored, house.media, out)
    except MutoscopeError as error:
        return f"the film has no {kind}: {error.message}"
