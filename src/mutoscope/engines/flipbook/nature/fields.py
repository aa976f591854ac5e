"""Nature motion: from what a prompt asks and a caller has marked to fields.

Only a region that the caller marks moves. The picture alone does not tell water from wet shingle
or leaves from painted roofs surely enough to do it unasked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mutoscope.direction.model import Direction, Motion
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook.nature.field import Field, Waves
from mutoscope.engines.flipbook.nature.ripple import ripple
from mutoscope.engines.flipbook.nature.surface import SURFACES, Surface, surface_of
from mutoscope.engines.flipbook.nature.sway import sway
from mutoscope.engines.flipbook.scene import Mask

PLANTS: tuple[Surface, ...] = ("foliage", "grass", "flowers")
#: motion's kind → the surfaces it may be of, the likeliest first
OF: dict[str, tuple[Surface, ...]] = {
    "ripple": ("water",),
    "flow": ("water",),
    "wave": ("water", *PLANTS),
    "crash": ("water",),
    "sway": PLANTS,
    "rustle": PLANTS,
    "flutter": PLANTS,
}
#: motion's kind → what a ripple lacks of it
LACKS = {
    "flow": "the water ripples where it is; it does not run",
    "crash": "the water ripples; it does not break",
}
SPEED = {"slow": 0.7, "normal": 1.0, "fast": 1.45}
STRENGTH = {"slow": 0.85, "normal": 1.0, "fast": 1.15}
#: Seconds after which a field repeats where the film need not close.
PERIOD = 8.0
_LEFT = ("from the right", "to the left", "von rechts", "nach links", "fra højre", "mod venstre", "向左", "从右")  # fmt: skip


def _words(motion: Motion) -> str:
    return motion.words or " ".join(filter(None, (motion.target, motion.kind, motion.direction)))


def _surface(motion: Motion, marked: Iterable[Surface]) -> Surface | None:
    """The surface that a motion is of: what its target names, else a marked one that can do it."""
    able = OF.get(motion.kind, ())
    named = surface_of(motion.target) or surface_of(motion.words)
    if named is not None:
        return named if named in able else None
    if motion.target and motion.kind not in ("ripple", "rustle"):
        return None  # a flag, a dress, a cloud
    return next((surface for surface in able if surface in marked), able[0] if able else None)


def _mark(surface: Surface) -> str:
    return f"needs a mark: --region {surface}=MASK.png or {surface}=X,Y"


def _wind(motions: Iterable[Motion]) -> float:
    for motion in motions:
        if motion.direction == "left" or any(words in motion.cause.lower() for words in _LEFT):
            return -1.0
    return 1.0


def fields_for(
    direction: Direction, regions: Mapping[str, Mask], frame_height: int, *,
    frames: int, fps: float, loop: bool = False, seed: int = 0,
) -> tuple[tuple[Field, ...], tuple[Instruction, ...]]:  # fmt: skip
    """The fields of a film's nature motion, and what became of each instruction of that group.

    `regions` maps a surface's name ("water", "trees") to its mask in the plate's geometry (plate
    height×width, 255 inside); a marked region moves whether or not the prompt speaks of it.
    `frame_height` is the frame's, in pixels: motion is in proportion to it.
    """
    marked: dict[Surface, Mask] = {}
    for name, mask in regions.items():
        surface = surface_of(name)
        if surface is not None:
            marked[surface] = mask if surface not in marked else mask | marked[surface]
    asked: dict[Surface, Motion] = {}
    fate: list[tuple[Motion | None, Surface | None]] = []
    motions = [motion for motion in direction.motion if motion.group == "nature"]
    for motion in motions:
        surface = _surface(motion, marked)
        fate.append((motion, surface))
        if surface is not None:
            asked.setdefault(surface, motion)
    fate += [(None, surface) for surface in SURFACES if surface in marked and surface not in asked]

    period = frames if loop else max(frames, round(PERIOD * fps))
    wind = _wind(motions)
    fields: dict[Surface, Waves] = {}
    for surface, mask in marked.items():
        pace = asked[surface].speed if surface in asked else "normal"
        if surface == "water":
            fields[surface] = ripple(
                mask, frame_height, period=period, fps=fps,
                seed=seed, speed=SPEED[pace], strength=STRENGTH[pace],
            )  # fmt: skip
        else:
            fields[surface] = sway(
                mask, frame_height, surface=surface, period=period, fps=fps,
                seed=seed, speed=SPEED[pace], strength=STRENGTH[pace], wind=wind,
            )  # fmt: skip
    told = tuple(_told(motion, surface, fields) for motion, surface in fate)
    return tuple(field for field in fields.values() if not field.empty), told


def _told(
    motion: Motion | None, surface: Surface | None, fields: Mapping[Surface, Waves]
) -> Instruction:
    words = _words(motion) if motion is not None else f"region {surface}"
    if surface is None:
        how = "only water and plants move by themselves in a photograph, in a region that is marked"
        return Instruction(words, "not_possible", how)
    field = fields.get(surface)
    if field is None:
        return Instruction(words, "not_possible", _mark(surface))
    if field.empty:
        how = f"the region marked as {surface} is too narrow to move in"
        return Instruction(words, "not_possible", how)
    if motion is not None and motion.kind in LACKS:
        return Instruction(words, "approximated", LACKS[motion.kind])
    how = "ripples" if surface == "water" else "sways"
    return Instruction(words, "done", f"the region marked as {surface} {how}")
