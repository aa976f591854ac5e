"""`mutoscope edit`: a film and a sentence become that film, changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mutoscope.cli.animate import directed, terminated_as_interrupt
from mutoscope.cli.show import bar, tell


def edit(
    film: Path,
    prompt: str = "",
    /,
    *,
    size: str | None = None,
    fit: str = "auto",
    pad_colour: str = "",
    seed: int = 0,
    engine: str = "flipbook",
    quality: str = "standard",
    strength: float = 1.0,
    sound: bool = False,
    music: Path | None = None,
    voice: Path | None = None,
    music_level: Annotated[float, Parameter(allow_leading_hyphen=True)] = 0.0,
    direction: Path | None = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    format: str = "",
    sheet: bool = False,
    json: bool = False,
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"])] = False,
) -> None:
    """Change FILM as the sentence says: "warmer, half speed", "black and white", "make it vertical".

    Parameters
    ----------
    film: Path
        The film (MP4, MOV, WebM).
    prompt: str
        What to change.
    size: str
        Another size: 720x1280, 9:16, square, ...; the film's own, or as the sentence says, where left out.
    fit: str
        auto, cover, pad, stretch or strict: how the picture is brought to another shape.
    pad_colour: str
        Around a padded picture: blur, or a colour as #rrggbb.
    seed: int
        Same seed, same grain.
    engine: str
        The engine, by name: flipbook changes the frames that there are, a model with open weights (mutoscope
        models list) films anew.
    quality: str
        draft, standard or best.
    strength: float
        How closely (0 to 1) an engine that films anew keeps to the film.
    sound: bool
        With the sound of what the picture shows, beside the film's own.
    music: Path
        Your own music below the film.
    voice: Path
        Your own voice, from the first frame on; the rest goes down under it.
    music_level: float
        How much louder or softer (-40 to 12 dB) the music is than usual.
    direction: Path
        A file with the direction as JSON in place of words.
    output: Path
        The changed film's file; the film's name with "-edited" in this folder where left out.
    format: str
        As for animate: gif, webm's vp9, prores, ...; by the film's ending where left out.
    sheet: bool
        Also a PNG contact sheet for the eye.
    json: bool
        Print the result as JSON.
    quiet: bool
        Print nothing but errors.
    """
    from mutoscope import refilm

    with bar(shown=not (json or quiet)) as progress, terminated_as_interrupt():
        clip = refilm.edit(
            film,
            prompt,
            size=size,
            fit=fit,
            pad_colour=pad_colour,
            seed=seed,
            engine=engine,
            quality=quality,
            strength=strength,
            sound=sound,
            music=music,
            voice=voice,
            music_level=music_level,
            direction=directed(direction, None),
            output=output,
            format=format,
            extras=["sheet"] if sheet else [],
            progress=progress,
        )
    if json:
        print(clip.to_json())
    elif not quiet:
        tell(clip)
