"""What became of everything that was asked of a film, instruction by instruction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mutoscope.direction.model import Direction, Edit
from mutoscope.engines.base import Instruction, Order
from mutoscope.engines.flipbook.footage.grade import SIZES, TONES
from mutoscope.engines.flipbook.footage.looks import look_named
from mutoscope.engines.flipbook.timing import Answered
from mutoscope.shot import Kind

if TYPE_CHECKING:
    from mutoscope.engines.flipbook.footage.steady import Steadied

#: group → why a film that is there cannot do it
_STAYS = {
    "people": "what people do in the film is not changed; an engine that generates pictures can try it",
    "object": "what moves in the film is not changed; an engine that generates pictures can try it",
    "nature": "what moves in the film is not changed; an engine that generates pictures can try it",
    "light": "the light in the film changes only as a whole: warmer, brighter, more contrast, ...",
}


def shaded(edits: tuple[Edit, ...]) -> Iterator[Instruction]:
    """An Instruction for every grade."""
    for edit in edits:
        if edit.edit not in SIZES and edit.edit not in TONES and edit.edit not in _HOW:
            continue
        if edit.target:
            how = f"the whole picture, not {edit.target} alone"
            yield Instruction(edit.words, "approximated", how)
        else:
            how = look_named(edit.look).says if edit.look else _HOW.get(edit.edit, "")
            yield Instruction(edit.words, "done", how or "the whole picture")


_HOW = {"film_look": "a film stock's curve, grain, and a glow about what is bright", "look": ""}


def beside(order: Order) -> Iterator[Instruction]:
    """An Instruction for the pictures that came with a film: it is edited by words alone."""
    if (count := len(order.stills)) and order.shot.kind in (Kind.EDIT, Kind.REFRAME):
        words = f"{count} pictures beside the film" if count > 1 else "a picture beside the film"
        how = "a film is edited by the words alone; an engine that generates pictures can use it"
        yield Instruction(words, "not_possible", how)


def steadied(edits: tuple[Edit, ...], made: Steadied | None) -> Iterator[Instruction]:
    """An Instruction for a film without its shake: what was done, how much is left, what was cut off."""
    for edit in edits:
        if edit.edit != "stabilise" or made is None:
            continue
        if made.crop == 1:
            yield Instruction(edit.words, "done", "it hardly shook; it is as it was")
            continue
        lost = 1 - 1 / made.crop**2
        how = (
            f"{made.how}; the shake, as far as it can be measured, went from {made.before:.2g} to "
            f"{'under 0.1' if made.after < 0.1 else format(made.after, '.2g')} pixels a frame, "
            f"and {lost:.0%} of the picture was cut off at the borders"
        )
        less = made.after > 0.35 * made.before
        yield Instruction(edit.words, "approximated" if less else "done", how)


def paced(edits: tuple[Edit, ...], asked: float, speed: float, made: str) -> Iterator[Instruction]:
    """An Instruction for every change of speed; `asked` and `speed` are how many times as fast."""
    for edit in edits:
        if edit.edit in ("faster", "slower"):
            if abs(asked / speed - 1) > 0.001:
                how = f"{_times(asked)} was reduced to {_times(speed)}; {made}"
                yield Instruction(edit.words, "approximated", how)
            elif edit.target:
                how = f"the whole film, not {edit.target} alone; {_times(speed)}, {made}"
                yield Instruction(edit.words, "approximated", how)
            else:
                yield Instruction(edit.words, "done", f"{_times(speed)}; {made}")
        elif edit.edit == "reverse":
            yield Instruction(edit.words, "done", "the last frame comes first")


def _times(speed: float) -> str:
    return f"{speed:.3g} times as fast" if speed >= 1 else f"{1 / speed:.3g} times slower"


def rest(
    direction: Direction, *, framed: bool = False, answered: Answered | None = None
) -> Iterator[Instruction]:
    """An Instruction for everything that a film cannot be asked for and that is not `answered`. `framed`:
    its frame moves or has another shape."""
    answered = answered or Answered()
    for motion in direction.motion:
        if motion in answered.motions:
            continue
        words = motion.words or f"{motion.target} {motion.kind}".strip()
        yield Instruction(words, "not_possible", _STAYS[motion.group])
    for kept in direction.keep:
        if framed:
            how = "what the film shows is not touched, but the frame around it changes"
            yield Instruction(f"keep {kept}", "approximated", how)
        else:
            yield Instruction(f"keep {kept}", "done", "what the film shows is not touched")
    if direction.lens.focal_mm is not None:
        words = f"{direction.lens.focal_mm:g} mm lens"
        yield Instruction(words, "not_possible", "the lens stays the one that it was filmed with")
    if direction.lens.focus and not answered.focus:
        words = f"{direction.lens.focus} focus"
        yield Instruction(words, "not_possible", "the focus stays the film's own")
    if direction.style == "stop_motion":
        yield Instruction("stop motion", "not_possible", "the film's own frames are shown")
    if direction.loop:
        yield Instruction("loop", "not_possible", "the film ends where its source ends")
    for words in direction.unread:
        yield Instruction(words, "not_possible", "these words were not understood")
