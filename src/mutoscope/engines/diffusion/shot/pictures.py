"""Which picture the model is given as what: frames of the film, references, a loop's return."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from mutoscope.catalog.checkpoint import Checkpoint, Condition
from mutoscope.engines.base import Instruction, Order
from mutoscope.errors import BadShot
from mutoscope.shot import Kind, Role


@dataclass(frozen=True, slots=True)
class Pinned:
    """The picture at `place` of the order is the finished film's `frame`."""

    frame: int
    place: int
    strength: float = 1.0


@dataclass(slots=True)
class Pictures:
    """`pinned` in the order of their frames (a loop's return is one past the last); `references` by their
    places."""

    pinned: list[Pinned] = field(default_factory=list)
    references: list[int] = field(default_factory=list)
    said: list[Instruction] = field(default_factory=list)

    @property
    def frames(self) -> list[int]:
        return [one.frame for one in self.pinned]

    def at(self, frame: int) -> Pinned | None:
        """The picture that is that frame."""
        return next((one for one in self.pinned if one.frame == frame), None)


def can(checkpoint: Checkpoint, *conditions: Condition) -> bool:
    """Whether the model takes one of these."""
    return bool(checkpoint.conditions & set(conditions))


def cast_as(order: Order, checkpoint: Checkpoint, frames: int, engine: str) -> Pictures:
    """What each of the order's pictures is, in a film of `frames`. Raises BadShot for a place in the film
    at which the model takes no picture: one that would be left out is not left out silently."""
    made = Pictures()
    anchors = order.shot.anchors
    going_on = order.shot.kind is Kind.EXTEND
    later: list[int] = []
    for place in order.stills:
        anchor = anchors[place]
        if anchor.role is Role.REFERENCE:
            later.append(place)
            continue
        frame = {Role.FIRST_FRAME: 0, Role.LAST_FRAME: frames - 1}.get(anchor.role, anchor.frame)
        frame = min(frame or 0, frames - 1)
        if going_on and anchor.role is Role.FIRST_FRAME:
            how = "the film goes on from its own last frame"
            made.said.append(Instruction("first frame", "not_possible", how))
            continue
        _refuse(frame, frames, checkpoint, engine, going_on)
        _pin(made, order, place, frame, checkpoint)
        made.said.append(Instruction(_named(anchor.role, frame), "done", _where(frame, frames)))
    _references(made, order, later, checkpoint)
    made.pinned.sort(key=lambda one: one.frame)
    return made


def _refuse(frame: int, frames: int, checkpoint: Checkpoint, engine: str, going_on: bool) -> None:
    if frame == 0 and not going_on:
        if can(checkpoint, "first", "frame"):
            return
        raise BadShot(f"{engine} takes no first frame", field="anchors")
    if frame == frames - 1:
        if can(checkpoint, "last", "frame"):
            return
        raise BadShot(
            f"{engine} takes no last frame: it would be left out; another model can, or leave it away",
            field="anchors",
        )
    if not can(checkpoint, "frame"):
        raise BadShot(
            f"{engine} takes no picture in the middle of a film (frame {frame})", field="anchors"
        )


def _pin(made: Pictures, order: Order, place: int, frame: int, checkpoint: Checkpoint) -> None:
    strength = order.shot.anchors[place].strength
    if strength < 1.0:
        words = f"strength {strength:g}"
        if checkpoint.strength:
            made.said.append(Instruction(words, "done", "given to the model with the picture"))
        else:
            how = "this model shows a picture as it is, or not at all"
            made.said.append(Instruction(words, "not_possible", how))
            strength = 1.0
    made.pinned.append(Pinned(frame, place, strength))


def _references(made: Pictures, order: Order, places: list[int], checkpoint: Checkpoint) -> None:
    """References where the model has room for them; else the first is what the film begins with."""
    alone = len(order.stills) == 1
    kinds = (Kind.CREATE, Kind.REMIX)
    for place in places:
        anchor = order.shot.anchors[place]
        begins = made.at(0) is None and can(checkpoint, "first", "frame")
        begins = begins and order.shot.kind in kinds
        if alone and begins and order.direction.first_frame:
            _pin(made, order, place, 0, checkpoint)
            made.said.append(Instruction("reference picture", "done", "the film begins with it"))
        elif "references" in checkpoint.conditions:
            _refer(made, place, anchor.strength, checkpoint)
        elif begins:
            _pin(made, order, place, 0, checkpoint)
            how = "the film begins with it"
            how += "" if alone else ": this model takes no references"
            outcome = "done" if alone else "approximated"
            made.said.append(Instruction("reference picture", outcome, how))  # type: ignore[arg-type]
        else:
            how = "this model takes no references"
            made.said.append(Instruction("reference picture", "not_possible", how))


def _refer(made: Pictures, place: int, strength: float, checkpoint: Checkpoint) -> None:
    if len(made.references) >= max(1, checkpoint.references):
        how = f"this model takes {checkpoint.references} references at most"
        made.said.append(Instruction("reference picture", "not_possible", how))
        return
    made.references.append(place)
    how = "given to the model as a reference, which it follows as it can"
    made.said.append(Instruction("reference picture", "approximated", how))
    if strength < 1.0:
        how = "a reference of this model has no strength"
        made.said.append(Instruction(f"strength {strength:g}", "not_possible", how))


def looped(made: Pictures, order: Order, checkpoint: Checkpoint, frames: int) -> None:
    """Have the film come back to its first picture, where a loop is asked for and the model can."""
    if not (order.shot.loop or order.direction.loop):
        return
    first, why = made.at(0), ""
    if order.shot.kind is Kind.EXTEND:
        why = "the film begins as its source does"
    elif not can(checkpoint, "last", "frame"):
        why = "this model takes no last frame to come back to"
    elif first is None:
        why = "there is no first picture to come back to"
    elif made.at(frames - 1) is not None and frames > 1:
        why = "the film ends with the last frame that was given"
    if why or first is None:
        made.said.append(Instruction("loop", "not_possible", why))
        return
    made.pinned.append(Pinned(frames, first.place, first.strength))
    how = "the film's end comes back to its first picture, which is shown once"
    made.said.append(Instruction("loop", "done", how))


def films(order: Order) -> Iterator[Instruction]:
    """What becomes of films to go by: no model here takes one."""
    own = {one.clip for one in order.cast.values()}
    for place, path in order.clips.items():
        if order.shot.anchors[place].role is Role.REFERENCE and path not in own:
            how = "this model goes by no other film"
            yield Instruction("reference video", "not_possible", how)


def _named(role: Role, frame: int) -> str:
    return f"picture at frame {frame}" if role is Role.FRAME else str(role).replace("_", " ")


def _where(frame: int, frames: int) -> str:
    if frame == 0:
        return "the film begins with it"
    return "the film ends with it" if frame == frames - 1 else f"it is given to be frame {frame}"
