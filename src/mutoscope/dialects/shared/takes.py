"""What is to be said of several films of one request, when they are there."""

from __future__ import annotations

from collections.abc import Sequence

from mutoscope.jobs.job import Job, Notice


def alike(films: Sequence[Job], field: str) -> tuple[Notice, ...]:
    """A notice where several finished films came out as one and the same file. `field` is the number of
    films on the wire."""
    made = {film.result.media.get("video") for film in films if film.result is not None}
    if len(films) < 2 or len(made) > 1:
        return ()
    told = (
        "the films are alike: nothing in this shot is left to chance, as handheld and motion of "
        "nature are"
    )
    return (Notice(code="variants_alike", field=field, message=told),)
