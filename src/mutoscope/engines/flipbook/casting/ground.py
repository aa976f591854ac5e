"""A ground for characters who come without a picture: taken from the frame that the first was cut out of.

::

    own frame ─► figure taken out, filled ─► soft, softest where it was made up ─┐
         └────► its colours alone, where too little of it is left ───────────────┴► a still, as any other
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pyvips

from mutoscope.engines.base import CastMember, Order, Still
from mutoscope.engines.flipbook.casting.compose import MOST
from mutoscope.engines.flipbook.casting.painting import ROOM, Frame, Map, Rgb, softened, wash
from mutoscope.errors import BadShot
from mutoscope.images.encode import encoded
from mutoscope.images.plan import Box, Plan, plan
from mutoscope.images.subject import SubjectMatte
from mutoscope.shot import Fit, Size

OWN = "the ground is the softened background of {name}'s own frame"
PLAIN = "the ground is plain, in the colours of {name}'s own frame: {why}"
_NARROW = "too little of its picture has the film's shape"
_FULL = "the character fills most of its picture"
_SMALL = "its picture is too small"

_LONGEST = 1280  # pixels of the copy that is worked on: what is soft needs no more
_SEEN = 0.02  # alpha from which a pixel shows something of the figure
_BEYOND = 0.016  # of the longer side: what is filled around the figure, too
#: The frame's own background is taken unless so much of what is shown of it would be made up, it is
#: enlarged so much, or so much of it lies outside the film's shape that the figure's place does, too.
_MOST_MADE_UP, _MOST_ENLARGED, _MOST_LOST = 0.5, 4.0, 0.5


@dataclass(frozen=True, slots=True)
class Ground:
    """`still` lies in the order's folder. `home`: where in the frame the figure stood in its own picture
    (fractions), None where that is not in the frame. `how` says what it is."""

    still: Still
    home: Box | None
    how: str

    def nobody(self) -> SubjectMatte:
        """The matte of a picture that nobody is in."""
        return SubjectMatte(np.zeros((8, 8), np.float32), quality=0.0, cover=0.0)


def ground(order: Order) -> Ground:
    """The ground for the order's cast. Raises BadShot where a character has no picture."""
    name, frame = _whose(order)
    size = order.shot.size
    if order.shot.regions:
        raise BadShot("regions are marked in a picture, and this shot has none", field="regions")
    planned = plan(frame.size, size, Fit.COVER, focus=_fractions(frame))
    hole = _hole(frame.alpha)
    home = _home(frame, planned)
    why = _poor(planned, hole, home)
    path = order.folder / "ground.png"
    if why:
        inner, room = wash(frame, hole, size)
        path.write_bytes(encoded(inner, "png"))
        whole = Size(inner.shape[1], inner.shape[0])
        crop = Box(room[0], room[1], room[0] + size.width, room[1] + size.height)
        made = Plan(whole, size, Fit.COVER, crop, Box(0, 0, size.width, size.height))
        return Ground(Still(path, made), None, PLAIN.format(name=name, why=why))
    # a figure that does not stand where it was cut out leaves what was made up there to be seen
    covers = home is not None and len(order.cast) == 1
    room = round(ROOM * planned.crop.width), round(ROOM * planned.crop.height)
    path.write_bytes(encoded(softened(frame, hole, planned, room, covers=covers), "png"))
    return Ground(Still(path, _shifted(planned, room)), home, OWN.format(name=name))


def _shifted(planned: Plan, room: tuple[int, int]) -> Plan:
    """The same plan for the same picture with room around it."""
    (across, down), crop, source = room, planned.crop, planned.source
    return replace(
        planned,
        source=Size(source.width + 2 * across, source.height + 2 * down),
        crop=Box(crop.left + across, crop.top + down, crop.right + across, crop.bottom + down),
    )


def _whose(order: Order) -> tuple[str, Frame]:
    """The first character whose feet are in its picture, for there is ground under them; else the first."""
    found = [(one.name, _frame(one)) for one in list(order.cast.values())[:MOST]]
    return next((one for one in found if not one[1].cut_off), found[0])


def _frame(member: CastMember) -> Frame:
    name = member.name
    if not member.pictures or not member.cutouts:
        raise BadShot(f"no picture of {name} is here to take a ground from", field="cast")
    try:
        rgb = _small(member.pictures[0])[..., :3]
        alpha = _small(member.cutouts[0])[..., 3].astype(np.float32) / np.float32(255)
    except (pyvips.Error, IndexError):
        raise BadShot(f"the reference picture of {name} cannot be read", field="cast") from None
    height, width = rgb.shape[:2]
    if alpha.shape != (height, width):
        alpha = np.asarray(cv2.resize(alpha, (width, height)), np.float32)
    rows, columns = np.flatnonzero((alpha > 0.5).any(1)), np.flatnonzero((alpha > 0.5).any(0))
    if not rows.size:
        raise BadShot(f"the cut-out of {name} is empty", field="cast")
    box = Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return Frame(np.ascontiguousarray(rgb), alpha, box)


def _small(path: Path) -> Rgb:
    image = pyvips.Image.thumbnail(str(path), _LONGEST, height=_LONGEST, size="down")
    return np.asarray(image.colourspace("srgb").cast("uchar").numpy(), np.uint8)


def _fractions(frame: Frame) -> Box:
    height, width = frame.alpha.shape
    box = frame.box
    return Box(box.left / width, box.top / height, box.right / width, box.bottom / height)


def _hole(alpha: Map) -> npt.NDArray[np.uint8]:
    """255 where the figure is, and a little around it."""
    side = 2 * max(2, round(_BEYOND * max(alpha.shape))) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.asarray(cv2.dilate((alpha > _SEEN).astype(np.uint8) * 255, kernel), np.uint8)


def _poor(planned: Plan, hole: npt.NDArray[np.uint8], home: Box | None) -> str:
    """Why the frame's own background will not do; "" where it will."""
    crop = planned.crop
    shown = hole[round(crop.top) : round(crop.bottom), round(crop.left) : round(crop.right)]
    if home is None and planned.lost > _MOST_LOST:
        return _NARROW
    if float((shown > 0).mean()) > _MOST_MADE_UP:
        return _FULL
    return _SMALL if planned.scale[0] > _MOST_ENLARGED else ""


def _home(frame: Frame, planned: Plan) -> Box | None:
    """Where in the frame the figure stood, in fractions; None where that is not all in the frame."""
    crop, box = planned.crop, frame.box
    home = Box(
        (box.left - crop.left) / crop.width,
        (box.top - crop.top) / crop.height,
        (box.right - crop.left) / crop.width,
        (box.bottom - crop.top) / crop.height,
    )
    inside = home.left > -0.02 and home.top > -0.02 and home.right < 1.02 and home.bottom < 1.02
    return home if inside else None
