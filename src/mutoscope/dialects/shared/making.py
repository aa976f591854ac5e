"""A wish and what was found for it → the Shot and what its job remembers. Pure.

What a request does not name comes from the clip or the video that it starts from, else from the
contract of its model: under the service's names 720x1280 and 4 seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mutoscope.catalog.load import contract as catalogued
from mutoscope.catalog.model import Contract
from mutoscope.catalog.sizes import parse_size
from mutoscope.dialects.shared.told import seconds as shown
from mutoscope.dialects.shared.wish import Operation, Picture, Wish
from mutoscope.errors import BadInput, BadShot
from mutoscope.jobs.job import Job, Result
from mutoscope.shot import Anchor, Kind, Media, Role, Shot
from mutoscope.usual import Usual

MODEL = "sora-2"
KINDS: dict[Operation, Kind] = {
    "create": Kind.CREATE, "remix": Kind.REMIX, "edit": Kind.EDIT, "extend": Kind.EXTEND,
    "reframe": Kind.REFRAME,
}  # fmt: skip
#: Shot fields that a remix keeps as they were, unless it names them.
KEPT = (
    "size", "seconds", "fps", "seed", "loop", "sound", "fit", "pad_colour", "quality",
    "negative_prompt", "cast",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A picture or clip that the wish points at. `url`: it is still to be fetched. `job`: the finished
    video whose film it is."""

    media: Media
    url: str = ""
    job: Job | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What the desk is handed. `fields` names the anchors as the request did."""

    shot: Shot
    fields: tuple[str, ...]
    asked: dict[str, Any]
    pending: dict[int, str] = field(default_factory=dict)
    work: dict[str, Any] = field(default_factory=dict)
    parent: str | None = None


def model(wish: Wish, origin: Job | None) -> str:
    """The model's name: as the request says, as of the video it starts from, or the service's default."""
    return str(wish.shot.get("model", origin.model if origin is not None else MODEL))


def make(
    wish: Wish,
    found: Sequence[tuple[Picture, Found]],
    clip: tuple[Picture, Found] | None,
    origin: Job | None,
    model: str,
    contract: Contract | None,
    *,
    generated: bool = False,
) -> Made:
    """The shot of a wish. `found`: its pictures; `clip`: the film of an edit, extension or remix;
    `origin`: the finished video that it starts from, where it is one of this server's; `model`: whose
    contract, `contract`, the shot has; `generated`: its engine makes pictures, rather than film one.

    BadInput where the values do not go together, or an extension goes beyond what is allowed."""
    values = _defaults(contract) | _kept(wish, origin) | dict(wish.shot)
    values["model"] = model
    frames = max(1, round(values["seconds"] * values.get("fps", 24.0)))
    anchors = [(_anchor(picture, one, frames), picture.field, one.url) for picture, one in found]
    again = wish.operation in ("remix", "extend") and not found
    if again and origin is not None and origin.shot is not None:
        # the source is the film itself; the pictures are those that it was made from
        anchors += [(a, "video", "") for a in _again(wish, origin.shot, generated=generated)]
    if clip is not None:
        anchors.append((_anchor(*clip, frames), clip[0].field, clip[1].url))
    kind = KINDS[wish.operation]
    shot = Shot(kind=kind, anchors=tuple(anchor for anchor, _, _ in anchors), **values)
    return Made(
        shot=shot,
        fields=tuple(name for _, name, _ in anchors),
        pending={place: url for place, (_, _, url) in enumerate(anchors) if url},
        asked=_asked(wish, shot, origin, contract),
        work=_work(wish, clip is not None, origin),
        parent=origin.id if origin is not None else None,
    )


def _again(wish: Wish, shot: Shot, *, generated: bool) -> list[Anchor]:
    """The pictures of a film that is made anew or gone on with, as far as they are of use to it. What was to
    be met at its place in a film was met there: an extension has places of its own. Its one first
    frame shows an engine that films photographs what lies beyond the film's edges."""
    pictures = [one for one in shot.anchors if one.role is not Role.SOURCE]
    if wish.operation == "remix" or (
        not generated and [one.role for one in pictures] == [Role.FIRST_FRAME]
    ):
        return pictures
    return [one for one in pictures if one.role is Role.REFERENCE]


def _work(wish: Wish, clip: bool, origin: Job | None) -> dict[str, Any]:
    """What the stages need to know beside the shot."""
    work: dict[str, Any] = {"keep_size": True} if clip and "size" not in wish.shot else {}
    shot = origin.shot if origin is not None else None
    if wish.operation != "remix" or origin is None or shot is None:
        return work
    # what was made of a film has its changes in it already; only pictures are filmed anew
    if any(anchor.role is not Role.SOURCE for anchor in shot.anchors):
        work["before"] = origin.work.get("direction") or shot.prompt
    return work


def _defaults(contract: Contract | None) -> dict[str, Any]:
    if contract is None:
        return {"seconds": 4.0}
    values: dict[str, Any] = {"seconds": contract.default_seconds}
    if contract.checkpoint is not None:  # at the rate and size that the model makes
        usual = Usual.by(contract)
        return values | {"fps": usual.fps, "size": usual.size(None, None)}
    if contract.default_size:
        values["size"] = parse_size(contract.default_size)
    return values


def _kept(wish: Wish, origin: Job | None) -> dict[str, Any]:
    """What comes from the video that this starts from."""
    if origin is None or origin.result is None:
        return {}
    film = _film(origin.result)
    if wish.operation in ("edit", "reframe"):
        return film
    if wish.operation == "extend":
        return {name: film[name] for name in film if name != "seconds"}
    shot = origin.shot
    kept = {name: getattr(shot, name) for name in KEPT} if shot is not None else {}
    # what an extension's shot says is only what was added
    return kept | (film if shot is None or shot.kind is not Kind.CREATE else {})


def _film(result: Result) -> dict[str, Any]:
    """Size, length and rate of a finished film, as far as a shot can have them."""
    size = parse_size(result.size)
    even = {"size": size} if size.width % 2 == size.height % 2 == 0 else {}
    return even | {"seconds": result.seconds, "fps": result.fps}


def _anchor(picture: Picture, found: Found, frames: int) -> Anchor:
    role, frame = picture.role, picture.frame
    if role is Role.FRAME and frame == frames - 1:
        role, frame = Role.LAST_FRAME, None
    if role is Role.FRAME and frame is not None and frame >= frames:
        raise BadShot.of(
            "frame_index", frame, f"from 0 to {frames - 1}", f"the clip has {frames} frames"
        )
    return Anchor(found.media, role, frame, picture.strength, picture.crop)


def _asked(wish: Wish, shot: Shot, origin: Job | None, contract: Contract | None) -> dict[str, Any]:
    """What the wire shows again of a request, before there is a result."""
    asked: dict[str, Any] = {
        "prompt": shot.prompt or None,
        "seconds": shown(shot.seconds),
        "size": str(shot.size),
    }
    if wish.clip is not None and origin is None:
        asked["of_shot"] = True  # the film's own figures, once the stage `inputs` has looked at it
    if "quality" in wish.shot:
        asked["quality"] = str(shot.quality)
    if wish.operation == "remix" and origin is not None:
        asked["remixed_from"] = origin.id
    elif origin is not None:
        asked["source"] = origin.id
    if wish.operation == "extend":
        asked |= _extended(shot, origin, contract)
    return asked


def _extended(shot: Shot, origin: Job | None, contract: Contract | None) -> dict[str, Any]:
    """How often and how far the film has been extended then. Raises BadInput beyond the limits."""
    rules = contract if contract is not None and contract.extensions else catalogued(MODEL)
    count = 1 + int(origin.asked.get("extensions", 0) if origin is not None else 0)
    if count > rules.extensions:
        raise BadInput(
            f"this video has been extended {count - 1} times; {rules.extensions} is the most",
            field="video",
            code="too_many_extensions",
            hint="join clips in an editing program, or begin anew from the last frame",
        )
    before = origin.result.seconds if origin is not None and origin.result is not None else 0.0
    total, most = before + shot.seconds, rules.extended_seconds
    if most is not None and total > most:
        raise BadInput(
            f"the video would be {shown(total)} s long; {most:g} s is the most",
            field="seconds",
            code="invalid_value",
            hint=f"it is {shown(before)} s long now, so at most {shown(most - before)} s can be added"
            if most > before
            else f"it is {shown(before)} s long now, and cannot be extended",
        )
    length = {"seconds": shown(total)} if origin is not None else {}
    return {"extensions": count, **length}
