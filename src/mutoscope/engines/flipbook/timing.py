"""When things happen in a film that is made of a still, and what was made of the direction so far."""

from __future__ import annotations

from dataclasses import dataclass

from mutoscope.direction.model import Motion
from mutoscope.engines.base import Instruction


@dataclass(frozen=True, slots=True)
class Timing:
    """A film of `frames` frames at `fps`. With `loop` the frame after the last would be the first, so
    whatever moves has whole cycles. With `exact` frame 0 is the still itself: whatever changes the
    picture is nothing there and grows from there. `seed`: the same one gives the same bytes."""

    frames: int
    fps: float
    loop: bool = False
    seed: int = 0
    exact: bool = False

    @property
    def seconds(self) -> float:
        return self.frames / self.fps


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of some of a direction's instructions. `motions` are those of the direction's that
    `instructions` speak of, so that nobody else does; `focus`: the lens' focus, too."""

    instructions: tuple[Instruction, ...] = ()
    motions: tuple[Motion, ...] = ()
    focus: bool = False

    def __add__(self, other: Answered) -> Answered:
        return Answered(
            self.instructions + other.instructions,
            self.motions + other.motions,
            self.focus or other.focus,
        )
