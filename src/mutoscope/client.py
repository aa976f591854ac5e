"""The verbs of the library, in threads' time. `mutoscope.aio` has the same for asyncio.

::

    import mutoscope

    clip = mutoscope.animate("photo.jpg", "slow push in", seconds=6, output="film.mp4")
    clip.report.approximated  # what was asked for and could not be done to the letter

Every error is a `mutoscope.MutoscopeError` whose message is one sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mutoscope.compute.threads import Cancel, Progress
from mutoscope.direction.model import Direction
from mutoscope.errors import BadShot
from mutoscope.finish.formats import Format, for_passes, wanted
from mutoscope.inputs import Inputs, free_name, named, placed, region, tracks
from mutoscope.shot import Anchor, Crop, Delivery, Fit, Quality, Role, Shot, Size
from mutoscope.usual import Usual

if TYPE_CHECKING:
    from mutoscope.clip import Clip
    from mutoscope.shoot import Deliver

#: Where extras go beside film.mp4.
EXTRAS = {
    "preview": ".preview.webp",
    "thumbnail": ".thumbnail.webp",
    "spritesheet": ".sprites.jpg",
    "sheet": ".sheet.png",
}


def animate(
    photo: str | Path | bytes | None,
    prompt: str = "",
    *,
    last: str | Path | bytes | None = None,
    at: Mapping[int | str, str | Path | bytes | None] | None = None,
    references: Iterable[str | Path | bytes] = (),
    negative: str = "",
    size: str | Size | None = None,
    seconds: float | None = None,
    fps: float | None = None,
    loop: bool = False,
    seed: int = 0,
    fit: str | Fit = Fit.AUTO,
    crop: Crop | None = None,
    first_frame: bool = False,
    engine: str = "flipbook",
    quality: str | Quality = Quality.STANDARD,
    direction: Direction | Mapping[str, Any] | None = None,
    regions: Iterable[str] = (),
    sound: bool = False,
    music: str | Path | bytes | None = None,
    voice: str | Path | bytes | None = None,
    music_level: float = 0.0,
    output: str | Path | None = None,
    format: str = "",
    alpha: bool = False,
    passes: Iterable[str] = (),
    extras: Iterable[str] = (),
    compat: str | None = None,
    progress: Progress = lambda stage, done: None,
    cancel: Cancel = lambda: False,
) -> Clip:
    """A film from a photograph (or two: the first and the `last` frame) and a sentence.

    `photo`, `last`: a path or the file's bytes; no `photo` for an engine that films words alone. `at`: pictures
    by the frame that each is to be (48, or "2s"); None there is the photo itself, which otherwise is the
    first frame. `references`: pictures of who or what is to be seen, `negative`: what is not, for engines
    that take them. `size`: "1280x720", "720p", "9:16", "reels", ...; None takes the picture's own shape, 720
    pixels on its short side, or as many pixels as the engine's model makes. `seconds` (0.5-60), `fps` (12-60):
    None takes the engine's own, 4 seconds at 24 for flipbook.
    `first_frame`: the film must begin with the picture exactly as prepared. `direction`: a Direction,
    or its JSON as values, in place of the prompt's words. `regions`: "water=MASK.png" or
    "water=0.4,0.8", where nature may move. `sound`: the film gets the sound of what it shows (the prompt's
    own cues are made without it, too); `music`, `voice`: your own files, `music_level` in dB beside the
    usual. `output`: the film's path; None takes the photo's name in
    the present folder. `format`: h264, vp9, prores, gif, webp, avif, png, ffv1, hevc or av1; "" takes what
    the film's name ends in. `alpha`: the subject alone, over transparency. `passes`: any of matte, disparity,
    plate, subject, written beside the film for a compositing program. `extras`: any of preview, thumbnail, spritesheet, sheet, made beside the film.
    `progress(stage, fraction)` is called as it goes on; the work stops soon after `cancel()` is true.

    Raises BadShot, BadImage, ContractRefused, CannotWrite, EngineFailed, Missing or Cancelled.
    """
    from mutoscope.shoot import shoot

    form, named_film = film_place(output, format)
    free = partial(default_film, photo or b"", form)
    film = named_film or free()
    delivery = Delivery(form.name, suffix_of(film, form), alpha, tuple(passes))
    usual = Usual.of(engine)
    seconds = usual.seconds if seconds is None else seconds
    fps = usual.fps if fps is None else fps
    with Inputs() as inputs:
        picture = None if photo is None else inputs.take(photo, "photo")
        moments = placed(at or {}, picture, seconds, fps, inputs)
        seen = [inputs.take(one, "reference") for one in references]
        # a crop is the photo's, wherever it stands
        anchors = [replace(one, crop=crop) if own else one for one, own in moments]
        if picture is not None and (first_frame or not any(own for _, own in moments)):
            bound = first_frame or last is not None or moments or seen or usual.begins
            role = Role.FIRST_FRAME if bound else Role.REFERENCE
            anchors.insert(0, Anchor(media=picture, role=role, crop=crop))
        if last is not None:
            anchors.append(Anchor(media=inputs.take(last, "last"), role=Role.LAST_FRAME))
        anchors += [Anchor(media=one, role=Role.REFERENCE) for one in seen]
        shape = None if picture is None else inputs.files[picture.sha256]
        shot = Shot(
            prompt=prompt,
            negative_prompt=negative,
            model=engine,
            size=usual.size(size, shape, form.short),
            seconds=seconds,
            fps=fps,
            seed=seed,
            loop=loop,
            fit=named(Fit, "fit", fit),
            quality=named(Quality, "quality", quality),
            anchors=tuple(anchors),
            regions=tuple(region(words, inputs) for words in regions),
            sound=sound,
            tracks=tracks(music, voice, music_level, inputs),
            direction=read(direction, seconds),
            delivery=delivery,
        )
        return shoot(
            shot,
            inputs.files,
            deliver(film, delivery, extras, None if named_film else free),
            compat=compat,
            progress=progress,
            cancel=cancel,
        )


def film_place(output: str | Path | None, format: str = "") -> tuple[Format, Path | None]:
    """The film's format and its file (a folder for a sequence of pictures); a name without an ending gets
    the format's. Raises BadShot for an ending or a format that there is not."""
    return wanted(output, format)


def default_film(photo: str | Path | bytes, form: Format) -> Path:
    """The photo's name with the format's ending in the present folder, numbered where that is taken."""
    stem = "film" if isinstance(photo, bytes) else Path(photo).stem
    return free_name(Path(), stem, form.suffixes[0])


def deliver(
    film: Path, delivery: Delivery, extras: Iterable[str], free: Callable[[], Path] | None
) -> Deliver:
    """Where all of it goes. `free` finds the next free name for a film that its caller gave none: another
    may have taken it by the time that the film is made."""
    from mutoscope.shoot import Deliver

    kinds = tuple(extras)
    again = None if free is None else lambda: deliver(free(), delivery, kinds, free)
    return Deliver(film, *beside(film, delivery, kinds), again)


def suffix_of(film: Path, form: Format) -> str:
    """The ending of a film's file, "" for a folder."""
    return film.suffix.lower() if form.suffixes[0] else ""


def beside(
    film: Path, delivery: Delivery, extras: Iterable[str]
) -> tuple[dict[str, Path], dict[str, Path]]:
    """Where the extras and the clean passes go, each named after the film."""
    stem = film.stem if delivery.suffix else film.name
    suffix = for_passes(delivery.format).suffixes[0]
    return (
        {kind: film.with_name(stem + ending(kind)) for kind in extras},
        {name: film.with_name(f"{stem}.{name}{suffix}") for name in delivery.passes},
    )


def ending(extra: str) -> str:
    """What an extra's file name ends in. Raises BadShot for an unknown one."""
    if extra not in EXTRAS:
        raise BadShot.of("extras", extra, f"one of {', '.join(EXTRAS)}")
    return EXTRAS[extra]


def read(direction: Direction | Mapping[str, Any] | None, seconds: float) -> Direction | None:
    """A direction given as values, checked; a Direction or None as it is."""
    if direction is None or isinstance(direction, Direction):
        return direction
    from mutoscope.direction import read as reading

    return reading.read(dict(direction), seconds)
