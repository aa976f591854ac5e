"""A backup becomes a data folder again: read, verified and complete, or nothing of it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgspec
from sqlalchemy import Connection

from mutoscope.errors import BadInput, CannotWrite, MutoscopeError
from mutoscope.storage.address import database
from mutoscope.storage.backup import MANIFEST, MEDIA, SETTINGS, Manifest, link_media
from mutoscope.storage.database import Database
from mutoscope.storage.lock import NAME, FolderLock
from mutoscope.storage.migrate import migrate, revisions
from mutoscope.storage.postgres import AT_LEISURE
from mutoscope.storage.sqlite import FILE, SQLite
from mutoscope.storage.tables import metadata
from mutoscope.storage.transfer import filled, transfer


@dataclass(frozen=True, slots=True)
class Restored:
    """`damaged`: media whose content is not what their name says; they were left out."""

    manifest: Manifest
    rows: int
    files: int
    bytes: int
    damaged: tuple[str, ...]


def restore(source: Path, data: Path, url: str = "", *, skip_damaged: bool = False) -> Restored:
    """Restore a backup (a folder or a tar file) into an empty data folder, and into a PostgreSQL without
    rows where `url` names one. Every medium is read and compared with its SHA-256 first: `BadInput`
    names the damaged ones, unless they are to be left out. What a server held is free again."""
    lock = FolderLock(data)
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        _empty(data)
        lock.take()
        with _unpacked(source, data) as folder:
            manifest = _manifest(folder, source)
            damaged = _verify(folder, source)
            if damaged and not skip_damaged:
                raise BadInput(_damage(source, damaged))
            place = SQLite(folder / FILE)
            migrate(place)
            _let_go(folder / FILE)
            target = database(url, data) if url else None
            for name in damaged:
                (folder / MEDIA / name[:2] / name).unlink()
            if target is None:
                rows = _rows(folder / FILE)
                files, size = _move(folder, data)
                os.rename(folder / FILE, data / FILE)
            else:
                with _into(target) as rows_of, place.reads.connect() as records:
                    rows = rows_of(records)
                    files, size = _move(folder, data)
    except (OSError, sqlite3.Error) as error:
        said = getattr(error, "strerror", None) or error
        raise CannotWrite(f"{data} cannot be written: {said}") from None
    finally:
        lock.release()
    return Restored(manifest, rows, files, size, tuple(damaged))


def _empty(data: Path) -> None:
    taken = [path.name for path in data.iterdir() if path.name not in (NAME, SETTINGS)]
    if taken:
        raise BadInput(
            f"{data} is not empty ({', '.join(sorted(taken)[:3])}); restore into a folder of its own, "
            "or move that away first"
        )


@contextlib.contextmanager
def _unpacked(source: Path, data: Path) -> Iterator[Path]:
    """The backup's files in a folder beside their place, to be moved."""
    folder = Path(tempfile.mkdtemp(dir=data, prefix=".restoring."))
    try:
        if source.is_dir():
            for name in (MANIFEST, FILE, SETTINGS):
                with contextlib.suppress(FileNotFoundError):
                    shutil.copy2(source / name, folder / name)
            if (source / MEDIA).is_dir():
                link_media(source / MEDIA, folder / MEDIA)
        elif source.is_file():
            _untar(source, folder)
        else:
            raise BadInput(f"{source} is not there; name a backup's folder or its .tar file")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _untar(source: Path, folder: Path) -> None:
    try:
        with tarfile.open(source, "r:") as archive:
            for member in archive:
                _take(archive, member, folder, source)
    except tarfile.TarError as error:
        raise BadInput(f"{source} is no backup, or is damaged: {error}") from None


def _take(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, source: Path) -> None:
    """Write one file of the archive into the folder, and nowhere else."""
    name = PurePosixPath(member.name)
    if member.isdir():
        return
    if not member.isreg() or name.is_absolute() or ".." in name.parts:
        raise BadInput(f"{source} is no backup: it holds {member.name[:80]!r}")
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    content = archive.extractfile(member)
    assert content is not None  # it is a regular file
    with content, place.open("xb") as out:
        shutil.copyfileobj(content, out, 1 << 20)


def _manifest(folder: Path, source: Path) -> Manifest:
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (FileNotFoundError, msgspec.MsgspecError):
        raise BadInput(
            f"{source} is no backup: it has no {MANIFEST} that can be read; "
            "`mutoscope backup` writes one"
        ) from None
    if manifest.tables not in revisions():
        raise BadInput(
            f"{source} was made by Mutoscope {manifest.mutoscope}, which is newer than this one; "
            "install that version to restore it",
            code="records_newer",
        )
    return manifest


def _verify(folder: Path, source: Path) -> list[str]:
    """Read everything; the media that are not what their names say."""
    with contextlib.closing(sqlite3.connect(folder / FILE)) as records:
        try:
            found = records.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            found = str(error)
    if found != "ok":
        raise BadInput(f"the records in {source} are damaged ({found}); take another backup")
    damaged = []
    for place in sorted((folder / MEDIA).glob("??/*")):
        with place.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != place.name:
                damaged.append(place.name)
    return damaged


def _damage(source: Path, damaged: list[str]) -> str:
    shown = ", ".join(f"{name[:16]}…" for name in damaged[:3])
    return (
        f"{len(damaged)} of the media in {source} are not what was backed up ({shown}); take another "
        "backup, or leave them out with --skip-damaged"
    )


def _let_go(path: Path) -> None:
    """No server that is at work now holds a job of these records."""
    with contextlib.closing(sqlite3.connect(path)) as records, records:
        records.execute("UPDATE jobs SET lease_owner = NULL, lease_until = NULL")
        records.execute("UPDATE deliveries SET lease_until = NULL")
        records.execute("DELETE FROM commits")
    with contextlib.closing(sqlite3.connect(path)) as records:
        records.execute("PRAGMA journal_mode = DELETE")


def _rows(path: Path) -> int:
    with contextlib.closing(sqlite3.connect(path)) as records:
        return sum(
            records.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()[0]
            for table in metadata.sorted_tables
        )


@contextlib.contextmanager
def _into(target: Database) -> Iterator[Callable[[Connection], int]]:
    """A function that copies all rows into an empty database; they are there when the context ends
    without an error, and none of them otherwise."""
    try:
        migrate(target)
        with target.writes.begin() as into:
            into.execute(AT_LEISURE)
            if taken := filled(into):
                raise BadInput(
                    f"{target.name} has rows already (in {', '.join(taken[:3])}); restore into an "
                    "empty database"
                )
            yield lambda source: sum(transfer(source, into).values())
    except MutoscopeError:
        raise
    except Exception as error:
        if (said := target.explain(error)) is not None:
            raise said from None
        raise


def _move(folder: Path, data: Path) -> tuple[int, int]:
    """Media and settings take their place; files and bytes of the media."""
    sizes = []
    for place in (folder / MEDIA).glob("??/*"):
        place.chmod(0o444)
        sizes.append(place.stat().st_size)
    (folder / MEDIA).mkdir(exist_ok=True)
    os.rename(folder / MEDIA, data / MEDIA)
    if (folder / SETTINGS).exists() and not (data / SETTINGS).exists():
        os.rename(folder / SETTINGS, data / SETTINGS)
    return len(sizes), sum(sizes)
