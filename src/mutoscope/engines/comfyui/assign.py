"""An order → the value of each of a graph's placeholders, and what becomes of each wish. Pure: files are
named, not read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mutoscope.engines.base import Instruction, Order
from mutoscope.engines.comfyui.graph import Graph
from mutoscope.engines.comfyui.pictures import pictures
from mutoscope.engines.openai_videos.casting import sent
from mutoscope.engines.openai_videos.quirks import Quirks
from mutoscope.errors import NotAccepted
from mutoscope.shot import Kind, Quality, Role, Shot, Size


@dataclass(frozen=True)
class Assigned:
    """`values` by placeholder; `quiet`: those that the shot does not ask for; `files` by placeholder.
    `size`, `frames` and `fps` are what is filmed there."""

    values: dict[str, Any]
    quiet: frozenset[str]
    files: dict[str, Path]
    said: tuple[Instruction, ...]
    size: Size
    frames: int
    fps: float


@dataclass
class _Making:
    files: dict[str, Path] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    said: list[Instruction] = field(default_factory=list)


def assigned(order: Order, graph: Graph, name: str) -> Assigned:
    """The values for the engine `name`. Raises NotAccepted, for good, where the graph needs a file that
    the shot does not have."""
    shot, table = order.shot, graph.table
    fps = table.fps or shot.fps
    frames = table.count(shot.seconds * fps)
    size = table.size(shot.size)
    made = _Making()
    begun = pictures(order, graph, frames, fps, made.files, made.values, made.said)
    _films(order, graph, made)
    prompt = _cast(order, graph, begun, made)
    values: dict[str, Any] = {
        "prompt": prompt, "negative": shot.negative_prompt, "name": _name(order.key),
        "size": str(size), "seed": shot.seed, "width": size.width, "height": size.height,
        "frames": frames, "fps": _plain(fps), "seconds": _plain(shot.seconds),
        "strength": _plain(_strength(shot)), "sound": shot.sound, "loop": shot.loop,
        **_tier(graph, shot.quality),
        **made.values,
    }  # fmt: skip
    plain = Shot()
    asked = {"seed": shot.seed != plain.seed, "strength": _strength(shot) < 1.0,
             "sound": shot.sound, "loop": shot.loop}  # fmt: skip
    quiet = {one for one, wanted in asked.items() if not wanted}
    quiet |= {one for one in ("prompt", "negative") if not values[one]}
    made.said = [*_words(shot, graph, name), *made.said, *_wishes(shot, graph)]
    for place in graph.places:
        if graph.required(place.name) and place.file and place.name not in made.files:
            words = place.name.replace("_", " ")
            refused = NotAccepted(
                f"{graph.file} needs a {words}, and this shot has none; write "
                f"{{{{{place.name}?}}}} there if it can do without",
                code="not_possible",
            )
            refused.final = True
            raise refused
    return Assigned(
        values, frozenset(quiet), made.files, tuple(made.said), size, frames, fps
    )  # fmt: skip


def _words(shot: Shot, graph: Graph, name: str) -> Iterator[Instruction]:
    if not shot.prompt:
        return
    short = shot.prompt if len(shot.prompt) <= 80 else f"{shot.prompt[:77]}..."
    if "prompt" in graph.names:
        how = f"sent to {name} as words, which its model follows as it can"
        yield Instruction(short, "approximated", how)
    else:
        yield _not_possible(short, f"{graph.file} has no place for words")


def _tier(graph: Graph, quality: Quality) -> dict[str, Any]:
    """The placeholders of the graph's own that the quality sets."""
    tiers = graph.table.quality
    chosen = tiers.get(quality) or tiers.get(Quality.STANDARD) or next(iter(tiers.values()), {})
    return dict(chosen)


#: Wish → (its placeholder, whether the shot asks for it)
_WISHES: dict[str, tuple[str, Callable[[Shot], bool]]] = {
    "negative prompt": ("negative", lambda shot: bool(shot.negative_prompt)),
    "seed": ("seed", lambda shot: shot.seed != 0),
    "strength": ("strength", lambda shot: _strength(shot) < 1.0),
}


def _wishes(shot: Shot, graph: Graph) -> Iterator[Instruction]:
    """What the graph has no place for."""
    lacks = f"{graph.file} has no place for it"
    for words, (place, asks) in _WISHES.items():
        if asks(shot) and place not in graph.names:
            yield _not_possible(words, lacks)
    if shot.sound and not graph.table.sound and "sound" not in graph.names:
        yield _not_possible("sound", f"the films of {graph.file} have none")
    elif shot.sound:
        yield Instruction("sound", "done", f"{graph.file} makes it")
    if shot.direction is not None:
        yield _not_possible("direction", f"{graph.file} takes words alone")
    tiers = graph.table.quality
    if shot.quality is not Quality.STANDARD and shot.quality not in tiers:
        yield _not_possible(f"quality {shot.quality}", f"{graph.file} has one quality")


def _films(order: Order, graph: Graph, made: _Making) -> None:
    """Films, marks and sound into their places; what has none is told."""
    shot = order.shot
    own = {one.clip for one in order.cast.values()}
    for at, path in order.clips.items():
        source = shot.anchors[at].role is Role.SOURCE
        name = "source" if source else "reference_film"
        if name in graph.names and name not in made.files:
            made.files[name] = path
            if not source:
                made.said.append(Instruction("reference video", "done", "sent as a film to go by"))
        elif path not in own or source:
            words = "source film" if source else "reference video"
            made.said.append(_not_possible(words, f"{graph.file} has no place for it"))
    slots = iter(graph.slots("mask"))
    for at, region in enumerate(shot.regions):
        slot = next(slots, None) if at in order.masks else None
        if slot is not None:
            made.files[slot] = order.masks[at]
            made.said.append(Instruction(f"marked {region.kind}", "done", "sent as a mask"))
        else:
            made.said.append(
                _not_possible(f"marked {region.kind}", f"{graph.file} has no place for its mark")
            )
    for at, path in order.tracks.items():
        role = str(shot.tracks[at].role)
        if role in graph.names:
            made.files[role] = path
            made.said.append(Instruction(role, "done", "its file was sent"))
        else:
            made.said.append(_not_possible(role, f"{graph.file} has no place for it"))


def _cast(order: Order, graph: Graph, begun: bool, made: _Making) -> str:
    """The characters into what places for references are left, or into the words → the prompt."""
    free = [slot for slot in graph.slots("reference") if slot not in made.files]
    words = Quirks(about="", characters=("words",))
    cast = sent(order, words, begun=begun, clip=False)
    if free and order.cast:
        pictured = Quirks(about="", references="reference", characters=("references", "words"))
        each = sent(order, pictured, begun=begun, clip=False)
        if len(each.files) <= len(free):
            cast = each
    for slot, (_, path) in zip(free, cast.files, strict=False):
        made.files[slot] = path
    made.said += cast.said
    return cast.prompt


def _strength(shot: Shot) -> float:
    """How closely to keep to the film that it starts from, or to its first picture."""
    films = [one for one in shot.anchors if one.role is Role.SOURCE]
    return next((one.strength for one in (*films, *shot.anchors)), 1.0)


def _name(key: str) -> str:
    """The job's name, fit for a file's."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", key) or "film"


def _plain(number: float) -> int | float:
    return int(number) if number == int(number) else number


def _not_possible(words: str, how: str) -> Instruction:
    return Instruction(words, "not_possible", how)


def wanted(shot: Shot) -> dict[str, Any]:
    """What the film is brought to: of an edit, its shape alone."""
    if shot.kind is not Kind.CREATE:
        return {"size": str(shot.size)}
    return {"size": str(shot.size), "fps": shot.fps, "frames": shot.frames}
