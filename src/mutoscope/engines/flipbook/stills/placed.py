"""Which picture stands at which frame."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from mutoscope.engines.base import Order, Still
from mutoscope.errors import BadShot
from mutoscope.shot import Role, Shot


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture and the frame that is to be it. `free`: the film need not show it exactly."""

    frame: int
    still: Still
    free: bool = False


def placed(order: Order) -> tuple[Placed, ...]:
    """The order's pictures as the film comes to them. A reference is what the film begins with. Raises
    BadShot for a reference that has no frame left."""
    shot = order.shot
    found = []
    free = not order.direction.first_frame
    for place, still in order.stills.items():
        anchor = shot.anchors[place]
        reference = anchor.role is Role.REFERENCE
        alone = len(order.stills) == 1
        found.append(Placed(_frame(shot, place), still, free=reference and alone and free))
    found.sort(key=lambda one: one.frame)
    for one, other in pairwise(found):
        if one.frame == other.frame:
            raise BadShot(
                f"two pictures are to be frame {one.frame}: flipbook begins with a reference; "
                "give each picture a frame of its own",
                field="anchors",
            )
    return tuple(found)


def _frame(shot: Shot, place: int) -> int:
    anchor = shot.anchors[place]
    if anchor.role is Role.LAST_FRAME:
        return shot.frames - 1
    return anchor.frame or 0
