"""A backup: a folder, or one tar file, of the same layout as a data folder.

::

    BACKUP/backup.json       what it is: versions, when, how many rows and files
    BACKUP/records.sqlite3   the records at one moment, whichever database they live in
    BACKUP/media/ab/abcd…    the media that they need, each by its SHA-256
    BACKUP/mutoscope.toml    the settings, where the data folder has some

The server may be running. Media are linked before and after the records are read, so that what is deleted
or made meanwhile is there if the records speak of it. On one disk a link costs nothing: media are
never written again.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import text

from mutoscope import __version__
from mutoscope.errors import BadInput, CannotWrite
from mutoscope.storage.database import Database
from mutoscope.storage.migrate import migrate, revisions
from mutoscope.storage.postgres import AT_LEISURE
from mutoscope.storage.records import Records
from mutoscope.storage.sqlite import FILE, SQLite
from mutoscope.storage.tables import metadata
from mutoscope.storage.transfer import LEFT_OUT, transfer

MANIFEST = "backup.json"
MEDIA = "media"
SETTINGS = "mutoscope.toml"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What `backup.json` says. `missing`: media that the records need and that were not there."""

    mutoscope: str
    tables: str
    made: str
    database: str
    rows: dict[str, int]
    files: int
    bytes: int
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Backup:
    path: Path
    manifest: Manifest


def back_up(records: Records, target: Path) -> Backup:
    """Write a backup of these records and the media of their data folder. `target` is a folder that is
    not there yet or is empty, or a file whose name ends in .tar. It takes its name when all is in it."""
    single = _single(target)
    _free(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # a file's parts are gathered beside the media, where links are possible
        beside = records.folder if single else target.parent
        with _temporary(beside, target.name) as folder:
            manifest = _fill(records, folder)
            if single:
                _pack(folder, target)
            else:
                with contextlib.suppress(OSError):
                    target.rmdir()
                folder.rename(target)
    except (OSError, sqlite3.Error) as error:
        said = getattr(error, "strerror", None) or error
        raise CannotWrite(f"{target} cannot be written: {said}") from None
    return Backup(target, manifest)


def _single(target: Path) -> bool:
    """Whether the backup is one file. `BadInput` for names of other archives."""
    if target.suffix in (".gz", ".tgz", ".zip", ".xz", ".zst"):
        raise BadInput(
            f"{target} is no name for a backup; it must be a folder, or a file that ends in .tar "
            "(films are compressed already)"
        )
    return target.suffix == ".tar"


def _free(target: Path) -> None:
    if target.is_dir() and not any(target.iterdir()):
        return
    if os.path.lexists(target):
        raise BadInput(f"{target} is there already; give a name that is not taken")


@contextlib.contextmanager
def _temporary(beside: Path, name: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(dir=beside, prefix=f".{name}."))
    try:
        yield folder
    finally:
        if folder.exists():
            shutil.rmtree(folder)


def _fill(records: Records, folder: Path) -> Manifest:
    store = records.folder / MEDIA

    def link() -> None:
        link_media(store, folder / MEDIA)

    link()
    live = records.database
    if isinstance(live, SQLite):
        rows = _copy_sqlite(live, folder / FILE, link)
    else:
        rows = _copy_postgres(live, folder / FILE, link)
    needed = _needed(folder / FILE)
    here = {sha256 for sha256 in needed if (folder / MEDIA / sha256[:2] / sha256).is_file()}
    _drop_needless(folder / MEDIA, here)
    with contextlib.suppress(FileNotFoundError):
        shutil.copy2(records.folder / SETTINGS, folder / SETTINGS)
    manifest = Manifest(
        mutoscope=__version__,
        tables=revisions()[-1],
        made=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        database=records.dialect,
        rows=rows,
        files=len(here),
        bytes=sum(needed[sha256] for sha256 in here),
        missing=len(needed) - len(here),
    )
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
    return manifest


def link_media(store: Path, target: Path) -> None:
    """Link every medium of a store into a folder of the same layout, or copy it where the disk is
    another; those that are there already stay."""
    target.mkdir(exist_ok=True, mode=0o700)
    for shard in store.glob("[0-9a-f][0-9a-f]"):
        with contextlib.suppress(FileNotFoundError):  # a shard goes with its last medium
            for name in os.listdir(shard):
                _link(shard / name, target / shard.name / name)


def _link(file: Path, place: Path) -> None:
    if place.exists():
        return
    place.parent.mkdir(exist_ok=True)
    with contextlib.suppress(FileNotFoundError):  # deleted since it was listed
        try:
            os.link(file, place)
        except FileNotFoundError:
            raise
        except OSError:  # another disk, or one without links
            shutil.copy2(file, place)


def _drop_needless(media: Path, needed: set[str]) -> None:
    for place in media.glob("??/*"):
        if place.name not in needed:
            place.unlink()
    for shard in media.iterdir():
        with contextlib.suppress(OSError):
            shard.rmdir()


def _copy_sqlite(source: SQLite, target: Path, meanwhile: Callable[[], None]) -> dict[str, int]:
    """The records at one moment → a SQLite file of their own; the number of rows by table. `meanwhile`
    is called when that moment has come."""
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))
    with (
        contextlib.closing(sqlite3.connect(source.path, isolation_level=None)) as live,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        live.execute("BEGIN")
        live.execute("SELECT count(*) FROM alembic_version").fetchall()
        meanwhile()
        live.backup(copy)  # writers go on beside it, in the WAL
        copy.execute("PRAGMA journal_mode = DELETE")
        if (found := copy.execute("PRAGMA quick_check").fetchone()[0]) != "ok":
            raise CannotWrite(f"{source.path} is damaged ({found})")
        names = [table.name for table in metadata.sorted_tables if table.name not in LEFT_OUT]
        counted = (copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names)
        return dict(zip(names, counted, strict=True))


def _copy_postgres(source: Database, target: Path, meanwhile: Callable[[], None]) -> dict[str, int]:
    """The same of PostgreSQL."""
    copy = SQLite(target)
    migrate(copy)
    moment = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with source.writes.connect().execution_options(**moment) as live, copy.writes.begin() as into:
        live.execute(AT_LEISURE)
        live.execute(text("SELECT count(*) FROM alembic_version"))
        meanwhile()
        rows = transfer(live, into)
    with contextlib.closing(sqlite3.connect(target)) as closing:
        closing.execute("PRAGMA journal_mode = DELETE")
    return rows


def _needed(records: Path) -> dict[str, int]:
    """The length of each medium that the records need, by its SHA-256."""
    with contextlib.closing(sqlite3.connect(records)) as source:
        return dict(source.execute("SELECT sha256, length FROM media_uses"))


def _pack(folder: Path, target: Path) -> None:
    """The folder as one tar file, which takes its name when it is whole."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as out, tarfile.open(fileobj=out, mode="w") as archive:
            for place in sorted(folder.rglob("*")):
                if place.is_file():
                    archive.add(place, arcname=place.relative_to(folder).as_posix())
            archive.close()
            out.flush()
            os.fsync(out.fileno())
        os.rename(name, target)
    except BaseException:
        os.unlink(name)
        raise
