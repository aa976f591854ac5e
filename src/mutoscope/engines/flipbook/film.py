"""From an order to footage: one still under a moving camera, several stills and the ways between, or a
film that is there changed or gone on with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mutoscope.characters.names import mention
from mutoscope.compute.threads import Cancel, Progress
from mutoscope.engines.base import Footage, Instruction, Order
from mutoscope.engines.flipbook.still import one_still
from mutoscope.engines.flipbook.stills.placed import placed
from mutoscope.errors import BadShot
from mutoscope.shot import Kind, Role


def film(order: Order, progress: Progress, cancel: Cancel) -> Footage:
    """The order's film with its sound; errors as for `filmed`, and BadInput for a file of sound that
    cannot be used."""
    from mutoscope.engines.flipbook.sounding import files_usable, with_sound

    files_usable(order)
    made = filmed(order, progress, cancel)
    made = replace(made, instructions=(*made.instructions, *ungone(order)))
    return with_sound(order, made, progress, cancel)


def filmed(order: Order, progress: Progress, cancel: Cancel) -> Footage:
    """Render the order below its folder. Raises BadShot for pictures that stand at one frame,
    BadImage, CannotWrite, or Cancelled soon after `cancel` says so."""
    source = clip(order)
    if source is not None and order.shot.kind is Kind.EXTEND:
        from mutoscope.engines.flipbook.footage.extend import extended

        return extended(order, source, progress, cancel)
    if source is not None and (order.shot.kind is not Kind.REMIX or not order.stills):
        from mutoscope.engines.flipbook.footage.edit import edited
        from mutoscope.engines.flipbook.footage.sound import untouched

        if (as_it_is := untouched(order, source)) is not None:
            return as_it_is
        return edited(order, source, progress, cancel)
    if not order.stills:
        from mutoscope.engines.flipbook.casting.ground import ground

        under = ground(order)
        return one_still(order, under.still, None, order.shot.loop, progress, cancel, ground=under)
    pictures = placed(order)
    if len(pictures) == 1:
        one = pictures[0]
        met = None if one.free else one.frame
        return one_still(order, one.still, met, order.shot.loop, progress, cancel)
    from mutoscope.engines.flipbook.stills.several import several_stills

    return several_stills(order, pictures, progress, cancel)


def ungone(order: Order) -> Iterator[Instruction]:
    """What became of films to go by, and of how closely to keep to a character."""
    own = {one.clip for one in order.cast.values()}
    for place, path in order.clips.items():
        if order.shot.anchors[place].role is Role.REFERENCE and path not in own:
            how = "flipbook films a picture; it goes by no other film"
            yield Instruction("reference video", "not_possible", how)
    for name, member in order.cast.items():
        if member.strength < 1.0:
            how = "a cut-out is in the film or not"
            yield Instruction(f"{mention(name)} strength {member.strength:g}", "not_possible", how)


def clip(order: Order) -> Path | None:
    """The film that the order starts from. Raises BadShot where its kind needs one and it has none."""
    for place, path in order.clips.items():
        if order.shot.anchors[place].role is Role.SOURCE:
            return path
    if order.shot.kind in (Kind.CREATE, Kind.REMIX) and (order.stills or order.cast):
        return None
    raise BadShot(
        f"to {order.shot.kind} takes a film, and this shot has none; give it as the source"
        if order.shot.kind is not Kind.CREATE
        else "this shot has no picture; flipbook films a photograph",
        field="anchors",
    )
