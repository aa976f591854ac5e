"""What a Compute is given to do for a character, and what comes back. Naming it loads nothing: a server
never loads what decodes, cuts and measures."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mutoscope.compute.base import Cancel, Progress


@dataclass(frozen=True, slots=True)
class ReferenceFrame:
    """A frame that was kept: its `picture` (JPEG) and `cutout` (PNG, RGBA, as large as the picture).

    `at` in seconds; `box` (left, top, right, bottom) in fractions of the frame; `cut`: the frame's edges
    that the figure runs off. Scores 0..1: `sharpness` beside the sharpest of the clip, `exposure`,
    `whole`, `matte` (how steady the matte is), and `score`, all of them together."""

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

    def told(self) -> dict[str, Any]:
        """All but the files, as JSON."""
        values = asdict(self)
        del values["picture"], values["cutout"]
        return values


def reference_frames(
    clip: Path, folder: Path, progress: Progress, cancel: Cancel
) -> tuple[ReferenceFrame, ...]:
    """The frames kept of `clip`, as files in `folder`; see `frames.reference_frames`."""
    from mutoscope.characters import frames

    return frames.reference_frames(clip, folder, progress, cancel)
