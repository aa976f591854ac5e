"""From a direction to the motion of the subject that its words ask for.

A photograph's cut-out is a flat picture of one thing. It can be carried about before its plate; it has
no other side, and nothing of it moves against the rest of it. The first thing that a prompt sets in
motion is taken to be the one that stands out.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.direction.model import Direction, Motion
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook.camera.tracks import clock
from mutoscope.engines.flipbook.honesty import named
from mutoscope.engines.flipbook.objects import courses, limits
from mutoscope.engines.flipbook.objects.courses import Beat, Course
from mutoscope.engines.flipbook.objects.kinds import Way, asked, elsewhere, times_of, way
from mutoscope.engines.flipbook.objects.shadow import ContactShadow, darkness
from mutoscope.engines.flipbook.objects.stand import Stand, stand_of
from mutoscope.engines.flipbook.rendering.carried import SubjectMotion
from mutoscope.engines.flipbook.rendering.seen import Effect
from mutoscope.engines.flipbook.scene import Scene
from mutoscope.engines.flipbook.timing import Answered, Timing
from mutoscope.images.plan import Plan

Array = npt.NDArray[np.float64]
Found = tuple[SubjectMotion | None, tuple[Effect, ...], Answered]

#: Articles and the like before a target's noun: "the cup" is "cup".
_LEAD = ("the", "a", "an", "this", "that", "its", "his", "her", "der", "die", "das", "den", "det", "en", "et")  # fmt: skip
#: What a target is called that is whatever stands out.
_ANYTHING = frozenset(
    ["", "it", "subject", "object", "product", "thing", "foreground", "motiv", "es", "sie", "er"]
)
NOTHING = "nothing stands out from its background so clearly that it could be cut out and moved"
CAST = "the characters stand in one layer with what is photographed, and would go along"
DRAFT = "a draft is one sheet: nothing is cut out of it"
ELSEWHERE = "only what stands out from its background moves by itself, not the {}"
SECOND = "one thing stands out, taken to be the {}; nothing else moves by itself"
CUT = "the picture cuts it off at its {} border, and the cut would be seen"
NO_ROOM = "it reaches the frame's border and has no room to"
FLAT = "nothing else of it moves"


def asks(direction: Direction) -> bool:
    """Whether anything is asked of an object, so that what lies behind it must be painted."""
    return any(not elsewhere(motion) for motion in asked(direction))


def object_motion(
    direction: Direction, scene: Scene, timing: Timing, *,
    plan: Plan | None = None, weights: Array | None = None, bound: str = "",
) -> Found:  # fmt: skip
    """The subject's motion, its shadow, and the instructions they answer. `plan`: how the photograph
    lies in the frame. `weights`, one a frame: how much of the motion there is, where a still is met on
    the way. `bound`: why nothing in this film can move by itself, where that is so."""
    motions = asked(direction)
    if not motions:
        return None, (), Answered()
    stand = None if bound else stand_of(scene, plan)
    if stand is None:
        why = bound or NOTHING
        refused = (Instruction(named(motion), "not_possible", why) for motion in motions)
        return None, (), Answered(tuple(refused), motions)
    thing = next((motion.target for motion in motions if not elsewhere(motion)), "")
    beat = _beat(direction, timing)
    places = courses.rest(timing.frames)
    said: list[Instruction] = []
    for number, motion in enumerate(motions):
        why = _refused(motion, thing)
        if why:
            said.append(Instruction(named(motion), "not_possible", why))
            continue
        made, told = _moved(motion, stand, replace(beat, random=_random(timing.seed, number)))
        places = courses.together(places, made)
        said.append(told)
    answered = Answered(tuple(said), motions)
    if np.array_equal(places, courses.rest(timing.frames)):
        return None, (), answered
    if weights is not None:
        places = courses.less(places, weights)
    share, _ = limits.most(stand, lambda share: courses.less(places, share))
    places = courses.less(places, share)
    effects: tuple[Effect, ...] = ()
    dark = darkness(_luma(scene), stand) if stand.stands else 0.0
    if dark > 0:
        effects = (ContactShadow(stand, places, dark),)
    return SubjectMotion(stand.middle, places), effects, answered


def _beat(direction: Direction, timing: Timing) -> Beat:
    times = clock(
        timing.frames, timing.fps, timing.seconds, loop=timing.loop,
        stepped=direction.style == "stop_motion",
    )  # fmt: skip
    return Beat(times, timing.seconds, timing.loop, 1.0, np.random.default_rng(timing.seed))


def _random(seed: int, number: int) -> np.random.Generator:
    return np.random.default_rng([seed, number, 0x4F424A])


def _moved(motion: Motion, stand: Stand, beat: Beat) -> tuple[Array, Instruction]:
    """One motion within its limits, and what became of it."""
    wanted = way(motion, stand)
    beat = replace(beat, period=wanted.period, count=times_of(motion) if wanted.counted else 0)
    state = beat.random.bit_generator.state

    def made(course: Course, sign: int, share: float) -> Array:
        beat.random.bit_generator.state = state  # every share is of the same motion
        return course(stand, beat, _share(wanted, share), sign)

    best, reason, found = -1.0, "", (wanted.course, wanted.sign)
    for course, sign in (found, *wanted.or_else):
        share, why = limits.most(stand, partial(made, course, sign))
        if share > best:
            best, reason, found = share, why, (course, sign)
        if best >= limits.LEAST:
            break
    if best < limits.LEAST:
        why = NO_ROOM if reason == "frame" else CUT.format(_BORDERS[reason])
        return courses.rest(len(beat.times)), Instruction(named(motion), "not_possible", why)
    told = _told(replace(wanted, sign=found[1]), best, beat)
    return made(*found, best), Instruction(named(motion), "approximated", told)


_BORDERS = {"left": "left", "top": "upper", "right": "right", "bottom": "lower"}


def _share(wanted: Way, share: float) -> float:
    return float(wanted.amount**share) if wanted.unit == "times" else wanted.amount * share


def _told(found: Way, share: float, beat: Beat) -> str:
    amount = _share(found, share)
    far = {
        "height": f"{100 * amount:.0f} % of the frame's height",
        "width": f"{100 * amount:.0f} % of the frame's width",
        "degrees": f"{amount:.0f}°",
        "times": f"{amount**found.sign:.2f} times",
        "": "",
    }[found.unit]
    side = "left" if found.sign < 0 else "right"
    parts = [f"the cut-out {found.how.format(far=far, side=side)}"]
    if beat.count:
        parts[0] += ", once" if beat.count == 1 else f", {beat.count} times"
    if share < 0.95:
        parts.append("there is no room for more")
    parts.append(FLAT)
    return "; ".join(parts)


def _refused(motion: Motion, thing: str) -> str:
    """Why the motion is not the cut-out's; "" where it is."""
    if elsewhere(motion):
        return ELSEWHERE.format(_noun(motion.target))
    own, first = _noun(motion.target), _noun(thing)
    if own in _ANYTHING or first in _ANYTHING or own == first:
        return ""
    # "the red cup ... the cup": the same noun
    return "" if own.split()[-1] == first.split()[-1] else SECOND.format(first)


def _noun(target: str) -> str:
    words = target.lower().split()
    while len(words) > 1 and words[0] in _LEAD:
        words.pop(0)
    return " ".join(words)


def _luma(scene: Scene) -> npt.NDArray[np.float32]:
    grey = cv2.cvtColor(scene.still, cv2.COLOR_RGB2GRAY)
    return np.asarray(grey, np.float32) / np.float32(255)
