"""The Shot's own names of fields → the names that requests of this dialect have for them."""

from __future__ import annotations

from collections.abc import Iterable

from mutoscope.errors import MutoscopeError
from mutoscope.jobs.job import Notice

WIRE = {
    "anchors": "input_reference",
    "anchor.media": "input_reference",
    "anchor.strength": "influence_strength",
    "anchor.crop": "crop_bounds",
    "anchor.frame": "frame_index",
    "cast": "characters",
    "source": "video",
    "photo": "input_reference",
}


def renamed(error: MutoscopeError) -> None:
    """Have an error name the request's own field."""
    if (own := error.field or "") in WIRE:
        error.field = WIRE[own]
        error.message = _said(error.message, own)


def on_the_wire(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """Notices that name the request's own fields."""
    return tuple(
        Notice(code=one.code, message=_said(one.message, one.field), field=WIRE[one.field])
        if one.field in WIRE
        else one
        for one in notices
    )


def _said(message: str, own: str) -> str:
    """A sentence that begins with the field's name begins with the other name."""
    begins = message.startswith(f"{own} ")
    return WIRE[own] + message.removeprefix(own) if begins else message
