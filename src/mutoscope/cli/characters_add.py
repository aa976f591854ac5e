"""`mutoscope characters add`: a character is prepared here, in the foreground."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from mutoscope.cli.animate import terminated_as_interrupt
from mutoscope.cli.asked import Config, Data, Json
from mutoscope.cli.consenting import ConsentWords
from mutoscope.cli.records import opened
from mutoscope.cli.show import bar
from mutoscope.errors import BadInput

if TYPE_CHECKING:
    from mutoscope.characters.work import Part, Prepared
    from mutoscope.compute.base import Progress
    from mutoscope.shot import Media
    from mutoscope.storage.media import MediaStore

#: stage → what a person reads
STAGES = {"read": "reading the film", "find": "finding who it is", "cut": "cutting out"}


def add(
    name: str,
    files: tuple[Path, ...],
    *,
    description: str = "",
    start: Annotated[float | None, Parameter(name="--from")] = None,
    end: Annotated[float | None, Parameter(name="--to")] = None,
    consent: Annotated[ConsentWords | None, Parameter(name="*")] = None,
    project: str = "default",
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Make a character of a film or of pictures, and wait for it.

    Parameters
    ----------
    name
        What prompts call it, such as "Roller Pan".
    files
        One film (MP4, MOV, WebM, MKV, AVI), or 1 to 16 pictures (JPEG, PNG, WebP, AVIF).
    description
        What it is like, in words: for engines that take no pictures of it.
    start
        Of the film only the part from this second,
    end
        to this one.
    project
        Whose it is.
    """
    from mutoscope.characters.arriving import prepared_frames
    from mutoscope.characters.model import (
        PREFIX,
        LeftOut,
        Origin,
        checked_description,
        checked_name,
    )
    from mutoscope.characters.store import Characters
    from mutoscope.characters.work import checked_part
    from mutoscope.cli.characters_shown import tell
    from mutoscope.storage.ids import new_id
    from mutoscope.storage.media import MediaStore

    called, about = checked_name(name), checked_description(description)
    record = None if consent is None else consent.record()
    film = told_apart(files)
    part: Part | None = None
    if start is not None or end is not None:
        if start is None or end is None or not film:
            raise BadInput("--from and --to belong together, and to a film")
        part = checked_part(start, end)
    with (
        opened(data, config) as (records, settings),
        tempfile.TemporaryDirectory(prefix="mutoscope-") as folder,
        terminated_as_interrupt(),
        bar(shown=not as_json) as progress,
    ):
        media = MediaStore(settings.server.data / "media")

        def say(stage: str, done: float) -> None:
            progress(STAGES.get(stage, stage), done)

        found = prepared(film, files, part, Path(folder), say)
        source, pictures = stored(film, files, found, media)
        frames, clip = prepared_frames(found, media)
        one = asyncio.run(
            Characters(records).create(
                new_id(PREFIX),
                project,
                called,
                about,
                source=clip or source,
                frames=frames,
                origin=Origin(
                    kind="upload" if film else "pictures",
                    filenames=tuple(path.name for path in files),
                    part=part,
                    pictures=pictures,
                    left_out=tuple(LeftOut(picture=n, why=why) for n, why in found.left_out),
                ),
                consent=record,
            )
        )
    tell(one, as_json)
    if not as_json:
        for n, why in found.left_out:
            print(f"  {files[n].name} gave no reference frame: {why}")


def told_apart(files: tuple[Path, ...]) -> bool:
    """Whether the files are a film; else they are pictures. Raises BadInput."""
    from mutoscope.characters.making import MOST_PICTURES
    from mutoscope.finish.probe import CONTAINERS
    from mutoscope.storage.sniff import HEAD, media_type

    kinds = []
    for path in files:
        try:
            with path.open("rb") as file:
                kinds.append(media_type(file.read(HEAD)))
        except OSError as error:
            raise BadInput(f"{path} cannot be read: {error.strerror}") from None
    films = [kind in CONTAINERS for kind in kinds]
    if any(films) and len(files) > 1:
        raise BadInput(
            f"{len(files)} files are given and {films.count(True)} of them a film; "
            "a character is made of one film, or of pictures"
        )
    if len(files) > MOST_PICTURES:
        raise BadInput(
            f"{len(files)} pictures are given; a character is made of at most {MOST_PICTURES}"
        )
    for path, kind in zip(files, kinds, strict=True):
        if kind not in CONTAINERS and not kind.startswith("image/"):
            raise BadInput(f"{path} is {kind or 'nothing known here'}; give a film or pictures")
    return films[0]


def prepared(
    film: bool, files: tuple[Path, ...], part: Part | None, folder: Path, progress: Progress
) -> Prepared:
    """The reference frames, as files in `folder`. Errors name the files."""
    from mutoscope.characters.work import of_film, of_pictures
    from mutoscope.errors import BadImage

    if film:
        return of_film(files[0], folder, part, progress, lambda: False)
    try:
        return of_pictures(files, folder, progress, lambda: False)
    except BadImage as error:
        for n, path in enumerate(files):
            if error.message.startswith(f"pictures[{n}]"):
                error.args = (error.message.replace(f"pictures[{n}]", str(path), 1),)
                error.message = error.args[0]
        raise


def stored(
    film: bool, files: tuple[Path, ...], found: Prepared, media: MediaStore
) -> tuple[Media | None, tuple[Media, ...]]:
    """The film, where all of it is kept, or the pictures, in the store."""
    if not film:
        return None, tuple(map(media.put, files))
    return None if found.clip is not None else media.put(files[0]), ()
