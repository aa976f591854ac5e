"""A remix: the direction of a film that is there, changed by a prompt in what that prompt speaks of.

=============== ===========================================================================
camera          new moves take the place of the old; "slower" and "faster" alone slow or hasten
                the old ones; moves that the prompt refuses are left out; else it is kept
motion          a new motion takes the place of an old one of the same thing; others are kept
edits           a new edit takes the place of an old one of its family (warmer, cooler)
lens, style     the new where the prompt names one
keep            both
sound           the new where the prompt names any
first frame     if either asks for it; loop likewise
advice, unread  the new prompt's own
=============== ===========================================================================
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from mutoscope.direction.model import Direction, Edit, Lens, Motion, Move, Speed
from mutoscope.direction.parse import direct

#: edit → its family: of each a film has one
FAMILY = {
    "warmer": "warmth", "cooler": "warmth", "brighter": "brightness", "darker": "brightness",
    "more_contrast": "contrast", "less_contrast": "contrast",
    "more_saturated": "saturation", "less_saturated": "saturation",
    "black_and_white": "tone", "sepia": "tone", "look": "look",
    "faster": "speed", "slower": "speed",
}  # fmt: skip
_SPEEDS: tuple[Speed, ...] = ("slow", "normal", "fast")


def remix_direction(parent: Direction | str, prompt: str, seconds: float) -> Direction:
    """The direction of a remix of `seconds`: what `parent` (a Direction, or the prompt that it was read
    from) asks for, with what `prompt` changes. Never fails on any text; BadShot for seconds that are
    none."""
    old = direct(parent, seconds) if isinstance(parent, str) else parent
    return remixed(old, direct(prompt, seconds, film=True))


def remixed(old: Direction, new: Direction) -> Direction:
    """`old` with what `new` changes, for a clip as long as `new`; see the module."""
    pace = [edit for edit in new.edits if FAMILY.get(edit.edit) == "speed"]
    edits = tuple(edit for edit in new.edits if FAMILY.get(edit.edit) != "speed")
    camera = new.camera
    if not camera:
        camera = tuple(_paced(move, pace) for move in fitted(old, new.seconds))
        left = tuple(move for move in camera if move.move not in new.refused)
        # where all moves are refused the camera rests: an empty timeline lets the engine choose
        camera = left or (_still(new.seconds) if camera else ())
    return replace(
        new,
        camera=camera,
        motion=_motion(old.motion, new.motion),
        sound=new.sound or old.sound,
        keep=tuple(dict.fromkeys((*old.keep, *new.keep))),
        lens=_lens(old.lens, new.lens),
        style=new.style or old.style,
        first_frame=old.first_frame or new.first_frame,
        loop=old.loop or new.loop,
        edits=_edits(old.edits, edits),
        refused=new.refused if new.camera else tuple(dict.fromkeys((*old.refused, *new.refused))),
        languages=new.languages or old.languages,
    )


def fitted(direction: Direction, seconds: float) -> tuple[Move, ...]:
    """The camera's moves laid on a clip of another length, each in proportion."""
    scale = seconds / direction.seconds
    if scale == 1:
        return direction.camera
    return tuple(
        replace(move, start=move.start * scale, end=min(seconds, move.end * scale))
        for move in direction.camera
    )


def _still(seconds: float) -> tuple[Move, ...]:
    return (Move(move="static", start=0.0, end=seconds),)


def _paced(move: Move, pace: Iterable[Edit]) -> Move:
    """A step slower or faster; an amount that was named goes with it."""
    for edit in pace:
        step = 1 if edit.edit == "faster" else -1
        speed = _SPEEDS[min(2, max(0, _SPEEDS.index(move.speed) + step))]
        move = replace(move, speed=speed, amount=None)
    return move


def _motion(old: tuple[Motion, ...], new: tuple[Motion, ...]) -> tuple[Motion, ...]:
    named = {(one.target.lower(), one.group) for one in new}
    return (*(one for one in old if (one.target.lower(), one.group) not in named), *new)


def _lens(old: Lens, new: Lens) -> Lens:
    return Lens(focal_mm=new.focal_mm or old.focal_mm, focus=new.focus or old.focus)


def _edits(old: tuple[Edit, ...], new: tuple[Edit, ...]) -> tuple[Edit, ...]:
    named = {FAMILY.get(edit.edit, edit.edit) for edit in new}
    return (*(edit for edit in old if FAMILY.get(edit.edit, edit.edit) not in named), *new)
