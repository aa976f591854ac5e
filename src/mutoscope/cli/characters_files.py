"""`mutoscope characters export` and `import`: a character as one file."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mutoscope.cli.asked import Config, Data, Json, Project
from mutoscope.cli.records import opened, print_json
from mutoscope.errors import BadInput, CannotWrite


def export(
    character: str,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    project: Project = "default",
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Write a character with all its media into one file (.mutochar).

    Parameters
    ----------
    character
        Its id, or its name.
    output
        The file; the character's name in this folder where left out. It must not be there yet.
    """
    from mutoscope.characters import consent, owner
    from mutoscope.characters.packing import filename, pack
    from mutoscope.storage.media import MediaStore

    with opened(data, config) as (records, settings):
        one = owner.found(records, character, project)
        notice = consent.told(one.name, one.faces, one.consent, "export", time.time())
        said = consent.permitted(notice, settings.characters.faces, strict=False)
        place = Path(filename(one)) if output is None else output
        if place.exists():
            raise BadInput(f"{place} is there already; name another with --output")
        try:
            handle, beside = tempfile.mkstemp(".part", ".character-", place.parent)
            os.close(handle)
            try:
                pack(one, MediaStore(settings.server.data / "media"), Path(beside))
                os.chmod(beside, 0o644)
                os.replace(beside, place)
            except BaseException:
                Path(beside).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise CannotWrite(f"{place} cannot be written: {error.strerror}") from None
    if as_json:
        print_json({"id": one.id, "file": str(place), "bytes": place.stat().st_size})
    else:
        print(place)
    for each in said:
        print(f"mutoscope: {each.message}", file=sys.stderr)


def import_(
    file: Path,
    *,
    name: str | None = None,
    project: str = "default",
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Take a character in from the file that an export wrote. It gets an id of its own.

    Parameters
    ----------
    file
        The file.
    name
        Another name for it.
    project
        Whose it becomes.
    """
    from mutoscope.characters.arriving import stored
    from mutoscope.characters.model import PREFIX, checked_name
    from mutoscope.characters.packed import Bounds
    from mutoscope.characters.store import Characters
    from mutoscope.characters.unpacking import unpack
    from mutoscope.cli.characters_shown import tell
    from mutoscope.storage.ids import new_id
    from mutoscope.storage.media import MediaStore

    if not file.is_file():
        raise BadInput(f"{file}: there is no such file")
    called = None if name is None else checked_name(name)
    with (
        opened(data, config) as (records, settings),
        tempfile.TemporaryDirectory(prefix="mutoscope-") as folder,
    ):
        limits = settings.limits
        bounds = Bounds(
            image=limits.image_bytes, film=limits.video_bytes, whole=limits.request_bytes
        )
        found = unpack(file, Path(folder), bounds)
        media = MediaStore(settings.server.data / "media")
        source, frames, origin = stored(found, media, file.name)
        one = asyncio.run(
            Characters(records).create(
                new_id(PREFIX),
                project,
                called or found.manifest.name,
                found.manifest.description,
                source=source,
                frames=frames,
                origin=origin,
                consent=found.consent,
            )
        )
    tell(one, as_json)
