"""What a model is at, told to whoever waits: progress, previews, and the wish to stop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mutoscope.compute.base import Cancel, Progress
from mutoscope.engines.diffusion.brief import Rgb
from mutoscope.errors import Cancelled

if TYPE_CHECKING:
    from mutoscope.engines.diffusion.shot.project import Project

#: The share of the whole that each stage ends at.
DENOISED, DECODED = 0.85, 0.95


class Watching:
    """A Watch for one order; see `brief.Watch`."""

    def __init__(
        self, folder: Path, progress: Progress, cancel: Cancel, project: Project, preview_steps: int
    ) -> None:
        self._folder, self._progress, self._cancel = folder, progress, cancel
        self._parts, self._part = project.parts, 0
        self._preview_steps = preview_steps

    def part(self, place: int) -> None:
        """The film's part at `place` begins."""
        self._part = place

    def step(self, done: int, of: int, preview: Callable[[], Rgb] | None = None) -> None:
        self._tell("denoise", DENOISED * done / of)

    def stage(self, name: str, fraction: float = 0.0) -> None:
        begins = {"decode": DENOISED, "finish": DECODED}.get(name, 0.0)
        ends = {"decode": DECODED, "finish": 1.0}.get(name, 0.0)
        self._tell(name, begins + (ends - begins) * fraction)

    def _tell(self, stage: str, done: float) -> None:
        if self._cancel():
            raise Cancelled("stopped; nothing half-written was left")
        self._progress(stage, (self._part + done) / self._parts)
