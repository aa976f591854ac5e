"""An order → what is sent for it, and what of it cannot be sent. Pure: files are named, not read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from mutoscope.engines.base import CastMember, Instruction, Order
from mutoscope.engines.openai_videos.casting import sent
from mutoscope.engines.openai_videos.keyframes import framed, keyframed
from mutoscope.engines.openai_videos.quirks import Quirks
from mutoscope.errors import NotAccepted
from mutoscope.shot import Anchor, Kind, Role, Shot


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that goes into a field of that name; `name` is the file's own, where that matters. `within`: the
    field is a list, and the file's data URL the `uri` of such an object in it."""

    field: str
    path: Path
    name: str = ""
    within: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """`route` is the path below /videos, "" for a creation. `said` is what became of each wish."""

    route: str
    fields: Mapping[str, Any]
    uploads: tuple[Upload, ...]
    said: tuple[Instruction, ...]


#: A shot's field → the value that is sent, or None where it says nothing.
_WISHES: dict[str, Callable[[Shot], Any]] = {
    "negative_prompt": lambda shot: shot.negative_prompt or None,
    "seed": lambda shot: shot.seed,
    "fps": lambda shot: round(shot.fps) if shot.fps == round(shot.fps) else shot.fps,
    "loop": lambda shot: shot.loop or None,
    "sound": lambda shot: shot.sound or None,
    "quality": lambda shot: str(shot.quality),
    "direction": lambda shot: (
        None if shot.direction is None else msgspec.to_builtins(shot.direction)
    ),
}


def requested(
    order: Order, quirks: Quirks, name: str, model: str, more: Mapping[str, Mapping[str, Any]] = {}
) -> Request:
    """What is sent to the engine `name` for the order; `model` is its model there, "" for its own choice,
    `more` are the account's own fields, by quality or "always".
    Raises NotAccepted, for good, where the server has no way to do it at all."""
    shot = order.shot
    if shot.kind is not Kind.CREATE and str(shot.kind) not in quirks.routes:
        raise _impossible(f"{name} cannot {shot.kind} a film")
    if not shot.prompt and "direction" not in quirks.send:
        raise _impossible(f"{name} films by words, and this shot has none")
    route = quirks.routes.get(str(shot.kind), "")
    begun = _first(order) is not None if not quirks.keyframes else framed(order)
    films = _free_films(order)
    room = bool(quirks.reference_clip) and not route and not (quirks.references_alone and begun)
    taken = films[:1] if room else []
    cast = sent(order, quirks, begun=begun, clip=bool(taken))
    fields: dict[str, Any] = {"prompt": cast.prompt} if cast.prompt else {}
    said = [*_words(shot, name), *cast.said]
    if not route or quirks.everywhere:
        fields |= {"model": model} if model else {}
        if shot.kind is Kind.CREATE:
            fields["size"] = str(shot.size)
        tier = more.get(str(shot.quality), {})
        said += _wishes(shot, quirks, fields, tiered=bool(tier))
        fields |= {**more.get("always", {}), **tier}
    if not route or shot.kind is Kind.EXTEND:
        fields["seconds"], rounded = _seconds(shot, quirks)
        said += rounded
    sources = [path for at, path in order.clips.items() if shot.anchors[at].role is Role.SOURCE]
    uploads = [Upload(quirks.clip, path) for path in sources] if route else []
    if quirks.keyframes and not route:
        said += keyframed(order, quirks, films, [path for _, path in cast.files], fields, uploads)
    else:
        if not route:
            said += _pictures(order, quirks, fields, uploads)
        said += _films(order, films, taken, quirks, fields, uploads)
        uploads += [Upload(*one) for one in cast.files]
    fields |= cast.fields
    if quirks.mark:
        fields[quirks.mark] = {"mutoscope": order.key}
    return Request(route, fields, tuple(uploads), tuple(said))


def _impossible(why: str) -> NotAccepted:
    refused = NotAccepted(f"{why}; another engine may", code="not_possible")
    refused.final = True
    return refused


def introduction(member: CastMember, quirks: Quirks) -> Request:
    """What is sent to register a character that has a clip."""
    assert member.clip is not None
    fields: dict[str, Any] = {"name": member.name}
    if quirks.described and member.description:
        fields["description"] = member.description
    return Request("characters", fields, (Upload("video", member.clip),), ())


def _words(shot: Shot, name: str) -> Iterator[Instruction]:
    if shot.prompt:
        short = shot.prompt if len(shot.prompt) <= 80 else f"{shot.prompt[:77]}..."
        yield Instruction(
            short, "approximated", f"sent to {name} as words, which its model follows as it can"
        )


def _wishes(
    shot: Shot, quirks: Quirks, fields: dict[str, Any], tiered: bool
) -> Iterator[Instruction]:
    """Put what the server has a field for into `fields`; tell of the rest. `tiered`: the account has fields
    for the quality."""
    plain = Shot()
    for wish, read in _WISHES.items():
        value, theirs = read(shot), quirks.send.get(wish)
        if value is None:
            continue
        if theirs is not None:
            if isinstance(value, float) and quirks.seconds != "number":
                value = max(1, round(value))
                yield Instruction(
                    f"{shot.fps:g} frames a second", "approximated", f"{value} were asked for"
                )
            fields[theirs] = quirks.tiers.get(value, value) if wish == "quality" else value
        elif wish == "sound" and quirks.sound == "always":
            yield Instruction("sound", "done", "every film of this engine has sound")
        elif wish == "quality" and value != read(plain) and not tiered:
            yield _not_possible(f"quality {value}", "this engine has one quality")
        elif wish not in ("loop", "quality", "fps") and value != read(plain):
            words = wish.replace("_", " ")
            yield _not_possible(words, f"this engine takes no {words}")
    if shot.regions:
        yield _not_possible("marked regions", "this engine takes no marks")
    if shot.loop and "loop" not in quirks.send and not quirks.last:
        yield _not_possible("loop", "this engine takes no last frame to come back to")


def _seconds(shot: Shot, quirks: Quirks) -> tuple[str | int | float, list[Instruction]]:
    if quirks.seconds == "number":
        return shot.seconds, []
    whole = math.ceil(shot.seconds - 1e-6)
    said = []
    if abs(whole - shot.seconds) > 1e-6:
        how = f"{whole} seconds were asked for: this engine counts in whole ones"
        said.append(Instruction(f"{shot.seconds:g} seconds", "approximated", how))
    return (str(whole) if quirks.seconds == "text" else whole), said


def _pictures(
    order: Order, quirks: Quirks, fields: dict[str, Any], uploads: list[Upload]
) -> Iterator[Instruction]:
    """Each picture into the field for its role; what has none is told."""
    shot, first = order.shot, _first(order)
    begin = [] if first is None else [first]
    references = "" if begin and quirks.references_alone else quirks.references
    for at, still in order.stills.items():
        anchor, path = shot.anchors[at], still.prepared or still.original
        if at in begin:
            uploads.append(Upload(quirks.picture, path))
            yield from _beside(anchor, quirks, fields)
        elif anchor.role is Role.LAST_FRAME and quirks.last:
            uploads.append(Upload(quirks.last, path))
            yield Instruction("last frame", "done", "sent as the last frame")
        elif anchor.role is Role.REFERENCE and references:
            uploads.append(Upload(references, path))
            yield Instruction("reference picture", "done", "sent as a reference")
        else:
            words = str(anchor.role).replace("_", " ")
            yield _not_possible(words, "this engine takes no such picture")
    if shot.loop and "loop" not in quirks.send and quirks.last and begin:
        still = order.stills[begin[0]]
        uploads.append(Upload(quirks.last, still.prepared or still.original))
        yield Instruction("loop", "approximated", "its first frame was sent as its last, too")


def _first(order: Order) -> int | None:
    """The place of the picture that is sent as the first frame: a lone one is, whatever it is for, as
    the API has one."""
    roles = {at: order.shot.anchors[at].role for at in order.stills}
    begin = [at for at, role in roles.items() if role is Role.FIRST_FRAME]
    alone = len(roles) == 1
    lone = [at for at, role in roles.items() if role in (Role.REFERENCE, Role.FRAME) and alone]
    return next(iter([*begin, *lone]), None)


def _free_films(order: Order) -> list[int]:
    """The places of the films to go by; one that is a character's own goes as that character does."""
    own = {one.clip for one in order.cast.values()}
    roles = {at: order.shot.anchors[at].role for at in order.clips}
    return [
        at for at, path in order.clips.items() if roles[at] is Role.REFERENCE and path not in own
    ]


def _films(
    order: Order,
    films: list[int],
    taken: list[int],
    quirks: Quirks,
    fields: dict[str, Any],
    uploads: list[Upload],
) -> Iterator[Instruction]:
    """The film to go by into its field; what has none is told."""
    for at in films:
        strength = order.shot.anchors[at].strength
        if at not in taken:
            how = "it takes one film to go by" if taken else "this engine takes no film to go by"
            if quirks.reference_clip and not taken:
                how = "it takes no film to go by beside a first frame"
            yield _not_possible("reference video", how)
            continue
        uploads.append(Upload(quirks.reference_clip, order.clips[at]))
        yield Instruction("reference video", "done", "sent as a film to go by")
        if strength < 1.0 and quirks.strength:
            fields[quirks.strength] = strength
        elif strength < 1.0:
            yield _not_possible(f"strength {strength:g}", "this engine takes no strength")


def _beside(anchor: Anchor, quirks: Quirks, fields: dict[str, Any]) -> Iterator[Instruction]:
    """What belongs to the picture that is sent as the first."""
    if anchor.role is Role.REFERENCE:
        yield Instruction("reference picture", "approximated", "sent as the picture to begin with")
    if anchor.role is Role.FRAME and anchor.frame:
        if quirks.frame:
            fields[quirks.frame] = anchor.frame
        else:
            how = "sent as the picture to begin with: this engine takes no frame's number"
            yield Instruction(f"picture at frame {anchor.frame}", "approximated", how)
    if anchor.strength < 1.0:
        if quirks.strength:
            fields[quirks.strength] = anchor.strength
        else:
            yield _not_possible(f"strength {anchor.strength:g}", "this engine takes no strength")


def _not_possible(words: str, how: str) -> Instruction:
    return Instruction(words, "not_possible", how)
