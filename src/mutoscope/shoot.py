"""The way of a shot on this machine: from pictures and a sentence to a finished clip.

    inputs → direct → contract → prepare → engine → finish → deliver

Everything is made in a folder beside the film's own place and takes its name at the very end, so
that whatever goes wrong leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mutoscope.clip import Clip, Report, Warned
from mutoscope.compute.threads import Cancel, Progress
from mutoscope.direction.model import Direction
from mutoscope.engines.base import Engine, Footage, Order, Still, Warming
from mutoscope.engines.find import engine
from mutoscope.engines.run import run
from mutoscope.errors import BadShot, CannotWrite
from mutoscope.shot import Role, Shot

#: The catalogue's own vendor: the engines that are built in.
ENGINES = "flipbook"
PICTURES = (Role.REFERENCE, Role.FIRST_FRAME, Role.LAST_FRAME, Role.FRAME)


@dataclass(frozen=True, slots=True)
class Deliver:
    """Where the film goes, and what else is made from it: `extras` maps a kind
    (preview, thumbnail, spritesheet, sheet) to its file, on the film's own disk."""

    film: Path
    extras: Mapping[str, Path] = field(default_factory=dict)


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
    with workplace(deliver.film) as folder:
        with timed(took, "direct"):
            direction = directed(shot)
        with timed(took, "contract"):
            warnings = admitted(shot, compat)
        with timed(took, "prepare"):
            stills = prepared(shot, files, chosen)
        order = Order(
            shot=shot,
            direction=direction,
            folder=folder,
            stills=stills,
            masks={
                place: files[region.mask.sha256]
                for place, region in enumerate(shot.regions)
                if region.mask is not None
            },
        )
        with timed(took, "engine"):
            footage = run(chosen, order, progress, cancel)
        with timed(took, "finish"):
            extras = finished(footage, deliver, folder, shot, progress)
        put(extras | {deliver.film: footage.path}, footage.path)
    image = dict.fromkeys(note for still in stills.values() for note in still.plan.notes)
    return Clip(
        path=deliver.film,
        size=shot.size,
        seconds=footage.frames / shot.fps,
        fps=shot.fps,
        frames=footage.frames,
        engine=shot.model,
        seed=shot.seed,
        direction=direction,
        report=Report.of(footage.instructions, tuple(image), footage.notes),
        warnings=(
            *warnings,
            *(
                Warned("picture", text, "photo")
                for still in stills.values()
                for text in still.plan.warnings
            ),
            *(Warned(one.code, one.message, "prompt") for one in direction.advice),
        ),
        extras=dict(deliver.extras),
        took=took | {f"engine.{name}": value for name, value in footage.seconds_spent.items()},
    )


def directed(shot: Shot) -> Direction:
    """The shot's direction: as given, or read from the prompt."""
    if shot.direction is not None:
        return shot.direction
    from mutoscope.direction.parse import direct

    return direct(shot.prompt, seconds=shot.seconds)


def admitted(shot: Shot, compat: str | None) -> tuple[Warned, ...]:
    """What the contract of the shot's model has to say. Raises ContractRefused. An engine that
    somebody else installed may have no contract here; it says itself what it can take."""
    from mutoscope.catalog.check import check
    from mutoscope.catalog.load import contracts

    found = [one for one in contracts(ENGINES) if one.model == shot.model]
    said = check(shot, found[0], compat=compat) if found else ()
    return tuple(Warned(one.code, one.message, one.field) for one in said)


def prepared(shot: Shot, files: Mapping[str, Path], chosen: Engine) -> dict[int, Still]:
    """Each picture of the shot with its plan: where its pixels land in the frame. Once the headers are
    found good, an engine that has something to load may begin to."""
    from mutoscope.images.decode import open_photo
    from mutoscope.images.framing import framed

    places = [place for place, anchor in enumerate(shot.anchors) if anchor.role in PICTURES]
    if not places:
        raise BadShot(f"the shot has no picture; {shot.model} films a photograph")
    paths = {place: files[shot.anchors[place].media.sha256] for place in places}
    photos = {place: open_photo(path) for place, path in paths.items()}
    loading = chosen.warm() if isinstance(chosen, Warming) else None
    try:
        return {
            place: Still(paths[place], framed(photos[place], shot, shot.anchors[place]))
            for place in places
        }
    except BaseException:
        if loading is not None:
            loading.stop()
        raise


def finished(
    footage: Footage, deliver: Deliver, folder: Path, shot: Shot, progress: Progress
) -> dict[Path, Path]:
    """The extras, made in `folder`: where each goes → where it was made."""
    if not deliver.extras:
        return {}
    from mutoscope.finish.extras import MAKERS

    made: dict[Path, Path] = {}
    for count, (kind, place) in enumerate(deliver.extras.items()):
        progress(kind, count / len(deliver.extras))
        made[place] = folder / f"{kind}{place.suffix}"
        MAKERS[kind](footage.path, made[place])
    return made


def put(files: Mapping[Path, Path], film: Path) -> None:
    """Give everything its name, the film last: whoever sees the film sees its extras too."""
    for place, made in sorted(files.items(), key=lambda pair: pair[1] == film):
        try:
            os.replace(made, place)
        except OSError as error:
            raise CannotWrite(f"{place} cannot be written: {error.strerror}") from error


@contextlib.contextmanager
def workplace(film: Path) -> Iterator[Path]:
    """A folder beside the film, gone afterwards whatever happens. Raises CannotWrite at once, before
    any work, where the film could not be put."""
    if film.is_dir():
        raise CannotWrite(f"{film} is a folder; name a file, such as {film / 'film.mp4'}")
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
        if str(folder) not in error.message or not isinstance(error.__cause__, OSError):
            raise
        # a name in the work folder means nothing to anybody
        raise CannotWrite(f"{film} cannot be written: {error.__cause__.strerror}") from error
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
