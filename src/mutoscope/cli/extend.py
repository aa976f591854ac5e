"""`mutoscope extend`: a film goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mutoscope.cli.animate import directed, terminated_as_interrupt
from mutoscope.cli.show import bar, tell


def extend(
    film: Path,
    prompt: str = "",
    /,
    *,
    seconds: float = 4.0,
    photo: Path | None = None,
    seed: int = 0,
    engine: str = "flipbook",
    quality: str = "standard",
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
    """Go on with FILM from its last frame: as it went, or as the sentence says.

    Parameters
    ----------
    film: Path
        The film (MP4, MOV, WebM).
    prompt: str
        The camera's new moves; without any it goes on as it did.
    seconds: float
        How much is added, 0.5 to 60.
    photo: Path
        The photograph that the film was made from, where there is one.
    seed: int
        Same seed, same film.
    engine: str
        The engine, by name.
    quality: str
        draft, standard or best.
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
        The longer film's file; the film's name with "-extended" in this folder where left out.
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
        clip = refilm.extend(
            film,
            prompt,
            photo=photo,
            seconds=seconds,
            seed=seed,
            engine=engine,
            sound=sound,
            music=music,
            voice=voice,
            music_level=music_level,
            quality=quality,
            direction=directed(direction, seconds),
            output=output,
            format=format,
            extras=["sheet"] if sheet else [],
            progress=progress,
        )
    if json:
        print(clip.to_json())
    elif not quiet:
        tell(clip)
