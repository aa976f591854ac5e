"""Nature motion: from what a prompt asks and where it may move to fields.

A region is marked by the caller, or found by itself where that is reliable (`found`); everything else
of the picture stands still.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from mutoscope.direction.model import Direction, Motion
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook.nature.cloth import cloth, weave_of
from mutoscope.engines.flipbook.nature.field import Field
from mutoscope.engines.flipbook.nature.plain import aflame, may_be_smoke
from mutoscope.engines.flipbook.nature.ripple import ripple
from mutoscope.engines.flipbook.nature.running import clouds, fire, smoke, stream
from mutoscope.engines.flipbook.nature.surface import surface_of, surfaces
from mutoscope.engines.flipbook.nature.sway import sway
from mutoscope.engines.flipbook.nature.wears import Worn, given_back, worn_in
from mutoscope.engines.flipbook.nature.wind import Wind, wind_of
from mutoscope.engines.flipbook.scene import Mask, Rgb, Scene

SPEED = {"slow": 0.7, "normal": 1.0, "fast": 1.45}
STRENGTH = {"slow": 0.85, "normal": 1.0, "fast": 1.15}
#: Seconds after which a field repeats where the film need not close.
PERIOD = 8.0
#: Of a river's current as much ripples on top.
RIPPLE_ON_TOP = 0.55
#: words for water that falls, and for fog that lies
FALLS = ("fall", "cascade", "fountain", "wasserfall", "brunnen", "vandfald", "springvand", "瀑布", "喷泉")  # fmt: skip
LIES = ("fog", "mist", "haze", "nebel", "dunst", "tåge", "dis", "雾")


@dataclass(frozen=True, slots=True)
class Time:
    """When a film's fields happen: `period` frames after which waves repeat; `loop` frames after which
    all must, None where the film need not close."""

    period: int
    fps: float
    loop: int | None
    seed: int
    frames: int


def words_of(motion: Motion) -> str:
    """What a motion is called in the report."""
    return motion.words or " ".join(filter(None, (motion.target, motion.kind, motion.direction)))


def surface_asked(motion: Motion, marked: Iterable[str] = ()) -> str | None:
    """The surface that a motion is of: what its target names, else a marked one that can do it."""
    table = surfaces()
    kinds = table.kinds if motion.group == "nature" else table.others
    able = kinds.get(motion.kind, ())
    if motion.kind in ("steam", "burn") and motion.group == "nature":
        return able[0]  # it says itself what it is of: "smoke rises from the chimney"
    named = surface_of(motion.target) or surface_of(motion.words)
    if named is not None:
        return named if named in able else None
    if motion.group != "nature" or (motion.target and motion.kind not in ("ripple", "rustle")):
        return None  # a kite, a balloon
    return next((surface for surface in able if surface in marked), able[0] if able else None)


def mark_for(surface: str, marked: Iterable[str]) -> str | None:
    """The one of the `marked` regions that will do for a surface."""
    held = set(marked)
    return next((name for name in surfaces().marks.get(surface, (surface,)) if name in held), None)


def _lies(words: str) -> bool:
    return bool(set(words.split()) & set(LIES)) or any(
        sign in words for sign in LIES if ord(sign[0]) > 0x2E80
    )


def _way(motion: Motion | None) -> str:
    return motion.direction if motion is not None else ""


def _made(
    surface: str, mask: Mask, motion: Motion | None, frame_height: int, time: Time, wind: Wind,
    worn: Worn,
    picture: Rgb | None,
) -> tuple[Field, ...]:  # fmt: skip
    """The fields of one surface."""
    pace = motion.speed if motion is not None else "normal"
    speed, strength = SPEED[pace], STRENGTH[pace]
    words = f"{motion.target} {motion.words}".lower() if motion is not None else surface
    plate, front = worn.plate, worn.clear
    waves = {"period": time.period, "fps": time.fps, "seed": time.seed, "speed": speed}
    runs = {"fps": time.fps, "loop": time.loop, "seed": time.seed, "speed": speed}
    moves = surfaces().by_name[surface].moves
    if moves == "ripple":
        return (ripple(plate, frame_height, strength=strength, worn=front, **waves),)  # type: ignore[arg-type]
    if moves in ("sway", "meadow"):
        return (
            sway(
                plate, frame_height, surface=surface, strength=strength, wind=wind, worn=front,
                **waves,  # type: ignore[arg-type]
            ),
        )  # fmt: skip
    if moves in ("cloth", "hair"):
        return (
            cloth(
                plate, frame_height, weave=weave_of(words, surface), wind=wind, whole=mask,
                strength=strength, worn=front, **waves,  # type: ignore[arg-type]
            ),
        )  # fmt: skip
    if moves == "stream":
        falls = any(word in words for word in FALLS)
        run = stream(plate, frame_height, direction=_way(motion), falls=falls, **runs)  # type: ignore[arg-type]
        top = ripple(plate, frame_height, strength=RIPPLE_ON_TOP * strength, **waves)  # type: ignore[arg-type]
        return (run, top)
    if moves == "clouds":
        return (clouds(plate, frame_height, wind=wind, frames=time.frames, **runs),)  # type: ignore[arg-type]
    if moves == "smoke":
        lies = _lies(words) and (motion is None or motion.kind != "steam")
        return (smoke(plate, frame_height, wind=wind, direction=_way(motion), lies=lies, **runs),)  # type: ignore[arg-type]
    return fire(
        plate, frame_height, fps=time.fps, period=time.period, loop=time.loop, seed=time.seed,
        speed=speed, strength=strength, worn=front,
        glow=None if picture is None else aflame(picture, frame_height),
    )  # fmt: skip


def fields_for(
    direction: Direction, regions: Mapping[str, Mask], frame_height: int, *,
    frames: int, fps: float, loop: bool = False, seed: int = 0, prompt: str = "",
    cover: Mask | None = None, found: Iterable[str] = (), picture: Rgb | None = None,
) -> tuple[tuple[Field, ...], tuple[Instruction, ...]]:  # fmt: skip
    """The fields of a film's nature motion, and what became of each of `direction`'s motions.

    `regions` maps a surface's name ("water", "trees") to its mask in the plate's geometry (plate
    height×width, 255 inside); a marked region moves whether or not the prompt speaks of it, one of
    `found` (regions found by themselves) only where it does. `frame_height` is the frame's, in pixels:
    motion is in proportion to it. `prompt`: the words, for the wind. `cover`: the alpha of the subject
    in front, in the plate's geometry. `picture`: the plate itself, for what only it can say.
    """
    marked: dict[str, Mask] = {}
    for name, mask in regions.items():
        surface = surface_of(name)
        if surface is not None:
            marked[surface] = mask if surface not in marked else mask | marked[surface]
    fate: list[tuple[Motion | None, str | None, str | None]] = []
    asked: dict[str, tuple[str, Motion | None]] = {}  # mark → what moves there, and why
    for motion in direction.motion:
        surface = surface_asked(motion, marked)
        if surface is None and motion.group != "nature":
            continue
        mark = None if surface is None else mark_for(surface, marked)
        fate.append((motion, surface, mark))
        if mark is not None and surface is not None:
            asked.setdefault(mark, (surface, motion))
    for mark in marked:
        if mark not in asked and mark not in found:
            asked[mark] = (mark, None)
            fate.append((None, mark, mark))

    said = [prompt, *(part for one in direction.motion for part in (one.cause, one.words))]
    wind = wind_of(
        said, [one.direction for one in direction.motion if one.kind in ("drift", "flutter")], seed
    )
    time = Time(frames if loop else max(frames, round(PERIOD * fps)), fps, frames if loop else None, seed, frames)  # fmt: skip
    fields: dict[str, tuple[Field, ...]] = {}
    within: dict[str, Worn] = {}
    why: dict[str, str] = {}
    for mark, (surface, cause) in asked.items():
        row = surfaces().by_name[surface]
        worn = worn_in(marked[mark], cover, row.wears, frame_height)
        why[mark] = _against(surface, mark, worn, picture)
        made: tuple[Field, ...] = ()
        if not why[mark]:
            made = _made(
                surface, marked[mark], cause, frame_height, time, wind, worn, picture
            )  # fmt: skip
        fields[mark] = tuple(one for one in made if not getattr(one, "empty", False))
        if not fields[mark] and not why[mark]:
            why[mark] = f"the region marked as {mark} is too narrow to move in"
        within[mark] = worn
    told = tuple(
        _told(motion, surface, mark, why, within, asked, set(found))
        for motion, surface, mark in fate
    )
    return tuple(field for some in fields.values() for field in some), told


def _against(surface: str, mark: str, worn: Worn, picture: Rgb | None) -> str:
    """Why a region does not move, as it is seen at once; empty where nothing is against it."""
    if worn.hidden:
        return f"the region marked as {mark} lies on the subject in front"
    smokes = surfaces().by_name[surface].moves == "smoke"
    if smokes and picture is not None and not may_be_smoke(picture, worn.plate):
        return (
            f"no smoke, steam or fog is to be seen in the region marked as {mark}; "
            "only what the photograph shows moves"
        )
    return ""


def _told(
    motion: Motion | None, surface: str | None, mark: str | None,
    why: Mapping[str, str],
    within: Mapping[str, Worn],
    asked: Mapping[str, tuple[str, Motion | None]], found: set[str],
) -> Instruction:  # fmt: skip
    words = words_of(motion) if motion is not None else f"region {surface}"
    if surface is None:
        how = (
            f"of a photograph only {', '.join(surfaces().by_name)} move by themselves, in a region"
        )
        return Instruction(words, "not_possible", how)
    if mark is None:
        how = f"needs a mark: --region {surface}=MASK.png or {surface}=X,Y"
        return Instruction(words, "not_possible", how)
    if why[mark]:
        return Instruction(words, "not_possible", why[mark])
    if motion is not None and motion.kind in surfaces().lacks:
        return Instruction(words, "approximated", surfaces().lacks[motion.kind])
    moves = surfaces().by_name[asked[mark][0]]
    where = f"the region marked as {mark}"
    if mark in found:
        where = f"the region of {mark}, found by itself,"
    if moves.wears == "own" and within[mark].clear is None and moves.moves in ("cloth", "hair"):
        how = f"{where} {moves.does} within the mark; its outline stays where it is"
        return Instruction(words, "approximated", how)
    choose = f"; to choose it, mark it: --region {mark}=MASK.png" if mark in found else ""
    return Instruction(words, "done", f"{where} {moves.does}{choose}")


def run_freely(scene: Scene, regions: Mapping[str, Mask]) -> Scene:
    """`scene` with what of its subject lies in the `regions` of what runs back in the plate."""
    for name, mask in regions.items():
        if surfaces().by_name[name].wears == "not":
            scene = given_back(scene, mask)
    return scene


def claimed(direction: Direction, ready: Iterable[str], weather: Iterable[str]) -> Direction:
    """`direction` with those of its motions that are nature's: its own group but for the `weather`,
    and those of others ("the clouds move", "the fire flickers") whose region is `ready`."""
    held, rain = set(ready), set(weather)
    kept = []
    for motion in direction.motion:
        if motion.group == "nature":
            if motion.kind not in rain:
                kept.append(motion)
        else:
            surface = surface_asked(motion)
            if surface is not None and mark_for(surface, held) is not None:
                kept.append(motion)
    return msgspec.structs.replace(direction, motion=tuple(kept))


def wanted(direction: Direction, weather: Iterable[str]) -> tuple[str, ...]:
    """The surfaces that a direction asks to move, once each."""
    rain = set(weather)
    named = [surface_asked(one) for one in direction.motion if one.kind not in rain]
    return tuple(dict.fromkeys(name for name in named if name is not None))
