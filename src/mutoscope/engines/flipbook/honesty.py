"""What this engine makes of the instructions that are neither camera moves nor nature in a region."""

from __future__ import annotations

from collections.abc import Iterator

from mutoscope.direction.model import Direction, Motion
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook.timing import Answered

#: group → why a photograph cannot do it
_STAYS = {
    "people": "the photograph is filmed as it is, so nobody in it moves; an engine that generates "
    "pictures can try it",
    "object": "it takes pictures of what was never photographed; an engine that generates pictures "
    "can try it",
    "nature": "no region of the photograph was marked or found for it",
    "light": "the light stays the photograph's own",
}
#: Moves that carry the subject out of the middle.
_SIDEWAYS = {
    "pan_left", "pan_right", "tilt_up", "tilt_down",
    "truck_left", "truck_right", "pedestal_up", "pedestal_down",
}  # fmt: skip


def rest(
    direction: Direction, *, held: bool | None = None, answered: Answered | None = None
) -> tuple[Instruction, ...]:
    """An Instruction for everything asked for that the camera path and `answered` leave. `held`:
    whether the path keeps the subject where it is in the frame; None: judge by the moves."""
    return tuple(_all(direction, held, answered or Answered()))


def _all(direction: Direction, held: bool | None, answered: Answered) -> Iterator[Instruction]:
    for motion in direction.motion:
        if motion not in answered.motions:
            yield Instruction(named(motion), "not_possible", _STAYS[motion.group])
    moves = {move.move for move in direction.camera}
    if held is None:
        held = not moves & _SIDEWAYS
    for kept in direction.keep:
        if not held:
            how = "it stays as photographed, but the camera's way carries it across the frame"
            yield Instruction(f"keep {kept}", "approximated", how)
        else:
            yield Instruction(f"keep {kept}", "done", _kept(answered))
    if direction.lens.focal_mm is not None:
        how = f"{direction.lens.hfov:.0f}° across the frame for the camera's moves"
        yield Instruction(f"{direction.lens.focal_mm:g} mm lens", "done", how)
    if direction.lens.focus == "shallow" and not answered.focus:
        yield Instruction("shallow focus", "not_possible", "the focus stays the photograph's own")
    for words in direction.unread:
        yield Instruction(words, "not_possible", "these words were not understood")
    yield from _edits(direction)
    if direction.style == "stop_motion":
        yield Instruction("stop motion", "done", "what moves does so in steps, twelve a second")


def _kept(answered: Answered) -> str:
    if any(one.outcome != "not_possible" for one in answered.instructions):
        return "nothing changes but what was asked for"
    return "nothing in the picture changes"


def _edits(direction: Direction) -> Iterator[Instruction]:
    """A film made anew is graded like one that is there; its speed and size are the shot's."""
    if not direction.edits:
        return
    from mutoscope.engines.flipbook.footage.told import shaded

    yield from shaded(direction.edits)
    for edit in direction.edits:
        if edit.edit in ("faster", "slower", "reverse"):
            how = "there is no motion in a still but the camera's own"
            yield Instruction(edit.words, "not_possible", how)
        elif edit.edit == "reframe":
            how = "the film has the size that was asked for beside the words"
            yield Instruction(edit.words, "not_possible", how)


def named(motion: Motion) -> str:
    """The motion in the prompt's words, or in its own."""
    return motion.words or " ".join(filter(None, (motion.target, motion.kind, motion.direction)))
