"""From a direction to the motion of the subject that its words ask for."""

from __future__ import annotations

from mutoscope.direction.model import Direction
from mutoscope.engines.flipbook.rendering.carried import SubjectMotion
from mutoscope.engines.flipbook.rendering.seen import Effect
from mutoscope.engines.flipbook.scene import Scene
from mutoscope.engines.flipbook.timing import Answered, Timing


def asks(direction: Direction) -> bool:
    """Whether anything is asked of an object, so that what lies behind it must be painted."""
    return False


def object_motion(
    direction: Direction, scene: Scene, timing: Timing
) -> tuple[SubjectMotion | None, tuple[Effect, ...], Answered]:
    """The subject's motion, its shadow, and the instructions they answer."""
    return None, (), Answered()
