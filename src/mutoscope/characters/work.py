"""What a Compute is given to do for a character, and what comes back. Naming it loads nothing: a server
never loads what decodes, cuts and measures."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mutoscope.compute.base import Cancel, Progress
from mutoscope.errors import BadShot

Part = tuple[float, float]  # from and to, in seconds
LEAST_PART, MOST_PART = 0.2, 60.0  # seconds


@dataclass(frozen=True, slots=True)
class ReferenceFrame:
    """A frame that was kept: its `picture` (JPEG) and `cutout` (PNG, RGBA, as large as the picture).

    `at` in seconds, of pictures which one, from 0; `box` (left, top, right, bottom) in fractions of the
    frame; `cut`: the frame's edges that the figure runs off. Scores 0..1: `sharpness` beside the sharpest
    of all, `exposure`, `whole`, `matte` (how steady the matte is), and `score`, all of them together.
    `faces`: how many it shows, None without the weights that find them."""

    picture: Path
    cutout: Path
    at: float
    box: tuple[float, float, float, float]
    cut: tuple[str, ...]
    sharpness: float
    exposure: float
    whole: float
    matte: float
    score: float
    faces: int | None = None

    def told(self) -> dict[str, Any]:
        """All but the files, as JSON."""
        values = asdict(self)
        del values["picture"], values["cutout"]
        return values


@dataclass(frozen=True, slots=True)
class Prepared:
    """`frames`, the best first; `clip`: the part that was cut out of the film, as a film; `left_out`: the
    pictures, by place from 0, that gave no frame, and why."""

    frames: tuple[ReferenceFrame, ...]
    clip: Path | None = None
    left_out: tuple[tuple[int, str], ...] = ()


def checked_part(start: float, end: float) -> Part:
    """A part in seconds. BadShot where it is none."""
    if start < 0:
        raise BadShot.of("from", start, "0 or more seconds")
    if not LEAST_PART <= end - start <= MOST_PART:
        allowed = f"{LEAST_PART:g} to {MOST_PART:g} seconds after 'from' ({start:g})"
        raise BadShot.of("to", end, allowed)
    return start, end


def of_film(
    clip: Path, folder: Path, part: Part | None, progress: Progress, cancel: Cancel
) -> Prepared:
    """The frames kept of `clip`, or of that part of it, as files in `folder`; see `frames`."""
    from mutoscope.characters import frames
    from mutoscope.characters import part as parts

    if part is not None:
        clip = parts.cut(clip, part, folder / "part.mp4", cancel)
    found = frames.reference_frames(clip, folder, progress, cancel)
    return Prepared(found, clip if part is not None else None)


def of_pictures(
    pictures: tuple[Path, ...], folder: Path, progress: Progress, cancel: Cancel
) -> Prepared:
    """The frames kept of `pictures`, as files in `folder`; see `frames`."""
    from mutoscope.characters import frames

    found, left_out = frames.of_pictures(pictures, folder, progress, cancel)
    return Prepared(found, left_out=left_out)
