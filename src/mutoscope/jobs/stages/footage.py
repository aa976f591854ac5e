"""An engine's footage, taken into the store: from there on the job no longer needs its engine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from mutoscope.engines.base import Footage, Instruction
from mutoscope.jobs.failpoints import reach
from mutoscope.jobs.held import Held
from mutoscope.jobs.job import Change, Job
from mutoscope.jobs.stages.stored import stored
from mutoscope.shot import Media, Size

if TYPE_CHECKING:
    from pathlib import Path

    from mutoscope.server.house import House


class Kept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Footage as `work["footage"]` has it: a Footage whose file is a medium."""

    media: Media
    frames: int
    instructions: tuple[Instruction, ...] = ()
    notes: tuple[str, ...] = ()
    seconds_spent: dict[str, float] = {}
    fps: float | None = None
    size: Size | None = None

    def footage(self, path: Path) -> Footage:
        """The Footage again, with its file at `path`."""
        return Footage(
            path,
            self.frames,
            self.instructions,
            self.notes,
            self.seconds_spent,
            self.fps,
            self.size,
        )


async def keep(house: House, held: Held, footage: Footage) -> Change:
    """The footage in the store, and on to `finish`. Raises CannotWrite."""
    media = await asyncio.to_thread(stored, house.media, footage.path, "video/mp4")
    reach("footage.stored")
    kept = Kept(
        media=media,
        frames=footage.frames,
        instructions=footage.instructions,
        notes=footage.notes,
        seconds_spent=dict(footage.seconds_spent),
        fps=footage.fps,
        size=footage.size,
    )
    work = held.job.work | {"footage": msgspec.to_builtins(kept)}
    return Change(stage="finish", work=work, uses=(media,))


def kept_of(job: Job) -> Kept:
    """What `keep` wrote down."""
    return msgspec.convert(job.work["footage"], Kept)
