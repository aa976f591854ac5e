"""The verbs for films that are there: `edit` changes one, `extend` goes on with it.

::

    import mutoscope

    mutoscope.edit("film.mp4", "warmer, half speed", output="warm.mp4")
    mutoscope.extend("film.mp4", "pull back slowly", seconds=4, output="longer.mp4")

Every error is a `mutoscope.MutoscopeError` whose message is one sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mutoscope.client import deliver, film_place, read, suffix_of
from mutoscope.compute.threads import Cancel, Progress
from mutoscope.direction.model import Direction
from mutoscope.errors import BadShot
from mutoscope.inputs import Inputs, free_name, named, tracks
from mutoscope.shot import Anchor, Delivery, Fit, Kind, Quality, Role, Shot, Size

if TYPE_CHECKING:
    from mutoscope.clip import Clip
    from mutoscope.engines.flipbook.footage.source import Source


def edit(
    film: str | Path | bytes,
    prompt: str = "",
    *,
    size: str | Size | None = None,
    fit: str | Fit = Fit.AUTO,
    pad_colour: str = "",
    seed: int = 0,
    engine: str = "flipbook",
    quality: str | Quality = Quality.STANDARD,
    strength: float = 1.0,
    direction: Direction | Mapping[str, Any] | None = None,
    sound: bool = False,
    music: str | Path | bytes | None = None,
    voice: str | Path | bytes | None = None,
    music_level: float = 0.0,
    output: str | Path | None = None,
    format: str = "",
    extras: Iterable[str] = (),
    progress: Progress = lambda stage, done: None,
    cancel: Cancel = lambda: False,
) -> Clip:
    """The film changed as the sentence says: "warmer", "half speed", "make it vertical, push in".

    `film`: a path or the file's bytes. `size`: another size, "720x1280", "9:16"; None keeps the film's
    own, or takes the shape that the sentence names. `fit` (auto, cover, pad, stretch, strict) and
    `pad_colour` ("blur", "#rrggbb") say how the picture gets there. `seed`: of the grain. `strength`: how
    closely (0 to 1) an engine that films anew keeps to the film. `format` and the rest as for
    `mutoscope.animate`. Raises BadInput, ContractRefused, CannotWrite, EngineFailed, Missing, Cancelled.
    """
    with Inputs() as inputs:
        source, anchor = _taken(inputs, film)
        heard = tracks(music, voice, music_level, inputs)
        if not (prompt or size is not None or direction is not None or sound or heard):
            raise BadShot(
                'nothing is asked of the film; say what to change, as in "warmer, half speed"',
                field="prompt",
            )
        target = source.size if size is None else _size(size)
        shot = Shot(
            prompt=prompt,
            kind=Kind.EDIT if prompt or direction or size is None else Kind.REFRAME,
            model=engine,
            size=target,
            seconds=source.seconds,
            fps=float(source.rate),
            seed=seed,
            fit=named(Fit, "fit", fit),
            pad_colour=pad_colour,
            quality=named(Quality, "quality", quality),
            anchors=(replace(anchor, strength=strength),),
            direction=read(direction, source.seconds),
            sound=sound,
            tracks=heard,
        )
        return _shot(shot, inputs, film, output, format, extras, progress, cancel)


def extend(
    film: str | Path | bytes,
    prompt: str = "",
    *,
    photo: str | Path | bytes | None = None,
    seconds: float = 4.0,
    seed: int = 0,
    engine: str = "flipbook",
    quality: str | Quality = Quality.STANDARD,
    direction: Direction | Mapping[str, Any] | None = None,
    sound: bool = False,
    music: str | Path | bytes | None = None,
    voice: str | Path | bytes | None = None,
    music_level: float = 0.0,
    output: str | Path | None = None,
    format: str = "",
    extras: Iterable[str] = (),
    progress: Progress = lambda stage, done: None,
    cancel: Cancel = lambda: False,
) -> Clip:
    """The film and `seconds` more: on as it went, or into the moves that the sentence names.

    `photo`: the photograph that the film was made from, where there is one; what lies beyond the last
    frame then is its own. The rest as for `edit`, and the same errors.
    """
    with Inputs() as inputs:
        source, anchor = _taken(inputs, film)
        anchors = [anchor]
        if photo is not None:
            anchors.append(Anchor(media=inputs.take(photo, "photo")))
        shot = Shot(
            prompt=prompt,
            kind=Kind.EXTEND,
            model=engine,
            size=source.size,
            seconds=seconds,
            fps=float(source.rate),
            seed=seed,
            quality=named(Quality, "quality", quality),
            anchors=tuple(anchors),
            direction=read(direction, seconds),
            sound=sound,
            tracks=tracks(music, voice, music_level, inputs),
        )
        return _shot(shot, inputs, film, output, format, extras, progress, cancel)


def _taken(inputs: Inputs, film: str | Path | bytes) -> tuple[Source, Anchor]:
    """What the film is, and its anchor."""
    from mutoscope.engines.flipbook.footage.source import look

    media = inputs.take(film, "film")
    return look(inputs.files[media.sha256]), Anchor(media=media, role=Role.SOURCE)


def _size(size: str | Size) -> Size:
    if isinstance(size, Size):
        return size
    from mutoscope.catalog.sizes import parse_size

    return parse_size(size)


def _shot(
    shot: Shot, inputs: Inputs, film: str | Path | bytes, output: str | Path | None, format: str,
    extras: Iterable[str], progress: Progress, cancel: Cancel,
) -> Clip:  # fmt: skip
    from mutoscope.shoot import shoot

    stem = "film" if isinstance(film, bytes) else Path(film).stem
    verb = "extended" if shot.kind is Kind.EXTEND else "edited"
    form, named_film = film_place(output, format)
    free = partial(free_name, Path(), f"{stem}-{verb}", form.suffixes[0])
    place = named_film or free()
    delivery = Delivery(form.name, suffix_of(place, form))
    shot = replace(shot, delivery=delivery)
    where = deliver(place, delivery, extras, None if named_film else free)
    return shoot(shot, inputs.files, where, progress=progress, cancel=cancel)
