"""From an order to footage: one still under a moving camera, two stills and the way between, or a film
that is there changed or gone on with."""

from __future__ import annotations

from pathlib import Path

from mutoscope.compute.threads import Cancel, Progress
from mutoscope.engines.base import Footage, Order, Still
from mutoscope.engines.flipbook.still import one_still
from mutoscope.errors import BadShot
from mutoscope.shot import Kind, Role


def film(order: Order, progress: Progress, cancel: Cancel) -> Footage:
    """Render the order below its folder. Raises BadShot for pictures that flipbook has no use for,
    BadImage, CannotWrite, or Cancelled soon after `cancel` says so."""
    source = clip(order)
    if source is not None and order.shot.kind is Kind.EXTEND:
        from mutoscope.engines.flipbook.footage.extend import extended

        return extended(order, source, progress, cancel)
    if source is not None and (order.shot.kind is not Kind.REMIX or not order.stills):
        from mutoscope.engines.flipbook.footage.edit import edited

        return edited(order, source, progress, cancel)
    first, last = pictures(order)
    if last is None:
        return one_still(order, first, order.shot.loop, progress, cancel)
    from mutoscope.engines.flipbook.stills import two_stills

    return two_stills(order, first, last, progress, cancel)


def clip(order: Order) -> Path | None:
    """The film that the order starts from. Raises BadShot where its kind needs one and it has none."""
    for place, path in order.clips.items():
        if order.shot.anchors[place].role is Role.SOURCE:
            return path
    if order.shot.kind in (Kind.CREATE, Kind.REMIX) and order.stills:
        return None
    raise BadShot(
        f"to {order.shot.kind} takes a film, and this shot has none; give it as the source"
        if order.shot.kind is not Kind.CREATE
        else "flipbook puts characters before a picture, and this shot has none; give a background"
        if order.cast
        else "this shot has no picture; flipbook films a photograph",
        field="anchors",
    )


def pictures(order: Order) -> tuple[Still, Still | None]:
    """The picture to begin with and, where there is one, the last."""
    by_role: dict[Role, list[Still]] = {}
    for place, still in order.stills.items():
        by_role.setdefault(order.shot.anchors[place].role, []).append(still)
    begin = by_role.pop(Role.FIRST_FRAME, []) + by_role.pop(Role.REFERENCE, [])
    end = by_role.pop(Role.LAST_FRAME, [])
    if by_role or len(begin) > 1 or len(end) > 1 or not begin + end:
        raise BadShot(
            f"flipbook films one picture, or a first and a last; this shot has {len(order.stills)}, "
            "or one at a frame between",
            field="anchors",
        )
    if not begin:
        return end[0], None
    return begin[0], end[0] if end else None
