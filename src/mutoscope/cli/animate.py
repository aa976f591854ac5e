"""`mutoscope animate`: a photograph and a sentence become a film."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from mutoscope.cli.show import bar, tell
from mutoscope.errors import BadInput, BadShot

if TYPE_CHECKING:
    from mutoscope.direction.model import Direction

PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".avif", ".heic", ".heif", ".tif", ".tiff", ".gif"}


def animate(
    photo: str,
    words: Annotated[tuple[str, ...], Parameter(name="LAST-AND-PROMPT")] = (),
    /,
    *,
    at: tuple[str, ...] = (),
    size: str | None = None,
    seconds: float | None = None,
    fps: float | None = None,
    loop: bool = False,
    seed: int = 0,
    fit: str = "auto",
    reference: tuple[Path, ...] = (),
    negative: str = "",
    engine: str = "flipbook",
    quality: str = "standard",
    first_frame: bool = False,
    region: tuple[str, ...] = (),
    sound: bool = False,
    music: Path | None = None,
    voice: Path | None = None,
    music_level: Annotated[float, Parameter(allow_leading_hyphen=True)] = 0.0,
    direction: Path | None = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    format: str = "",
    alpha: bool = False,
    passes: str = "",
    preview: bool = False,
    thumbnail: bool = False,
    spritesheet: bool = False,
    sheet: bool = False,
    json: bool = False,
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"])] = False,
) -> None:
    """Make a film of PHOTO as the sentence says; with a second picture, from the first to the last.

    Parameters
    ----------
    photo: str
        The photograph (JPEG, PNG, WebP, AVIF); the sentence alone where the engine films words.
    words: tuple[str, ...]
        The last frame's picture, if there is one, and then the sentence.
    at: tuple[str, ...]
        A further picture and the frame that it is to be, 48=other.jpg or 2s=other.jpg; 48 alone
        puts PHOTO there, which otherwise is the first frame.
    size: str
        1280x720, 720p, 1080p, square, 9:16, reels, ...; by the picture's shape where left out.
    seconds: float
        Length, 0.5 to 60; 4 where left out, or as the engine's model makes them.
    fps: float
        Frames per second, 12 to 60; 24 where left out, or as the engine's model makes them.
    loop: bool
        End where it began, without a seam.
    seed: int
        Same seed, same film.
    fit: str
        auto, cover, pad, stretch or strict: how the picture is brought to the frame's shape.
    reference: Path
        A picture of who or what is to be seen in the film, for engines that take such; may be repeated.
    negative: str
        What is not to be seen, for engines that take that.
    engine: str
        The engine, by name: flipbook, or a model with open weights (mutoscope models list).
    quality: str
        draft, standard or best.
    first_frame: bool
        The film must begin with the picture exactly.
    region: tuple[str, ...]
        Where nature may move: water=MASK.png, or water=0.4,0.8 (a point to grow from).
    sound: bool
        With the sound of what the picture shows: wind, water, a street, ... (words such as "sound of
        rain" need no flag).
    music: Path
        Your own music below the film: a WAV, MP3, M4A, FLAC or Ogg file, or a film with sound.
    voice: Path
        Your own voice, from the first frame on; the music goes down under it.
    music_level: float
        How much louder or softer (-40 to 12 dB) the music is than usual.
    direction: Path
        A file with the direction as JSON (mutoscope direct --json prints one) in place of words.
    output: Path
        The film's file; the photo's name in this folder where left out.
    format: str
        h264, vp9, prores, gif, webp, avif, png, ffv1, hevc or av1; by the film's ending where left out.
    alpha: bool
        The subject alone, over transparency (vp9, prores, gif, webp, avif, png, ffv1).
    passes: str
        Also for compositing, beside the film: matte, disparity, plate, subject (comma between), or all.
    preview: bool
        Also a small animated WebP.
    thumbnail: bool
        Also a WebP still.
    spritesheet: bool
        Also a JPEG sheet of frames for a player's scrub bar.
    sheet: bool
        Also a PNG contact sheet for the eye.
    json: bool
        Print the result as JSON.
    quiet: bool
        Print nothing but errors.
    """
    from mutoscope import client

    picture, last, prompt = told_apart(photo, words, engine)
    wanted = {
        "preview": preview,
        "thumbnail": thumbnail,
        "spritesheet": spritesheet,
        "sheet": sheet,
    }
    with (
        bar(shown=not (json or quiet)) as progress,
        terminated_as_interrupt(),
        # numba loads SciPy's linear algebra where it finds it, which takes .4 seconds; no kernel of
        # ours calls it. Another engine may well need it.
        hidden("scipy") if engine == "flipbook" else nullcontext(),
    ):
        clip = client.animate(
            picture,
            prompt,
            last=last,
            at=moments(at),
            references=reference,
            negative=negative,
            size=size,
            seconds=seconds,
            fps=fps,
            loop=loop,
            seed=seed,
            fit=fit,
            engine=engine,
            quality=quality,
            first_frame=first_frame,
            regions=region,
            sound=sound,
            music=music,
            voice=voice,
            music_level=music_level,
            direction=directed(direction, seconds),
            output=output,
            format=format,
            alpha=alpha,
            passes=passes_named(passes),
            extras=[kind for kind, asked in wanted.items() if asked],
            progress=progress,
        )
    if json:
        print(clip.to_json())
    elif not quiet:
        tell(clip)


def told_apart(
    photo: str, words: tuple[str, ...], engine: str
) -> tuple[Path | None, Path | None, str]:
    """The photo, the last frame's file and the sentence, by what they look like. Raises BadInput."""
    if not words and is_sentence(photo, engine):
        return None, None, photo
    if len(words) > 2:
        raise BadInput(
            f"{len(words)} words follow the photo; put the sentence in quotation marks, "
            'as in: mutoscope animate photo.jpg "slow push in"'
        )
    if len(words) == 2:
        return Path(photo), Path(words[0]), words[1]
    if words and Path(words[0]).suffix.lower() in PICTURES:
        return Path(photo), Path(words[0]), ""
    return Path(photo), None, words[0] if words else ""


def is_sentence(photo: str, engine: str) -> bool:
    """Whether what stands where the photo does is words: no file, and more than one of them, or for an
    engine that films words."""
    if Path(photo).suffix.lower() in PICTURES or _there(photo):
        return False
    if len(photo.split()) > 1:
        return True
    if "/" in photo:  # a path, where nothing is
        return False
    from mutoscope.engines.here import limits

    known = None if engine == "flipbook" else limits(engine)
    return known is not None and known.images is not None and known.images.allows(0)


def _there(name: str) -> bool:
    try:
        return Path(name).exists()
    except (OSError, ValueError):  # too long for a name
        return False


def moments(words: tuple[str, ...]) -> dict[int | str, str | Path | bytes | None]:
    """Pictures by their moments, from "48=other.jpg", or "48" for the photo itself. Raises BadShot."""
    found: dict[int | str, str | Path | bytes | None] = {}
    for one in words:
        when, equals, picture = one.partition("=")
        if not when or (equals and not picture):
            allowed = "a frame or seconds, and a picture, as in 48=other.jpg or 2s=other.jpg"
            raise BadShot.of("at", one, allowed)
        if when in found:
            raise BadShot.of("at", when, "named once")
        found[when] = Path(picture) if picture else None
    return found


def passes_named(words: str) -> tuple[str, ...]:
    """The clean passes in "matte,disparity", or in "all"."""
    from mutoscope.finish.formats import PASSES

    given = tuple(filter(None, (word.strip() for word in words.split(","))))
    return PASSES if given == ("all",) else given


def directed(path: Path | None, seconds: float | None) -> Direction | None:
    """The direction in a JSON file. Raises BadInput where it cannot be read or is not one."""
    if path is None:
        return None
    from mutoscope.direction.read import read

    try:
        return read(path.read_bytes(), seconds)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}", field="direction") from None


@contextmanager
def hidden(module: str) -> Iterator[None]:
    """The module cannot be imported meanwhile, unless it already was."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        sys.modules.pop(module, None)


@contextmanager
def terminated_as_interrupt() -> Iterator[None]:
    """A polite kill, or a terminal that is closed, ends the work as Ctrl-C does: what was begun is removed.
    Under nohup it goes on."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    heard = [signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        heard.append(signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
