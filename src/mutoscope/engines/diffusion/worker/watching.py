"""What a model is at, told to whoever waits: progress, the expected end, previews, and the wish to stop.

::

    0      load  0.04  encode  0.05  denoise, decode of each part  0.95  finish  0.99
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mutoscope.compute.base import Cancel, Progress, expect
from mutoscope.engines.diffusion.brief import Rgb
from mutoscope.engines.diffusion.measured import Pace
from mutoscope.engines.diffusion.worker.work import PREVIEW
from mutoscope.errors import Cancelled

if TYPE_CHECKING:
    from mutoscope.engines.diffusion.shot.project import Project

LOADED, ENCODED, FILMED, DONE = 0.04, 0.05, 0.95, 0.99
#: The share of a part's work that its steps are; the rest is decoding.
DENOISED = 0.85 / 0.90
_PREVIEW_SIDE = 384  # pixels
#: Decoding and finishing as shares of the steps' time, where neither was measured yet.
_DECODE, _FINISH = 0.10, 0.03


class Watching:
    """A Watch for one order; see `brief.Watch`."""

    def __init__(
        self,
        folder: Path,
        progress: Progress,
        cancel: Cancel,
        project: Project,
        preview_steps: int,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._folder, self._progress, self._cancel = folder, progress, cancel
        self._parts, self._part = max(1, project.parts), 0
        self._preview_steps = preview_steps
        self.pace, self._clock = Pace(), clock  # the pace of earlier films
        self._told, self._since = 0.0, clock()
        self._steps: list[float] = []  # when each step of this part ended
        self._of = 0
        self._began: float | None = None  # the first step of this part
        self._decoding: float | None = None
        self.first_step: float | None = None  # when the first step of all began, by the clock
        self.step_seconds: list[float] = []
        self.decode_seconds: list[float] = []

    def part(self, place: int, steps: int = 0) -> None:
        """The film's part at `place` begins, which is made in so many steps."""
        self._part, self._of = place, steps
        self.again()

    def again(self) -> None:
        """This part begins once more."""
        self._steps, self._began, self._decoding = [], None, None

    def began(self) -> None:
        """The model's first step of this part begins."""
        if self._began is None:
            self._began = self._clock()
            if self.first_step is None:
                self.first_step = self._began
            self._tell("denoise", self._within(0.0))

    def step(self, done: int, of: int, preview: Callable[[], Rgb] | None = None) -> None:
        now = self._clock()
        if self._began is None:  # nobody saw it begin
            self._began = self.first_step = now if self.first_step is None else self.first_step
        last = self._steps[-1] if self._steps else self._began
        self.step_seconds.append(now - (last if last is not None else now))
        self._steps.append(now)
        self._of = of
        self._tell(f"denoise {done}/{of}", self._within(DENOISED * done / of))
        every = self._preview_steps
        if preview is not None and every and done % every == 0 and done < of:
            self._show(preview)
        if done >= of:
            self._decoding = self._clock()

    def stage(self, name: str, fraction: float = 0.0) -> None:
        fraction = min(max(fraction, 0.0), 1.0)
        if name == "load":
            done = LOADED * fraction
        elif name == "encode":
            done = max(self._within(0.0), LOADED + (ENCODED - LOADED) * fraction)
        elif name == "decode":
            if self._decoding is None:
                self._decoding = self._clock()
            done = self._within(DENOISED + (1 - DENOISED) * fraction)
        else:
            done = FILMED + (DONE - FILMED) * fraction
        self._tell(name, done)

    def made(self) -> None:
        """This part is made."""
        if self._decoding is not None:
            self.decode_seconds.append(self._clock() - self._decoding)
        self._tell("decode", self._within(1.0))

    def check(self) -> None:
        """Raises Cancelled when the work is no longer wanted."""
        if self._cancel():
            raise Cancelled("stopped; nothing half-written was left")

    def _within(self, fraction: float) -> float:
        return ENCODED + (FILMED - ENCODED) * (self._part + fraction) / self._parts

    def _tell(self, stage: str, done: float) -> None:
        self.check()
        self._told = max(self._told, done)
        expect(self._progress, self._left(stage, done))
        self._progress(stage, self._told)

    def _left(self, stage: str, done: float) -> float | None:
        """Seconds to the end, by this film's own steps, or by what earlier ones took."""
        step, of = self._step(), self._of
        if not step or (not of and stage != "finish"):
            return None
        decode = self._mean(self.decode_seconds) or self.pace.decode or _DECODE * step * of
        finish = self._parts * (self.pace.finish or _FINISH * step * of)
        loading = 0.0
        if stage == "load" and done < LOADED:
            if not self.pace.load:
                return None  # it may be minutes
            loading = max(0.0, self.pace.load - (self._clock() - self._since))
        if stage == "finish":
            return finish * max(0.0, DONE - done) / (DONE - FILMED)
        parts = self._parts - self._part - 1
        left = loading + parts * (step * of + decode) + finish
        if self._decoding is not None:
            return left + max(0.0, decode - (self._clock() - self._decoding))
        return left + (of - len(self._steps)) * step + decode

    def _step(self) -> float:
        """Seconds a step. The first of a part warms up, and says little of the others."""
        if len(self._steps) > 1:
            return (self._steps[-1] - self._steps[0]) / (len(self._steps) - 1)
        later = self.step_seconds[1:]
        if later:
            return self._mean(later)
        return self.pace.step or (self.step_seconds[0] if self.step_seconds else 0.0)

    @staticmethod
    def _mean(values: list[float]) -> float:
        return sum(values) / len(values) if values else 0.0

    def _show(self, preview: Callable[[], Rgb]) -> None:
        """Leave a small picture in the order's folder, whole or not at all. That it cannot be made is no
        reason to stop: none is made any more."""
        import cv2

        try:
            picture = preview()
            height, width = picture.shape[:2]
            scale = _PREVIEW_SIDE / max(height, width)
            smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            shown = cv2.resize(picture, size, interpolation=smooth)
            well, data = cv2.imencode(".webp", shown[:, :, ::-1], [cv2.IMWRITE_WEBP_QUALITY, 80])
            if not well:
                return
            beside = self._folder / f".{PREVIEW}"
            beside.write_bytes(data.tobytes())
            beside.replace(self._folder / PREVIEW)
        except Cancelled:
            raise
        except Exception:
            self._preview_steps = 0
