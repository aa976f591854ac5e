"""`mutoscope backup` and `mutoscope restore`: a server's records and media, at one moment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from mutoscope.cli.records import print_json

Json = Annotated[bool, Parameter(name="--json", negative="")]


def backup(
    target: Path, *, data: Path | None = None, config: Path | None = None, as_json: Json = False
) -> None:
    """Back up a server's records and media, while it runs or not.

    Parameters
    ----------
    target
        A folder that is not there yet, where media are linked if it is on the same disk, or a file that
        ends in .tar.
    data
        The server's data folder.
    config
        The server's settings file.
    as_json
        Print JSON.
    """
    from mutoscope.configure import load
    from mutoscope.errors import BadInput
    from mutoscope.storage.backup import back_up
    from mutoscope.storage.records import Records

    settings, _ = load(config, given={"server.data": data})
    folder, url = settings.server.data, settings.server.database
    if not url and not (folder / "records.sqlite3").is_file():
        raise BadInput(f"{folder} has no records to back up; name the data folder with --data")
    with Records.open(url, folder, exclusive=False) as records:
        made = back_up(records, target)
    manifest = made.manifest
    if as_json:
        print_json({"path": str(made.path), **msgspec.to_builtins(manifest)})
        return
    jobs = manifest.rows.get("jobs", 0)
    print(f"{made.path}: {counted(jobs, 'job')}, {media(manifest.files, manifest.bytes)}")
    if manifest.missing:
        print(f"{counted(manifest.missing, 'file')} that the records name had been lost before")


def restore(
    source: Path,
    *,
    data: Path | None = None,
    config: Path | None = None,
    skip_damaged: bool = False,
    as_json: Json = False,
) -> None:
    """Restore a backup into an empty data folder (and an empty PostgreSQL, where the settings name one).

    Every file is compared with its SHA-256 first.

    Parameters
    ----------
    source
        The backup: its folder or its .tar file.
    data
        The data folder to fill.
    config
        The server's settings file.
    skip_damaged
        Leave out media that are not what was backed up, in place of refusing all.
    as_json
        Print JSON.
    """
    from mutoscope.configure import load
    from mutoscope.storage.restore import restore as restored

    settings, _ = load(config, given={"server.data": data})
    folder, url = settings.server.data, settings.server.database
    done = restored(source, folder, url, skip_damaged=skip_damaged)
    if as_json:
        print_json({"data": str(folder), **msgspec.to_builtins(done)})
        return
    print(f"{folder}: {counted(done.rows, 'row')}, {media(done.files, done.bytes)}, all verified")
    for name in done.damaged:
        print(f"left out, for it is damaged: {name}")


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def media(files: int, size: int) -> str:
    return f"{counted(files, 'media file')} of {size / 1e6:,.1f} MB"
