"""The Shot's own names of fields → the names that requests have for them. Each dialect has a table of its
own; WIRE is that of the OpenAI dialect, whose names are also those of the extras."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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


def renamed(error: MutoscopeError, names: Mapping[str, str] = WIRE) -> None:
    """Have an error name the request's own field."""
    if (own := error.field or "") in names:
        error.field = names[own]
        error.message = _said(error.message, own, names)


def on_the_wire(notices: Iterable[Notice], names: Mapping[str, str] = WIRE) -> tuple[Notice, ...]:
    """Notices that name the request's own fields."""
    return tuple(
        Notice(code=one.code, message=_said(one.message, one.field, names), field=names[one.field])
        if one.field in names
        else one
        for one in notices
    )


def _said(message: str, own: str, names: Mapping[str, str]) -> str:
    """A sentence that begins with the field's name begins with the other name."""
    begins = message.startswith(f"{own} ")
    return names[own] + message.removeprefix(own) if begins else message
