"""The films of the model's as one: no frame doubled, no jump in colour where one goes on from another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from mutoscope.engines.diffusion.brief import Frames, Made, Rgb
from mutoscope.engines.diffusion.shot.times import Part

#: Codes of a mean colour's shift: below the first nobody sees it, beyond the second it is no drift.
SEEN, MOST = 0.6, 12.0


class Joined:
    """`frames` of all parts. `lead` are those that the first part goes on from, where there are some;
    `shifts` are what was added to each part's colours so that it goes on as the one before ended."""

    def __init__(
        self,
        made: Sequence[Made],
        parts: Sequence[Part],
        *,
        dissolves: bool = False,
        lead: Frames | None = None,
    ) -> None:
        self._films = [one.frames for one in made]
        self._parts = parts
        self._dissolves = dissolves
        self.shifts = self._matched(lead)

    def __len__(self) -> int:
        return self._parts[-1].end

    def frames(self) -> Iterator[Rgb]:
        """The whole, frame by frame, H×W×3; the frames that a first part went on from come first."""
        for place, (film, part) in enumerate(zip(self._films, self._parts, strict=True)):
            shift = self.shifts[place]
            more = place + 1 < len(self._parts)
            kept = part.frames - (self._parts[place + 1].lead if more and self._dissolves else 0)
            if place and self._dissolves:
                yield from self._across(place)
            for frame in film[part.lead if place else 0 : kept]:
                yield _shifted(frame, shift)

    def _across(self, place: int) -> Iterator[Rgb]:
        """The frames that two parts have both, going over from the one to the other."""
        lead = self._parts[place].lead
        before, after = self._films[place - 1][-lead:], self._films[place][:lead]
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            share = (number + 1) / (lead + 1)
            a = _shifted(one, self.shifts[place - 1]).astype(np.float32)
            b = _shifted(other, self.shifts[place]).astype(np.float32)
            yield np.asarray(np.rint(a + share * (b - a)), np.uint8)

    def _matched(self, lead: Frames | None) -> list[npt.NDArray[np.float32]]:
        shifts: list[npt.NDArray[np.float32]] = []
        before = lead
        for place, (film, part) in enumerate(zip(self._films, self._parts, strict=True)):
            shift = np.zeros(3, np.float32)
            if before is not None and part.lead and not self._dissolves:
                count = min(part.lead, len(before))
                off = _mean(before[-count:]) - _mean(film[part.lead - count : part.lead])
                if SEEN < np.abs(off).max() < MOST:
                    shift = off
                shift = shift + (shifts[-1] if place else 0)
            shifts.append(np.asarray(shift, np.float32))
            before = film
        return shifts


def _mean(frames: Frames) -> npt.NDArray[np.float32]:
    """The mean colour."""
    return np.asarray(frames.reshape(-1, 3).mean(axis=0, dtype=np.float64), np.float32)


def _shifted(frame: Rgb, shift: npt.NDArray[np.float32]) -> Rgb:
    if not shift.any():
        return frame
    return np.asarray(np.clip(np.rint(frame + shift), 0, 255), np.uint8)
