"""A photograph's plan for a shot: looks at the picture only as far as the plan depends on it."""

from __future__ import annotations

from mutoscope.images.decode import Photo
from mutoscope.images.plan import Box, Plan, choose, cropped, loss, plan
from mutoscope.shot import Anchor, Crop, Fit, Shot, Size

#: Cutting off less than this, it does not matter where.
_TRIFLE = 0.02
#: A frame that nobody named a size for: its short side, its longest side, what both are multiples of.
SHORT, LONG, STEP = 720, 1280, 16


def framed(photo: Photo, shot: Shot, anchor: Anchor) -> Plan:
    """Where the anchor's picture goes in the shot's frame. Raises BadShot, BadImage, ContractRefused."""
    return framing(photo, shot.size, shot.fit, anchor.crop, fill=shot.pad_colour)


def framing(
    photo: Photo,
    target: Size,
    fit: Fit = Fit.AUTO,
    crop: Crop | None = None,
    *,
    fill: str = "",
    kind: str = "",
    aware: bool = True,
) -> Plan:
    """`plan` with what it needs to know about the picture found out: its kind and border for `auto`
    (unless `kind` is said), its subject for a crop (where `aware`, and the matte weights are here)."""
    border: str | None = None
    part = cropped(photo.size, crop)
    lost = loss(part, target)
    unknown = fit is Fit.AUTO or (fit is Fit.PAD and not fill)
    if unknown and not kind and lost > _TRIFLE:
        from mutoscope.images.kinds import kind_of

        kind, border = kind_of(photo)
    used = choose(part, target, kind=kind, border=border)[0] if fit is Fit.AUTO else fit
    focus = _focus(photo) if aware and used is Fit.COVER and lost > _TRIFLE else None
    return plan(photo.size, target, fit, crop, focus=focus, kind=kind, border=border, fill=fill)


def own_size(photo: Photo) -> Size:
    """A frame of the picture's own shape, no longer than 16:9: 1280x720, 1088x720 (3:2), 960x720 (4:3),
    720x720, 720x1280, ..."""
    ratio = max(photo.width, photo.height) / min(photo.width, photo.height)
    long = min(LONG, STEP * round(SHORT * ratio / STEP))
    return Size(long, SHORT) if photo.width >= photo.height else Size(SHORT, long)


def _focus(photo: Photo) -> Box | None:
    from mutoscope.images.subject import subject_of

    matte = subject_of(photo)
    if matte is not None and matte.stable:
        return matte.box
    from mutoscope.images.faces import find_faces

    faces = find_faces(photo.thumbnail(640))
    return faces[0].box if faces else None
