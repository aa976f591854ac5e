"""The way of a shot on this machine: from pictures and a sentence to a finished clip.

    inputs → direct → contract → prepare → engine → finish → deliver

Everything is made in a folder beside the film's own place and takes its name at the very end, so
that whatever goes wrong leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mutoscope.catalog.load import contracts
from mutoscope.catalog.rules import listed
from mutoscope.clip import Clip, Warned
from mutoscope.compute.threads import Cancel, Progress
from mutoscope.engines.admission import checked, films
from mutoscope.engines.base import Engine, Footage, Layering, Warming
from mutoscope.engines.here import engine, limits
from mutoscope.engines.run import run
from mutoscope.errors import BadShot, CannotWrite
from mutoscope.finish.whole import refuse_other, take_place
from mutoscope.images.plan import Plan
from mutoscope.shot import Kind, Shot
from mutoscope.steps import advised, directed, extra, opened, ordered, planned, reported


@dataclass(frozen=True, slots=True)
class Deliver:
    """Where the film goes, and what else is made from it: `extras` maps a kind
    (preview, thumbnail, spritesheet, sheet) to its file, `passes` a clean pass to its, on the film's own
    disk. `again`: the same under the next free name, where the film's was nobody's choice."""

    film: Path
    extras: Mapping[str, Path] = field(default_factory=dict)
    passes: Mapping[str, Path] = field(default_factory=dict)
    again: Callable[[], Deliver] | None = None


def shoot(
    shot: Shot,
    files: Mapping[str, Path],
    deliver: Deliver,
    *,
    compat: str | None = None,
    progress: Progress = lambda stage, done: None,
    cancel: Cancel = lambda: False,
) -> Clip:
    """Make the clip. `files` maps a medium's SHA-256 to its file.

    Raises BadInput for a shot, picture or contract that will not do, CannotWrite where the film
    cannot be put in its place, EngineFailed, Missing, or Cancelled.
    """
    took: dict[str, float] = {}
    chosen = engine(shot.model)
    own = limits(shot.model)
    if shot.delivery.layered and not isinstance(chosen, Layering):
        asked, word = ("alpha", "is") if shot.delivery.alpha else ("passes", "are")
        raise BadShot(
            f"{shot.model} films whole pictures; {asked} {word} flipbook's alone", field=asked
        )
    if not films(shot, own):
        raise BadShot(
            f"the shot has no picture; {shot.model} films a photograph, {alone()} words alone",
            field="photo",
        )
    with workplace(deliver.film, pictures=not shot.delivery.suffix) as folder:
        with timed(took, "direct"):
            direction = directed(shot)
        with timed(took, "contract"):
            admitted = checked(shot, (own,), compat)
        with timed(took, "prepare"):
            plans = prepared(shot, files, chosen)
        order = ordered(shot, direction, folder, files, plans)
        with timed(took, "engine"):
            footage = run(chosen, order, progress, cancel)
        with timed(took, "finish"):
            footage = coded(shot, footage, progress, cancel)
            if deliver.again is not None and deliver.film.exists():
                deliver = deliver.again()  # another command has taken the name meanwhile
            extras = finished(footage, deliver, folder, progress, footage.fps or shot.fps)
        passes = {deliver.passes[name]: path for name, path in footage.passes.items()}
        put(extras | passes | {deliver.film: footage.path}, footage.path)
    size, fps = footage.size or shot.size, footage.fps or shot.fps
    return Clip(
        path=deliver.film,
        size=size,
        seconds=footage.frames / fps,
        fps=fps,
        frames=footage.frames,
        engine=shot.model,
        seed=shot.seed,
        direction=direction,
        report=reported(footage, plans.values()),
        warnings=tuple(
            Warned(one.code, one.message, one.field)
            for one in (*admitted, *advised(direction, plans.values()))
        ),
        extras=dict(deliver.extras),
        passes={name: deliver.passes[name] for name in footage.passes},
        took=took | {f"engine.{name}": value for name, value in footage.seconds_spent.items()},
    )


def prepared(shot: Shot, files: Mapping[str, Path], chosen: Engine) -> dict[int, Plan]:
    """Each picture's plan. Once the headers are found good, an engine that has something to load may
    begin to."""
    photos = opened(shot, files)
    loading = chosen.warm() if isinstance(chosen, Warming) else None
    try:
        return planned(shot, photos)
    except BaseException:
        if loading is not None:
            loading.stop()
        raise


def alone() -> str:
    """The catalogue's engines that film words."""
    able = [
        one.model
        for one in contracts("diffusion")
        if Kind.CREATE in one.kinds and one.images and one.images.allows(0)
    ]
    return f"{listed(able)} can film" if len(able) > 1 else f"{able[0]} films"


def coded(shot: Shot, footage: Footage, progress: Progress, cancel: Cancel) -> Footage:
    """The footage in the format that was asked for: engines elsewhere deliver H.264."""
    if footage.format == shot.delivery.format:
        return footage
    from mutoscope.finish.transcode import transcoded

    return transcoded(footage, shot.delivery, lambda done: progress("finish", done), cancel)


def finished(
    footage: Footage, deliver: Deliver, folder: Path, progress: Progress, fps: float | None = None
) -> dict[Path, Path]:
    """The extras, made in `folder`: where each goes → where it was made."""
    made: dict[Path, Path] = {}
    for count, (kind, place) in enumerate(deliver.extras.items()):
        progress(kind, count / len(deliver.extras))
        made[place] = extra(kind, footage.path, folder / f"{kind}{place.suffix}", fps)
    return made


def put(files: Mapping[Path, Path], film: Path) -> None:
    """Give everything its name, the film last: whoever sees the film sees its extras too."""
    for place, made in sorted(files.items(), key=lambda pair: pair[1] == film):
        try:
            if made.is_dir():
                take_place(made, place)
            else:
                os.replace(made, place)
        except OSError as error:
            raise CannotWrite(f"{place} cannot be written: {error.strerror}") from error


@contextlib.contextmanager
def workplace(film: Path, *, pictures: bool = False) -> Iterator[Path]:
    """A folder beside the film, gone afterwards whatever happens. Raises CannotWrite at once, before
    any work, where the film could not be put. `pictures`: it is a folder of them itself."""
    if film.is_dir() and not pictures:
        raise CannotWrite(f"{film} is a folder; name a file, such as {film / 'film.mp4'}")
    if pictures:
        refuse_other(film)
    try:
        film.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{film.stem}-", dir=film.parent))
    except OSError as error:
        raise CannotWrite(
            f"{film.parent} cannot be written: {error.strerror}; name another place with -o"
        ) from error
    try:
        yield folder
    except CannotWrite as error:
        if str(folder) not in error.message:
            raise
        # a name in the work folder means nothing to anybody; a device's process sends words alone
        said = re.sub(rf"{re.escape(str(folder))}[^\s:;,]*", lambda _: str(film), error.message)
        cause = error.__cause__
        if isinstance(cause, OSError):
            said = f"{film} cannot be written: {cause.strerror}"
        raise CannotWrite(said) from error
    except OSError as error:
        raise CannotWrite(f"{film} cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def timed(took: dict[str, float], stage: str) -> Iterator[None]:
    """Note the seconds that a stage took."""
    begin = time.perf_counter()
    yield
    took[stage] = round(time.perf_counter() - begin, 3)
