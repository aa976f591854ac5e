"""The files that a workflow wrote → the film that was asked for: its size, length and rate, as an MP4.

A model films sizes and counts of its own, and a workflow writes any kind of file. This is the order for it;
the work is `film.py`'s, which is loaded where it is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mutoscope.shot import Size


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for; of an edit its size alone."""

    size: Size
    fps: float | None = None
    frames: int | None = None


@dataclass(frozen=True, slots=True)
class Brought:
    """The film at `path`, and what was done to it: of what, and how."""

    path: Path
    frames: int
    size: Size
    fps: float
    said: tuple[tuple[str, str], ...] = ()


def brought(source: Path, rate: float, wanted: Wanted, out: Path) -> Brought:
    """The film in `source`, a file or a folder of pictures (`rate` a second is what was filmed), as `out`, an
    MP4. Blocks. Raises EngineFailed where it cannot be read, CannotWrite."""
    from mutoscope.engines.comfyui.film import made

    return made(source, rate, wanted, out)
